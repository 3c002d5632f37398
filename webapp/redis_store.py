"""Open classes in Redis, so that several servers share them: a hash for each class, which Redis forgets when its time is over.

Its fields are `class`, and for each pupil `pupil:<id>` (who it is), `task:<id>` (how tasks went), `text:<id>`, `seat:<id>` (the
server and the connection that the pupil sits on now) and `hand:<id>` (what the hand shows); for each team of a relay
`baton:<team>`. No write touches another pupil's fields, nor does a name that the teacher changes meet a letter that the pupil's
server counts.
"""

import json
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from threading import Lock
from typing import Any

from redis.exceptions import LockError

from webapp.class_store import Change
from webapp.core.classroom import Class, ClassError, Live, Pupil, class_from_json, pupil_from_json, to_json
from webapp.core.contest import Baton
from webapp.redis_link import RedisLink, class_away

CLASSES = "handspell:classes"
"""The codes of all classes, sorted by when Redis forgets them."""
CHANGES = "handspell:changes"
"""The channel on which servers tell each other of changes: [server, code or null, [pupil, …] or null,
whether pages hear of it]."""

PUPIL_FIELDS = ("pupil", "task", "text", "seat", "hand")

# So long after a class is over that every server has had the time to tell those in it.
FORGET_SECONDS = 60
# A server that has not been heard of for so long is gone, and with it the connections of its pupils.
SERVER_SECONDS = 3
JOIN_SECONDS = 5

SET_WHERE = """
for i = 1, #ARGV, 3 do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then redis.call('HSET', KEYS[1], ARGV[i + 1], ARGV[i + 2]) end
end
"""
"""Sets fields, each where another field stands: who is gone is not brought back. ARGV: the other, the field, its value; …"""

SHOW = """
for i = 2, #ARGV, 3 do
  local seat, hand = 'seat:' .. ARGV[i], 'hand:' .. ARGV[i]
  local taken = redis.call('HGET', KEYS[1], seat)
  local ours = taken and string.sub(taken, 1, #ARGV[1]) == ARGV[1]
  if ARGV[i + 1] == '' then
    if ours then redis.call('HDEL', KEYS[1], seat, hand) end
  elseif redis.call('HEXISTS', KEYS[1], 'pupil:' .. ARGV[i]) == 1 and (ours or not taken) then
    redis.call('HSET', KEYS[1], seat, ARGV[1] .. ' ' .. ARGV[i + 1], hand, ARGV[i + 2])
  end
end
"""
"""What hands show, but of nobody who sits on another server by now. ARGV: our server; id, connection ('' for gone), hand; …"""

PASS = """
local kept = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if kept ~= ARGV[2] or redis.call('HEXISTS', KEYS[1], 'class') == 0 then return 0 end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) and 1
"""
"""Sets a baton that is still the one that was read. ARGV: the field, its value before ('' for none) and after."""


@dataclass(frozen=True)
class _Kept:
    """A class as it was read."""

    raw: Mapping[str, str]
    one: Class
    pupils: Mapping[str, Pupil]
    seats: Mapping[str, str]
    hands: Mapping[str, str]
    batons: Mapping[str, str]


