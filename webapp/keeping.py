"""Who asked to have what they spell kept, and under which key: each browser has its own, and nobody has all of them.

The key is a secret in a cookie that the page's scripts cannot read; the database knows its hash alone.
"""

import hashlib
import logging
import re
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from flask_socketio import SocketIO

from webapp.core.transcript import Change, Journal
from webapp.sessions import Sessions, Visitor
from webapp.storage.keeper import Keeper
from webapp.storage.store import Head

log = logging.getLogger(__name__)

KEY_BYTES = 32
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")  # so many bytes in base64
# After a pause like this it is another lesson, and another transcript.
GAP_SECONDS = 1800.0
# Hours of spelling; but a script that writes and clears without an end must not have us hold, and write anew, ever more.
MOST_STEPS = 10_000
WATCH_SECONDS = 0.5


def new_key() -> str:
    """A browser's key: 256 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def owner_of(key: str | None) -> str | None:
    """What the database knows a key by; None for what is no key."""
    return hashlib.sha256(key.encode()).hexdigest() if key and _KEY.fullmatch(key) else None


class Keeping:
    """Keeps what one visitor spells from here on. The caller holds the visitor's lock."""

    def __init__(self, owner: str, keeper: Keeper) -> None:
        self.owner = owner
        self._keeper = keeper
        self.begin_anew()

    def begin_anew(self) -> None:
        """The next step begins another transcript."""
        self._head: Head | None = None
        self._last = 0.0
        self._journal = Journal()

    def take(self, change: Change) -> None:
        """Keep one change of the session."""
        if self._keeper.full:
            self._keeper.lose(1)  # the next step that is kept tells what the text has become
            return
        now = time.monotonic()
        if now - self._last > GAP_SECONDS or self._journal.count >= MOST_STEPS:
            self.begin_anew()
        if self._head is None:
            self._head = Head(uuid.uuid4().hex, self.owner, datetime.now(UTC))
            # Not the clock on the wall, which may be put right in the middle of a word.
            self._began = now
        self._last = now
        entries = self._journal.take(change, now - self._began)
        self._keeper.append(self._head, entries, tuple(self._journal.models), self._journal.text)


def switch(visitor: Visitor, owner: str | None, keeper: Keeper) -> None:
    """Keep what a visitor spells for `owner`, or, with None, keep nothing more."""
    with visitor.lock:
        if owner is None:
            visitor.keeping = None
        elif visitor.keeping is None or visitor.keeping.owner != owner:
            visitor.keeping = Keeping(owner, keeper)
        visitor.session.on_change = visitor.keeping.take if visitor.keeping else None


def begin_anew(sessions: Sessions, owner: str) -> None:
    """What the owner's pages spell from here on belongs to new transcripts: the present ones are about to be deleted."""
    for visitor in sessions.all():
        with visitor.lock:
            if visitor.keeping and visitor.keeping.owner == owner:
                visitor.keeping.begin_anew()


def state_of(visitor: Visitor, keeper: Keeper) -> dict[str, Any]:
    """The wire's `keeping`: whether this visitor's text is kept, and how keeping fares."""
    return {"on": visitor.keeping is not None, "waiting": keeper.away is not None, "lost": keeper.lost}


def watch_forever(socketio: SocketIO, sessions: Sessions, keeper: Keeper) -> None:
    """Tell the log and the pages concerned when the database goes away or comes back; runs in the background."""
    known: tuple[bool, int] = (False, 0)
    while True:
        socketio.sleep(WATCH_SECONDS)
        state = keeper.away is not None, keeper.lost
        if state == known:
            continue
        away, lost = state
        if away and not known[0]:
            log.warning("transcripts wait in memory, because the database is away: %s", keeper.away)
        elif known[0] and not away:
            log.info("the database is back; what waited is written")
        if lost > known[1]:
            log.error("%d steps of transcripts could not be kept", lost - known[1])
        known = state
        for connection, visitor in sessions.connected():
            if visitor.keeping:
                socketio.emit("keeping", state_of(visitor, keeper), to=connection, ignore_queue=True)
