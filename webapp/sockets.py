"""The events of docs/protocol.md: what comes in is checked, given to the visitor's session, and answered."""

import logging
import time
from typing import Any

from flask import request
from flask_socketio import SocketIO, disconnect

from webapp import class_sockets, frame_path, memory, packets
from webapp.classes import PUPIL_COOKIE, Classes
from webapp.concurrency import Concurrency
from webapp.config import Settings
from webapp.core import protocol
from webapp.core.decoder import Language
from webapp.core.frames import FrameError
from webapp.core.motion import Joints, joints_as_signed
from webapp.core.protocol import Frame, Mode, ProtocolError
from webapp.core.refusal import error_reply
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.keeping import state_of
from webapp.recogniser import Recogniser, SupersededError
from webapp.sessions import Sessions, Visitor
from webapp.storage.keeper import Keeper

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10


def register(
    socketio: SocketIO,
    recogniser: Recogniser,
    sessions: Sessions,
    keeper: Keeper,
    settings: Settings,
    language: Language,
    concurrency: Concurrency,
    classes: Classes | None = None,
) -> None:
    """Attach the event handlers to `socketio`; words are proposed in `language`.

    With `classes` a pupil's connection is known by its cookie, where the page says that it is the one for the class.
    """
    cards = recogniser.cards
    models = tuple(cards)
    first_model = "letters" if "letters" in cards else models[0]

    def settings_of(mode: Mode) -> dict[str, Any]:
        return {"model": mode.model, "pace": mode.pace, "hold_seconds": mode.hold_seconds, "hand": mode.hand}

    def visitor(sid: str) -> Visitor:
        found = sessions.get(sid)
        if found is None:
            raise ProtocolError("no_session", "This connection was replaced by a newer one of the same page.")
        return found

    @socketio.on("connect")
    def connect(auth: object = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        sid = request.sid  # type: ignore[attr-defined]
        in_class = classes if isinstance(auth, dict) and auth.get("class") is True else None
        place = class_sockets.place_of(in_class, request.cookies.get(PUPIL_COOKIE))
        seat = place.seat
        if seat and (spelled := sessions.reclaim(token)):
            seat.wrote((seat.text + spelled)[: settings.text_limit])
        fresh = Session(first_model, settings.text_limit, language, seat.text if seat else "")
        joined, resumed, replaced = sessions.join(sid, token, fresh, time.monotonic(), seat)
        joined.seat_unknown = place.unknown
        session = joined.session
        socketio.emit(
            "hello",
            {
                "protocol": protocol.VERSION,
                "models": {
                    name: {
                        "version": card.version,
                        "labels": list(card.labels),
                        "input_px": card.input.size,
                        # Measured on people the network has never seen; a card need not have it.
                        "reliability": card.raw.get("reliability", {}),
                        "confusions": card.often_taken_for(),
                    }
                    for name, card in cards.items()
                },
                "settings": settings_of(session.mode),
                "paces": protocol.PACES,
                "labels": list(cards[session.mode.model].labels),
                "text": session.text,
                "words": session.words,
                "text_limit": settings.text_limit,
                "token": joined.token,
                "resumed": resumed or seat is not None,  # a pupil's text is kept by the class
                "settings_resumed": resumed,
                "keeping": state_of(joined, keeper),
            },
            to=sid,
            ignore_queue=True,
        )
        if in_class:
            class_sockets.welcome(socketio, in_class, place, sid)
        if replaced:
            recogniser.forget(replaced)
            disconnect(replaced, namespace="/")

    @socketio.on("disconnect")
    def leave(reason: str | None = None) -> None:
        sid = request.sid  # type: ignore[attr-defined]
        recogniser.forget(sid)
        gone = sessions.get(sid)
        if gone and gone.seat:
            gone.seat.leave(sid)
        sessions.leave(sid, time.monotonic())

    def frame(sid: str, data: object = None, *_: object) -> dict[str, Any]:
        try:
            return _read(sid, data)
        except (ProtocolError, FrameError) as error:
            answer = error.reply
        except SupersededError:
            message = (
                "A newer frame, or another model or hand, came before this one's turn. "
                "Send the next frame when the last is answered."
            )
            answer = error_reply("superseded", message)
        except Exception as error:
            answer = own_fault(sid, "frame", error)
        return {"seq": protocol.frame_seq(data), **answer}

    # Straight to the server under Flask-SocketIO, which would make Flask's context of an HTTP request for each frame: a
    # tenth of what a frame costs, and a frame needs nothing of it. By WebSocket it comes on a way that is shorter still.
    socketio.server.on("frame", frame)
    frame_path.shorten(socketio.server, frame, concurrency.start)
    packets.drop_unreadable(socketio.server)

    def _read(sid: str, data: object) -> dict[str, Any]:
        me = visitor(sid)
        message = protocol.parse_frame(data)
        with me.lock:
            visitor(sid)  # a newer connection may have taken the session over meanwhile
            if message.seq <= me.last_seq:
                raise ProtocolError(
                    "seq_backwards",
                    f"seq is {message.seq} after {me.last_seq}. Number the frames of a connection upwards.",
                )
            me.last_seq = message.seq
            mode = me.session.mode
        reading = _reading(sid, message, mode)
        with me.lock:
            visitor(sid)
            if message.seq < me.read_seq or (me.session.mode.model, me.session.mode.hand) != (mode.model, mode.hand):
                raise SupersededError  # a newer one was read before it, or it was read for what the person has changed meanwhile
            me.read_seq = message.seq
            joints, hand = _joints(message, mode), message.hand or mode.hand
            reply = {"seq": message.seq, **me.session.read(reading, message.t_seconds, joints, hand)}
            if me.seat:
                me.seat.saw(reply)
            return reply

    def _reading(sid: str, message: Frame, mode: Mode) -> Reading:
        if message.jpeg is None:
            recogniser.forget(sid)  # what still waits is older than this
            return Reading.of_nothing(cards[mode.model].floors)
        return recogniser.read(sid, mode.model, message.jpeg, _is_left(message, mode), message.landmarks)

    @socketio.on("edit")
    def edit(data: object = None, *_: object) -> dict[str, Any]:
        me = visitor(request.sid)  # type: ignore[attr-defined]
        with me.lock:
            problem: dict[str, Any] = {}
            try:
                me.session.edit(protocol.parse_edit(data))
            except ProtocolError as error:
                problem = error.reply
            if me.seat:
                me.seat.wrote(me.session.text)
            return {"text": me.session.text, "words": me.session.words, **problem}

    @socketio.on("vocabulary")
    def vocabulary(data: object = None, *_: object) -> dict[str, Any]:
        me = visitor(request.sid)  # type: ignore[attr-defined]
        own = protocol.parse_vocabulary(data)
        with me.lock:
            me.session.use_words(own)
            return {"use": own.use, "count": len(own.words), "words": me.session.words}

    @socketio.on("mode")
    def mode(data: object = None, *_: object) -> dict[str, Any]:
        me = visitor(request.sid)  # type: ignore[attr-defined]
        with me.lock:
            session = me.session
            problem: dict[str, Any] = {}
            try:
                session.change_mode(protocol.parse_mode(data, session.mode, models))
            except ProtocolError as error:
                problem = error.reply
            return {**settings_of(session.mode), "labels": list(cards[session.mode.model].labels), **problem}

    @socketio.on_error_default
    def failed(error: BaseException) -> dict[str, Any]:
        # Without a reply the page would wait for an answer that never comes.
        if isinstance(error, ProtocolError):
            return error.reply
        event = getattr(request, "event", None) or {}
        return own_fault(request.sid, event.get("message"), error)  # type: ignore[attr-defined]

    def own_fault(sid: str, event: str | None, error: BaseException) -> dict[str, Any]:
        log.error("sid %s, event %s", sid, event, exc_info=error)
        message = "The server made a mistake with this message. It has been logged; go on with the next one."
        return error_reply("server_error", message)


def _is_left(message: Frame, mode: Mode) -> bool:
    return (message.hand or mode.hand) == "left"


def _joints(message: Frame, mode: Mode) -> Joints | None:
    """Where the joints are in the picture; None where the frame does not say both what they are and where its crop is."""
    if message.landmarks is None or message.crop is None:
        return None
    return joints_as_signed(message.landmarks, message.crop, _is_left(message, mode))


def sweep_forever(socketio: SocketIO, sessions: Sessions) -> None:
    """Free what nobody comes back for; runs in the background."""
    while True:
        socketio.sleep(SWEEP_SECONDS)
        sessions.sweep(time.monotonic())
        memory.give_back()
