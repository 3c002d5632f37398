"""How far a long piece of work has come, said now and then on standard error."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_TELL_SECONDS = 2.0


def counted(items: Sequence[Item], done: str) -> Iterator[Item]:
    """The items, with a line like "120 of 400 tracked, 9 s left" every two seconds; `done` is its verb."""
    started = told = time.monotonic()
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= _TELL_SECONDS and count < len(items):
            told = now
            left = (now - started) / count * (len(items) - count)
            print(f"{count:,} of {len(items):,} {done}, {left:.0f} s left", file=sys.stderr)
