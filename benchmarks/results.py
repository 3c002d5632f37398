"""What a benchmark says at its end: a table, its goals beside their figures, and the machine it ran on; the same as files."""

import json
import os
import platform
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.status import TICKS_A_SECOND


@dataclass(frozen=True)
class Goal:
    """What was aimed at, and what came out."""

    aim: str
    found: str
    met: bool


@dataclass
class Result:
    """One benchmark's outcome."""

    name: str
    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The rows as a table in Markdown."""
        lines = [self.columns, ["---"] * len(self.columns), *([str(cell) for cell in row] for row in self.rows)]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def text(self) -> str:
        """Everything, for people."""
        goals = "\n".join(f"- {'met' if goal.met else 'NOT MET'}: {goal.aim}: {goal.found}" for goal in self.goals)
        return "\n\n".join(part for part in (self.table(), goals, "\n".join(self.notes)) if part)


def options(doc: str | None) -> ArgumentParser:
    """A command line with `--out`."""
    own = ArgumentParser(description=doc, formatter_class=RawDescriptionHelpFormatter)
    own.add_argument(
        "--out", type=Path, metavar="DIR", help="write the table, the figures behind it and a picture here"
    )
    return own


def finish(result: Result, out: Path | None) -> None:
    """Print the result and, where `out` is given, write it there as Markdown and JSON."""
    print(f"\n{result.text()}")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{result.name}.md").write_text(result.text() + "\n", encoding="utf-8")
        (out / f"{result.name}.json").write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")


def progress(words: str) -> None:
    """Say on standard error what is being done."""
    print(words, file=sys.stderr, flush=True)


class Others:
    """How much of the cores went to programs that are no part of the benchmark, from its making to `share`."""

    def __init__(self) -> None:
        self._busy, self._since = _busy_seconds(), time.monotonic()

    def share(self, own_cpu_seconds: float) -> float:
        """0..1 of all cores, after the benchmark's own processes have taken so many seconds of them."""
        busy = _busy_seconds() - self._busy - own_cpu_seconds
        return max(0.0, busy / (time.monotonic() - self._since) / (os.cpu_count() or 1))


def _busy_seconds() -> float:
    user, nice, system, _, _, interrupt, soft, *_ = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + interrupt + soft) / TICKS_A_SECOND


def machine() -> str:
    """The machine in a sentence."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = models[0].split(":", 1)[1].strip() if models else platform.processor()
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}."
