"""How far a long piece of work has come, said now and then on standard error."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Item = TypeVar("Item")

_TELL_SECONDS = 2.0


def counted(items: Iterable[Item], done: str) -> Iterator[Item]:
    """The items, with a line like "120 of 400 tracked, 9 s left" every two seconds; `done` is its verb."""
    total = len(items) if isinstance(items, Sized) else None
    started = told = time.monotonic()
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= _TELL_SECONDS and count != total:
            told = now
            left = f", {(now - started) / count * (total - count):.0f} s left" if total else ""
            print(f"{count:,}{f' of {total:,}' if total else ''} {done}{left}", file=sys.stderr)
