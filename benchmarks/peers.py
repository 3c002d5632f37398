"""Frames a second beside what people would run instead, on the same pictures and the same cores.

    python -m benchmarks.peers --torch python

Each peer in turn answers as fast as it can: the tutorials' way over the web (benchmarks/tutorial_server.py), a webcam loop in
PyTorch (benchmarks/torch_loop.py, where there is a Python with torch), and Handspell, end to end over its protocol. Cameras
that share a server each wait for their answer before they send the next picture.
"""

import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from benchmarks.cameras import WORD, Line, frames, rush
from benchmarks.crops import Crop, spelled
from benchmarks.results import Goal, Result, finish, machine, options, progress
from tests.server import Server
from webapp.config import ROOT
from webapp.core.bundle import read_card

CAMERAS = 30
TIMES_TUTORIAL, TIMES_TORCH = 50, 10


def tutorial(crops: list[Crop], seconds: float) -> float:
    """Frames a second of the tutorials' server with CAMERAS clients."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tutorial_server"], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            if not url:
                raise RuntimeError("the tutorials' server did not start; it needs TensorFlow (make train)")
            coded = [base64.b64encode(crop.jpeg or b"").decode() for crop in crops]
            messages = [json.dumps({"image": f"data:image/jpeg;base64,{picture}"}) for picture in coded]

            def ask(line: Line, place: int) -> Awaitable[Any]:
                return line.call("frame", messages[place % len(messages)])

            return asyncio.run(rush(url, ask, CAMERAS, seconds)).rate
        finally:
            server.terminate()


def torch_loop(python: str, crops: list[Crop], seconds: float) -> float | None:
    """Pictures a second of the loop in PyTorch; None where that Python has no torch.

    With one thread or with one a core, whichever is faster: where other programs take the cores, several wait for each other.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for place, crop in enumerate(crops):
            files.append(Path(folder) / f"{place}.jpg")
            files[-1].write_bytes(crop.jpeg or b"")
        rates = []
        for threads in (1, os.cpu_count() or 1):
            command = [python, str(ROOT / "benchmarks" / "torch_loop.py"), str(seconds), str(threads), *map(str, files)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode and "ModuleNotFoundError" in done.stderr:
                return None
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            rates.append(float(done.stdout))
    return max(rates)


def ours(crops: list[Crop], seconds: float) -> float:
    """Frames a second of Handspell's server with CAMERAS clients, a hand always in view."""
    server = Server()
    try:
        return asyncio.run(rush(server.url, frames(crops), CAMERAS, seconds)).rate
    finally:
        server.stop()


def main() -> None:
    own = options(__doc__)
    own.add_argument("--seconds", type=float, default=10, help="of each measurement (default: 10)")
    own.add_argument(
        "--torch", metavar="PYTHON", default=sys.executable, help="a Python with torch (default: this one)"
    )
    given = own.parse_args()
    stream, whose = spelled(WORD)
    crops = [crop for crop in stream if crop.jpeg]
    progress("the tutorials' way over the web …")
    over_web = tutorial(crops, given.seconds)
    progress("the webcam loop in PyTorch …")
    loop = torch_loop(given.torch, crops, given.seconds)
    progress("ours …")
    rate = ours(crops, given.seconds)
    result = Result("peers", ("way", "frames/s", "ours is"), notes=[machine(), f"The cameras see {whose}."])
    result.rows = [
        (f"base64 JSON, `model.predict` in the handler, 277,949 parameters, 224 px, {CAMERAS} clients", f"{over_web:.1f}", f"{rate / over_web:.0f} ×"),
        ("a webcam loop in PyTorch, the same network, no web", f"{loop:.1f}" if loop else "skipped: no torch", f"{rate / loop:.1f} ×" if loop else ""),
        (f"Handspell over its protocol, {CAMERAS} clients", f"{rate:.0f}", ""),
    ]  # fmt: skip
    result.goals.append(
        Goal(f"≥ {TIMES_TUTORIAL} × the tutorials' way", f"{rate / over_web:.0f} ×", rate >= TIMES_TUTORIAL * over_web)
    )
    if loop:
        result.goals.append(
            Goal(f"≥ {TIMES_TORCH} × the loop in PyTorch", f"{rate / loop:.1f} ×", rate >= TIMES_TORCH * loop)
        )
    else:
        result.notes.append(
            "The loop in PyTorch was skipped: torch is not installed (--torch names a Python that has it)."
        )
    score = read_card(ROOT / "models" / "twins" / "letters").raw["metrics"]["score"]
    result.notes.append(
        f"Accuracy on strangers: ours {score:.3f} (models/twins/letters). The tutorials' network is untrained here; trained on "
        "the same photographs by training/compare.py it is in docs/results.md, *The six architectures*."
    )
    finish(result, given.out)


if __name__ == "__main__":
    main()
