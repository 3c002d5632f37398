"""The board's connection: a teacher's page is told everything once, and then what changes, a few times a second."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room

from webapp.class_store import Change
from webapp.classes import Classes, Seat
from webapp.core.classroom import ClassError
from webapp.lesson_keeping import LessonKeeping
from webapp.teacher import TEACHER_COOKIE, Teacher

log = logging.getLogger(__name__)

NAMESPACE = "/board"
# Often enough that a letter seems to follow the hand, seldom enough that thirty cameras cost a board six messages a second.
BOARD_SECONDS = 0.18
SWEEP_SECONDS = 0.9
WATCH_SECONDS = 0.5

PUPILS, WAITING = "pupils", "pupils without a seat"
"""Rooms of this server: pages that hear of a class; and those of them that came while the classes were away."""


def register(socketio: SocketIO, classes: Classes, lessons: LessonKeeping, teacher: Teacher) -> None:
    """Attach the board's namespace to `socketio`, and let `classes` tell boards and pupils what concerns them."""
    watched: dict[str, str] = {}  # connection -> code

    @socketio.on("connect", namespace=NAMESPACE)
    def connect(auth: object = None) -> bool:
        """False closes the connection for good: a stranger's, or one for a class that is over."""
        if not teacher.has_cookie(request.cookies.get(TEACHER_COOKIE)):
            return False
        sid = request.sid  # type: ignore[attr-defined]
        try:
            one = classes.get(auth.get("code") if isinstance(auth, dict) else None)
            with classes.telling:
                join_room(one.code)  # first: what changes while all is read comes as news
                shown = classes.watch(one.code)
                watched[sid] = one.code
                socketio.emit("board", shown, to=sid, namespace=NAMESPACE, ignore_queue=True)
        except ClassError:
            return False
        if classes.store.away:
            socketio.emit("away", {"away": True}, to=sid, namespace=NAMESPACE, ignore_queue=True)
        if lessons.waiting:
            tell_whether_waiting(socketio, True, sid)
        return True

    @socketio.on("disconnect", namespace=NAMESPACE)
    def leave(reason: str | None = None) -> None:
        code = watched.pop(request.sid, None)  # type: ignore[attr-defined]
        if code:
            classes.unwatch(code)

    def tell_room(room: str, message: dict[str, Any]) -> None:
        socketio.emit("class", message, to=room)

    def tell_page(connection: str, message: dict[str, Any]) -> None:
        socketio.emit("class", message, to=connection, ignore_queue=True)

    def tell_boards(code: str, event: str, content: dict[str, Any]) -> None:
        socketio.emit(event, content, to=code, namespace=NAMESPACE, ignore_queue=True)

    classes.tell_room, classes.tell_page, classes.tell_boards = tell_room, tell_page, tell_boards
    classes.close = socketio.server.disconnect


@dataclass(frozen=True)
class Place:
    """What a page that hears of its class has there: a seat, or the reason why it has none."""

    seat: Seat | None = None
    over: str | None = None
    unknown: bool = False
    """Nobody can check its cookie just now."""


def place_of(classes: Classes | None, cookie: str | None) -> Place:
    """The place of a page with this cookie; none where it does not hear of `classes`."""
    if classes is None:
        return Place()
    try:
        seat = classes.seat_of(cookie)
        return Place(seat, None if seat else classes.why_over(cookie))
    except ClassError:
        return Place(unknown=True)


def welcome(socketio: SocketIO, classes: Classes, place: Place, sid: str) -> None:
    """Give a page that hears of its class its seat; one whose cookie nobody can check just now will be asked to come again."""
    join_room(PUPILS)
    if place.seat:
        join_room(place.seat.room)
        place.seat.take(sid)
    elif place.unknown:
        join_room(WAITING)
    else:
        classes.tell_page(sid, {"over": place.over})
    if place.unknown or classes.store.away:
        socketio.emit("away", {"away": True}, to=sid, ignore_queue=True)


def tell_whether_away(socketio: SocketIO, is_away: bool) -> None:
    """Tell the pages on this server that the classes are away, or back."""
    for namespace, room in (("/", PUPILS), (NAMESPACE, None)):
        socketio.emit("away", {"away": is_away}, to=room, namespace=namespace, ignore_queue=True)


def tell_whether_waiting(socketio: SocketIO, is_waiting: bool, sid: str | None = None) -> None:
    """Tell the teacher's pages on this server, or one, that what is to be kept of lessons waits for the database, or no more."""
    socketio.emit("keeping", {"waiting": is_waiting}, to=sid, namespace=NAMESPACE, ignore_queue=True)


def tell_news(classes: Classes) -> None:
    """Tell the boards what has changed since the last call."""
    with classes.telling:
        for code, news in classes.news():
            classes.tell_boards(code, "news", news)


def tell_boards_forever(socketio: SocketIO, classes: Classes) -> None:
    """Bring the news to the boards; runs in the background."""
    while True:
        socketio.sleep(BOARD_SECONDS)
        try:
            tell_news(classes)
        except ClassError:
            pass  # the classes are away, which the sweep tells
        except Exception:  # the next moment's news must still come
            log.exception("the boards could not be told")


def sweep_forever(socketio: SocketIO, classes: Classes) -> None:
    """Keep the classes safe and end those whose time is over; runs in the background."""
    was_away = False
    while True:
        socketio.sleep(SWEEP_SECONDS)
        try:
            classes.sweep()
        except ClassError:
            pass  # they are away, which is told now
        except Exception:  # as above
            log.exception("the classes could not be kept")
        if classes.store.away != was_away:
            was_away = classes.store.away
            tell_whether_away(socketio, was_away)
        if not was_away:
            socketio.emit(
                "again", {}, to=WAITING, ignore_queue=True
            )  # also to who came while nobody noticed that they were away


def hear_others_forever(classes: Classes) -> None:
    """Take in what other servers change; runs in the background."""
    for change in classes.store.hear_others():
        _hear(classes, change)


def _hear(classes: Classes, change: Change) -> None:
    try:
        classes.hear(change)
    except ClassError:
        pass  # the classes are away; when they are back, everybody is told everything
    except Exception:  # as above
        log.exception("what another server changed could not be told")


def watch_keeping_forever(socketio: SocketIO, lessons: LessonKeeping) -> None:
    """Keep what a killed server had not written, and then tell whether keeping must wait; runs in the background."""
    behind, was_waiting = True, False
    while True:
        socketio.sleep(WATCH_SECONDS)
        if behind:
            with suppress(ClassError):  # the classes are away, which the sweep tells
                lessons.put_everybody()
                behind = False
        if lessons.waiting != was_waiting:
            was_waiting = lessons.waiting
            tell_whether_waiting(socketio, was_waiting)
