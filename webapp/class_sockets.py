"""The board's connection: a teacher's page is told everything once, and then what changes, a few times a second."""

import logging
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room

from webapp.classes import Classes
from webapp.core.classroom import ClassError
from webapp.teacher import TEACHER_COOKIE, Teacher

log = logging.getLogger(__name__)

NAMESPACE = "/board"
# Often enough that a letter seems to follow the hand, seldom enough that thirty cameras cost a board six messages a second.
BOARD_SECONDS = 0.18
SWEEP_SECONDS = 0.9


def register(socketio: SocketIO, classes: Classes, teacher: Teacher) -> None:
    """Attach the board's namespace to `socketio`, and let `classes` tell pupils what concerns them."""
    watched: dict[str, str] = {}  # connection -> code

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(auth: object = None) -> bool:
        """False closes the connection for good: a stranger's, or one for a class that is over."""
        if not teacher.has_cookie(request.cookies.get(TEACHER_COOKIE)):
            return False
        sid = request.sid  # type: ignore[attr-defined]
        try:
            shown = classes.watch(auth.get("code") if isinstance(auth, dict) else None)
        except ClassError:
            return False
        watched[sid] = shown["class"]["code"]
        join_room(watched[sid])
        socketio.emit("board", shown, to=sid, namespace=NAMESPACE)
        return True

    @socketio.on("disconnect", namespace=NAMESPACE)
    def leave(reason: str | None = None) -> None:
        code = watched.pop(request.sid, None)  # type: ignore[attr-defined]
        if code:
            classes.unwatch(code)

    def tell_pupils(room: str, message: dict[str, Any]) -> None:
        socketio.emit("class", message, to=room)

    classes.tell_pupils = tell_pupils


def tell_boards(socketio: SocketIO, classes: Classes, code: str) -> None:
    """Tell the boards of a class everything anew: a setting was changed, or the class is over."""
    one = classes.store.get_class(code)
    if one is None:
        socketio.emit("over", {}, to=code, namespace=NAMESPACE)
    else:
        socketio.emit("board", classes.everything(one), to=code, namespace=NAMESPACE)


def tell_boards_forever(socketio: SocketIO, classes: Classes) -> None:
    """Bring the news to the boards; runs in the background."""
    while True:
        socketio.sleep(BOARD_SECONDS)
        try:
            for code, news in classes.news():
                socketio.emit("news", news, to=code, namespace=NAMESPACE)
        except Exception:  # the next moment's news must still come
            log.exception("the boards could not be told")


def sweep_forever(socketio: SocketIO, classes: Classes) -> None:
    """Keep the classes safe and end those whose time is over; runs in the background."""
    while True:
        socketio.sleep(SWEEP_SECONDS)
        try:
            for code in classes.sweep():
                tell_boards(socketio, classes, code)
        except Exception:  # as above
            log.exception("the classes could not be kept")
