"""What a process keeps and takes, from /proc: memory, threads, files, time of the processor."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Status:
    """A process with its children."""

    memory_mib: float
    threads: int
    files: int
    cpu_seconds: float


def status_of(process_id: int) -> Status:
    """The process's own figures and those of its children, summed."""
    found = [_own(member) for member in _family(process_id)]
    return Status(
        sum(own.memory_mib for own in found),
        sum(own.threads for own in found),
        sum(own.files for own in found),
        sum(own.cpu_seconds for own in found),
    )


def _family(process_id: int) -> list[int]:
    return [process_id, *(member for child in children_of(process_id) for member in _family(child))]


def children_of(process_id: int) -> list[int]:
    """The processes that it has started, by whichever of its threads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            if int(_fields(stat)[1]) == process_id:
                found.append(int(stat.parent.name))
    return found


def _fields(stat: Path) -> list[str]:
    """What /proc says of a process after its name, which may hold anything: its state, its parent …"""
    return stat.read_text().rsplit(")", 1)[1].split()


def _own(process_id: int) -> Status:
    folder = Path("/proc") / str(process_id)
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    times = _fields(folder / "stat")
    cpu_seconds = (int(times[11]) + int(times[12])) / TICKS_A_SECOND
    files = len(list((folder / "fd").iterdir()))
    return Status(int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"]), files, cpu_seconds)
