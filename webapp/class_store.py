"""Where open classes live, so that a server that is killed and started again finds them as they were.

What is kept is what a restart must bring back: the class, and of each pupil the name, the text and the hash of a secret. The
letters that a hand shows on its way never come here. A class that ends or expires is deleted, from the file too.
"""

import json
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from webapp.core.classroom import Class, Live, Pupil, class_from_json, pupil_from_json, to_json
from webapp.core.contest import Baton

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """What another server has changed."""

    code: str | None = None
    """The class; None: any of them, because something may have been missed."""
    pupils: tuple[str, ...] | None = None
    """Whose hands and texts; None: anything in the class."""
    pages: bool = False
    """Whether these pupils' pages must hear of it, too, and not the boards alone."""


class ClassStore(Protocol):
    """Every write is small and stands alone: two pupils' letters never meet in one."""

    shared: bool
    """Whether other servers have the same classes, and must hear of what hands show here."""

    @property
    def away(self) -> bool:
        """Whether what is shared cannot be reached just now."""

    def set_class(self, one: Class) -> None:
        """Keep a class, new or changed."""

    def get_class(self, code: str) -> Class | None: ...

    def codes(self) -> list[str]:
        """The codes of all classes, the oldest first."""

    def add_pupil(self, code: str, pupil: Pupil) -> None:
        """Keep a new pupil; nothing where the class is over."""

    def change_pupil(self, code: str, pupil_id: str, **changes: Any) -> Pupil | None:
        """Change these fields and no other, and return the pupil; None where there is no such pupil any more."""

    def set_text(self, code: str, pupil_id: str, text: str) -> None:
        """Keep what a pupil has spelled, if there still is such a pupil; never waits: a frame's answer does for it."""

    def get_pupil(self, code: str, pupil_id: str) -> Pupil | None: ...

    def pupils(self, code: str) -> list[Pupil]:
        """The pupils of a class by seat."""

    def remove_pupil(self, code: str, pupil_id: str) -> None: ...

    def batons(self, code: str) -> dict[str, Baton]:
        """The batons of a relay, by team."""

    def pass_baton(self, code: str, team: str, before: Baton | None, after: Baton) -> bool:
        """Keep `after` where `before` is what is kept; returns whether it was: of two who write at once, one."""

    def delete(self, code: str) -> None:
        """Forget a class and all of its pupils."""

    def joining(self, code: str) -> AbstractContextManager[object]:
        """Held while somebody joins: two who join at once must not get one seat."""

    def flush(self) -> bool:
        """Bring what was written since the last call to where a kill cannot reach it; called every second.

        Returns whether we were out of the others' reach: they know nothing of what happened here, nor we of what they did.
        """

    # What other servers are to know: who sits where, and what the hands show.

    def take(self, code: str, pupil_id: str, connection: str) -> str | None:
        """The pupil is on this connection of ours now; returns the one on another server that it replaces."""

    def show(self, code: str, shown: Mapping[str, tuple[str, Live]]) -> None:
        """What hands show: pupil -> connection ("" where it is gone) and hand. Texts are brought to the others before."""

    def hands(self, code: str) -> dict[str, Live]:
        """What the hands of the pupils on other servers show."""

    def lost(self, code: str) -> list[str]:
        """The pupils whose server has gone without a word; each is named once."""

    def tell_others(self, code: str | None = None, pupils: Collection[str] | None = None, pages: bool = False) -> None:
        """Tell the other servers of a change that has been kept, see `Change`. Nobody hears it while the store is away."""

    def hear_others(self) -> Iterator[Change]:
        """What the other servers change, for ever: how things stand is then to be read."""