class RedisStore:
    """A ClassStore for several servers. Raises ClassError `class_away` for a write while Redis is away, and for a class never seen.

    What pupils write and what hands show waits then, and reads answer as things last stood.
    """

    shared = True

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._redis = link.client
        self._server = secrets.token_hex(8)
        self._lock = Lock()
        self._seen: dict[str, _Kept] = {}
        self._texts: dict[tuple[str, str], str] = {}  # (code, pupil) -> what Redis has not been told yet
        self._hands: dict[tuple[str, str], tuple[str, Live]] = {}  # the same of what hands show, with the connection
        self._set_where = self._redis.register_script(SET_WHERE)
        self._show = self._redis.register_script(SHOW)
        self._pass = self._redis.register_script(PASS)

    @property
    def away(self) -> bool:
        return self._link.away

    def set_class(self, one: Class) -> None:
        key, until = _key(one.code), int(one.expires) + FORGET_SECONDS

        def write() -> None:
            with self._redis.pipeline() as pipe:
                pipe.hset(key, "class", json.dumps(to_json(one)))
                pipe.expireat(key, until)
                pipe.zadd(CLASSES, {one.code: until})
                pipe.zremrangebyscore(CLASSES, "-inf", time.time())
                pipe.execute()

        self._link.ask(write)

    def get_class(self, code: str) -> Class | None:
        kept = self._read(code)
        return kept.one if kept else None

    def codes(self) -> list[str]:
        try:
            codes: list[str] = self._link.ask(lambda: self._redis.zrangebyscore(CLASSES, time.time(), "+inf"))
        except ClassError:
            return list(self._seen)
        for code in set(self._seen) - set(codes):  # over: no name of it stays in memory
            self._seen.pop(code, None)
        return codes

    def add_pupil(self, code: str, pupil: Pupil) -> None:
        self._set(code, "class", **_fields(pupil))

    def change_pupil(self, code: str, pupil_id: str, **changes: Any) -> Pupil | None:
        pupil = self.get_pupil(code, pupil_id)
        if pupil is None:
            return None
        before, changed = _fields(pupil), replace(pupil, **changes)
        fields = {name: value for name, value in _fields(changed).items() if value != before[name]}
        self._set(code, f"pupil:{pupil_id}", **fields)
        return changed

    def set_text(self, code: str, pupil_id: str, text: str) -> None:
        with self._lock:
            self._texts[code, pupil_id] = text

    def get_pupil(self, code: str, pupil_id: str) -> Pupil | None:
        kept = self._read(code)
        return kept.pupils.get(pupil_id) if kept else None

    def pupils(self, code: str) -> list[Pupil]:
        kept = self._read(code)
        return sorted(kept.pupils.values(), key=lambda pupil: pupil.seat) if kept else []

    def remove_pupil(self, code: str, pupil_id: str) -> None:
        fields = [f"{kind}:{pupil_id}" for kind in PUPIL_FIELDS]
        self._link.ask(lambda: self._redis.hdel(_key(code), *fields))

    def batons(self, code: str) -> dict[str, Baton]:
        kept = self._read(code)
        return {team: Baton(**json.loads(raw)) for team, raw in kept.batons.items()} if kept else {}

    def pass_baton(self, code: str, team: str, before: Baton | None, after: Baton) -> bool:
        args = [f"baton:{team}", _baton_json(before) if before else "", _baton_json(after)]
        return bool(self._link.ask(lambda: self._pass(keys=[_key(code)], args=args)))

    def delete(self, code: str) -> None:
        def forget() -> None:
            self._redis.delete(_key(code))
            self._redis.zrem(CLASSES, code)

        self._link.ask(forget)

    @contextmanager
    def joining(self, code: str) -> Iterator[None]:
        lock = self._redis.lock(
            f"{_key(code)}:joining", timeout=JOIN_SECONDS, sleep=0.01, blocking_timeout=JOIN_SECONDS
        )
        if not self._link.ask(lock.acquire):
            raise class_away()
        try:
            yield
        finally:
            with suppress(LockError, ClassError):  # it has run out by itself
                self._link.ask(lock.release)

    def flush(self) -> bool:
        was_away = self._link.away
        if not self._link.probe():
            return False
        heard_of = self._link.ask(lambda: self._redis.set(self._alive(self._server), 1, ex=SERVER_SECONDS, get=True))
        self._write_texts()
        self._write_hands()
        return was_away or heard_of is None

    def take(self, code: str, pupil_id: str, connection: str) -> str | None:
        def take() -> str | None:
            with self._redis.pipeline() as pipe:
                pipe.hget(_key(code), f"seat:{pupil_id}")
                pipe.hset(_key(code), f"seat:{pupil_id}", f"{self._server} {connection}")
                before: str | None = pipe.execute()[0]
            return before

        with suppress(ClassError):  # the next that the hand shows takes it
            server, _, before = (self._link.ask(take) or "").partition(" ")
            return before if server != self._server and before else None
        return None

    def show(self, code: str, shown: Mapping[str, tuple[str, Live]]) -> None:
        with self._lock:
            self._hands.update({(code, pupil_id): hand for pupil_id, hand in shown.items()})
        with suppress(ClassError):  # the boards of this server are told all the same, the others when Redis is back
            self._write_texts()
            self._write_hands()

    def hands(self, code: str) -> dict[str, Live]:
        kept = self._read(code)
        if kept is None:
            return {}
        gone = self._gone(kept)
        return {
            pupil_id: Live(**json.loads(kept.hands[pupil_id])) if pupil_id in kept.hands else Live(connected=True)
            for pupil_id, seat in kept.seats.items()
            if pupil_id not in gone and not seat.startswith(self._server)
        }

    def lost(self, code: str) -> list[str]:
        kept = self._read(code)
        gone = self._gone(kept) if kept else []
        if gone:
            fields = [f"{kind}:{pupil_id}" for pupil_id in gone for kind in ("seat", "hand")]
            self._link.ask(lambda: self._redis.hdel(_key(code), *fields))
        return gone

    def tell_others(self, code: str | None = None, pupils: Collection[str] | None = None, pages: bool = False) -> None:
        said = json.dumps([self._server, code, None if pupils is None else list(pupils), pages])
        with suppress(ClassError):  # they are told of everything when Redis is back
            self._link.ask(lambda: self._redis.publish(CHANGES, said))

    def hear_others(self) -> Iterator[Change]:
        for said in self._link.listen(CHANGES):
            server, code, pupils, pages = json.loads(said) if said else (None, None, None, False)
            if server != self._server:
                yield Change(code, None if pupils is None else tuple(pupils), pages)

    def _gone(self, kept: _Kept) -> list[str]:
        """The pupils who sat on a server that is no longer heard of; while Redis is away nothing is known of the others."""
        servers = {seat.split(" ")[0] for seat in kept.seats.values()} - {self._server}
        if not servers:
            return []
        try:
            alive = self._link.ask(lambda: self._redis.mget([self._alive(server) for server in servers]))
        except ClassError:
            return []
        silent = {server for server, beat in zip(servers, alive, strict=True) if beat is None}
        return [pupil_id for pupil_id, seat in kept.seats.items() if seat.split(" ")[0] in silent]

    def _alive(self, server: str) -> str:
        return f"handspell:server:{server}"

    def _set(self, code: str, where: str, **fields: str) -> None:
        args = [part for name, value in fields.items() for part in (where, name, value)]
        self._link.ask(lambda: self._set_where(keys=[_key(code)], args=args))

    def _write_texts(self) -> None:
        with self._lock:
            texts = dict(self._texts)
        for (code, pupil_id), text in texts.items():
            self._set(code, f"pupil:{pupil_id}", **{f"text:{pupil_id}": text})
        with self._lock:
            for key, text in texts.items():
                if self._texts.get(key) == text:  # else there is more already
                    del self._texts[key]

    def _write_hands(self) -> None:
        with self._lock:
            hands = dict(self._hands)
        told: dict[str, list[str]] = {}
        for (code, pupil_id), (connection, live) in hands.items():
            told.setdefault(code, [self._server]).extend([pupil_id, connection, json.dumps(asdict(live))])
        for code, args in told.items():
            self._link.ask(partial(self._show, keys=[_key(code)], args=args))
        with self._lock:
            for key, hand in hands.items():
                if self._hands.get(key) == hand:
                    del self._hands[key]

    def _read(self, code: str) -> _Kept | None:
        try:
            raw: dict[str, str] = self._link.ask(lambda: self._redis.hgetall(_key(code)))
        except ClassError:
            if code not in self._seen:
                raise
            kept = self._seen[code]
        else:
            if "class" not in raw:
                self._seen.pop(code, None)
                return None
            kept = self._seen[code] = _kept(raw, self._seen.get(code))
        texts = {pupil_id: text for (of, pupil_id), text in dict(self._texts).items() if of == code}
        newer = {
            pupil_id: replace(kept.pupils[pupil_id], text=text)
            for pupil_id, text in texts.items()
            if pupil_id in kept.pupils
        }
        return replace(kept, pupils={**kept.pupils, **newer})


