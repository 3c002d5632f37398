"""Who is connected, and whose text waits for a dropped connection to come back. Time is an argument, in seconds."""

import secrets
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from webapp.classes import Seat
from webapp.core.session import Session

if TYPE_CHECKING:
    from webapp.keeping import Keeping


@dataclass
class Visitor:
    """A session, the token that it answers to, and what belongs to its present connection."""

    token: str
    session: Session
    last_seq: int = -1
    read_seq: int = -1
    """The newest frame that has been read: one that came before it may be read after it, by another process."""
    keeping: "Keeping | None" = None
    """Set while this visitor's text is kept, across connections."""
    lock: Lock = field(default_factory=Lock, repr=False)
    """Held while the session changes: two messages of one visitor never change it at once."""
    seat: Seat | None = None
    """The visitor's place in a class, which is told what is written; such a session answers to the pupil and to no token."""
    seat_unknown: bool = False
    """Whether it cannot be told yet which pupil's text this is: the classes are away."""

    @property
    def key(self) -> object:
        return self.seat.key if self.seat else self.token


class Sessions:
    """The table of visitors by connection, with a park for those who dropped out."""

    # A flood of connections must not fill the memory with parked texts: the oldest go first.
    MOST_PARKED = 10_000

    def __init__(self, resume_seconds: float) -> None:
        self._resume_seconds = resume_seconds
        self._visitors: dict[str, Visitor] = {}
        self._connection_of: dict[object, str] = {}  # key -> connection
        self._parked: dict[object, tuple[Visitor, float]] = {}  # key -> visitor and when to give up, oldest first
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._visitors)

    @property
    def parked(self) -> int:
        return len(self._parked)

    def get(self, connection: str) -> Visitor | None:
        return self._visitors.get(connection)

    def connected(self) -> list[tuple[str, Visitor]]:
        """Every connection with its visitor."""
        with self._lock:
            return list(self._visitors.items())

    def all(self) -> list[Visitor]:
        """Every visitor, connected or parked."""
        with self._lock:
            return self._everybody()

    def _everybody(self) -> list[Visitor]:
        return [*self._visitors.values(), *(visitor for visitor, _ in self._parked.values())]

    def find(self, token: object) -> Visitor | None:
        """The visitor whose page was given `token`, connected or parked."""
        return next((visitor for visitor in self.all() if visitor.token == token), None)

    def join(
        self, connection: str, token: object, fresh: Session, now: float, seat: Seat | None = None
    ) -> tuple[Visitor, bool, str | None]:
        """Admit a connection: with the session that `token` or, in a class, `seat` stands for, else with `fresh`.

        Returns the visitor, whether a session was resumed, and the connection that it was taken over from, if that one
        had not noticed yet that it is gone.
        """
        with self._lock:
            self._sweep(now)
            # A pupil's key is no text, so that nothing a client sends as its token can be one.
            key = seat.key if seat else token if isinstance(token, str) else None
            replaced = self._connection_of.get(key)
            visitor = None
            if replaced is not None:
                visitor = self._visitors.pop(replaced)
            elif key in self._parked:
                visitor, _ = self._parked.pop(key)
                if seat and visitor.session.text != seat.text:
                    visitor = None  # the pupil has been on another server since
            resumed = visitor is not None
            if visitor is None:
                # A token is only ever one that we gave out: a client cannot choose its own, nor guess another's.
                visitor = Visitor(secrets.token_urlsafe(24), fresh)
            visitor.seat = seat
            self._visitors[connection] = visitor
            self._connection_of[visitor.key] = connection
        # After the connection before has lost its session, so that no late frame of it counts any more.
        with visitor.lock:
            visitor.last_seq = visitor.read_seq = -1
            visitor.session.pause()
        return visitor, resumed, replaced

    def reclaim(self, token: object) -> str:
        """The text that the page with `token` has spelled while its seat was unknown, which it has now; "" where there is none."""
        with self._lock:
            visitor = next((one for one in self._everybody() if one.seat_unknown and one.token == token), None)
            if visitor is None:
                return ""
            visitor.seat_unknown = False  # taken once
            return visitor.session.text

    def leave(self, connection: str, now: float) -> None:
        """Free the connection and park its session. A connection whose session was taken over has nothing left to free."""
        with self._lock:
            visitor = self._visitors.pop(connection, None)
            if visitor is None:
                return
            del self._connection_of[visitor.key]
            self._parked[visitor.key] = visitor, now + self._resume_seconds
            while len(self._parked) > self.MOST_PARKED:
                del self._parked[next(iter(self._parked))]

    def sweep(self, now: float) -> None:
        """Free the sessions that nobody came back for."""
        with self._lock:
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        for key in [key for key, (_, until) in self._parked.items() if until <= now]:
            del self._parked[key]