class LocalStore:
    """Classes in memory, with a snapshot in a file that only this user may read."""

    shared = False
    away = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._joining = Lock()
        self._writing = Lock()
        self._changed = False
        self._classes: dict[str, Class] = {}
        self._pupils: dict[str, dict[str, Pupil]] = {}
        self._batons: dict[str, dict[str, Baton]] = {}
        self._load()

    def set_class(self, one: Class) -> None:
        with self._lock:
            self._classes[one.code] = one
            self._pupils.setdefault(one.code, {})
            self._batons.setdefault(one.code, {})
            self._changed = True

    def get_class(self, code: str) -> Class | None:
        return self._classes.get(code)

    def codes(self) -> list[str]:
        return list(self._classes)

    def add_pupil(self, code: str, pupil: Pupil) -> None:
        with self._lock:
            if code in self._pupils:
                self._pupils[code][pupil.id] = pupil
                self._changed = True

    def change_pupil(self, code: str, pupil_id: str, **changes: Any) -> Pupil | None:
        with self._lock:
            pupil = self._pupils.get(code, {}).get(pupil_id)
            if pupil is None:
                return None
            self._pupils[code][pupil_id] = pupil = replace(pupil, **changes)
            self._changed = True
            return pupil

    def set_text(self, code: str, pupil_id: str, text: str) -> None:
        self.change_pupil(code, pupil_id, text=text)

    def get_pupil(self, code: str, pupil_id: str) -> Pupil | None:
        return self._pupils.get(code, {}).get(pupil_id)

    def pupils(self, code: str) -> list[Pupil]:
        with self._lock:
            return sorted(self._pupils.get(code, {}).values(), key=lambda pupil: pupil.seat)

    def remove_pupil(self, code: str, pupil_id: str) -> None:
        with self._lock:
            self._pupils.get(code, {}).pop(pupil_id, None)
            self._changed = True

    def batons(self, code: str) -> dict[str, Baton]:
        with self._lock:
            return dict(self._batons.get(code, {}))

    def pass_baton(self, code: str, team: str, before: Baton | None, after: Baton) -> bool:
        with self._lock:
            batons = self._batons.get(code)
            if batons is None or batons.get(team) != before:
                return False
            batons[team] = after
            self._changed = True
            return True

    def delete(self, code: str) -> None:
        with self._lock:
            self._classes.pop(code, None)
            self._pupils.pop(code, None)
            self._batons.pop(code, None)
            self._changed = True

    def joining(self, code: str) -> AbstractContextManager[object]:
        return self._joining

    def take(self, code: str, pupil_id: str, connection: str) -> str | None:
        return None

    def show(self, code: str, shown: Mapping[str, tuple[str, Live]]) -> None:
        """Nobody else is to know."""

    def hands(self, code: str) -> dict[str, Live]:
        return {}

    def lost(self, code: str) -> list[str]:
        return []

    def tell_others(self, code: str | None = None, pupils: Collection[str] | None = None, pages: bool = False) -> None:
        """There are none."""

    def hear_others(self) -> Iterator[Change]:
        return iter(())

    def flush(self) -> bool:
        """A disk that is full stops no lesson: it is logged, and tried again at the next call."""
        with self._writing:  # whoever flushes last has all of it written
            with self._lock:
                if not self._changed:
                    return False
                self._changed = False
                snapshot = json.dumps(self._snapshot())
                empty = not self._classes
            try:
                if empty:
                    self._path.unlink(missing_ok=True)
                else:
                    write_private(self._path, snapshot)
            except OSError as error:
                log.error("classes could not be kept in %s: %s", self._path, error)
                self._changed = True
            return False

    def _snapshot(self) -> dict[str, Any]:
        return {
            code: {
                "class": to_json(one),
                "pupils": [to_json(pupil) for pupil in self._pupils[code].values()],
                "batons": {team: asdict(baton) for team, baton in self._batons[code].items()},
            }
            for code, one in self._classes.items()
        }

    def _load(self) -> None:
        """A file that cannot be read is set aside, and the classes begin anew: the lesson must."""
        try:
            snapshot = json.loads(self._path.read_text("utf-8"))
            for code, kept in snapshot.items():
                pupils = [pupil_from_json(raw) for raw in kept["pupils"]]
                self._classes[code] = class_from_json(kept["class"])
                self._pupils[code] = {pupil.id: pupil for pupil in pupils}
                self._batons[code] = {team: Baton(**raw) for team, raw in kept.get("batons", {}).items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            aside = self._path.with_suffix(".unreadable")
            log.error("%s cannot be read (%s); it is set aside as %s", self._path, error, aside.name)
            self._classes, self._pupils, self._batons = {}, {}, {}
            self._path.replace(aside)


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, whole, readable by this user alone; its folder is made where it is missing.

    Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
