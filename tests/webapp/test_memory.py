"""What was freed goes back to the system."""

import ctypes
import subprocess
import sys

import pytest

from webapp import memory
from webapp.config import ROOT

FREED = """
from webapp import memory

def resident_mib():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

held = [b"x" * 20_000 for _ in range(4_000)]
stays = held[::100]  # between what stays nothing is given back by itself
before = resident_mib()
del held
memory.give_back()
print(before - resident_mib())
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="this system's C library has no way to",
)
def test_what_was_freed_between_what_stays_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", FREED], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert float(done.stdout) > 50, done.stderr  # of some 75 MiB


def test_a_c_library_without_a_way_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.give_back()