def _key(code: str) -> str:
    return f"handspell:class:{code}"


def _baton_json(baton: Baton) -> str:
    return json.dumps(asdict(baton))


def _fields(pupil: Pupil) -> dict[str, str]:
    raw = to_json(pupil)
    text = raw.pop("text")
    tasks = {name: raw.pop(name) for name in ("attempt", "record")}
    return {f"pupil:{pupil.id}": json.dumps(raw), f"task:{pupil.id}": json.dumps(tasks), f"text:{pupil.id}": text}


def _kept(raw: dict[str, str], before: _Kept | None) -> _Kept:
    """`raw` as a class; what is as it was `before` is not parsed anew, because every letter of every pupil reads the class."""
    parts: dict[str, dict[str, str]] = {kind: {} for kind in (*PUPIL_FIELDS, "baton")}
    for name, value in raw.items():
        kind, _, key = name.partition(":")
        if key:
            parts[kind][key] = value

    def pupil(pupil_id: str) -> Pupil:
        fields = [f"{kind}:{pupil_id}" for kind in ("pupil", "task", "text")]
        if before and all(before.raw.get(name) == raw.get(name) for name in fields):
            return before.pupils[pupil_id]
        who, tasks, text = (raw.get(name) for name in fields)
        return pupil_from_json({**json.loads(who or "{}"), **json.loads(tasks or "{}"), "text": text or ""})

    pupils = {pupil_id: pupil(pupil_id) for pupil_id in parts["pupil"]}
    one = class_from_json(json.loads(raw["class"]))
    return _Kept(raw, one, pupils, parts["seat"], parts["hand"], parts["baton"])
