"""Play frames to a real server at full speed for minutes, and watch what it keeps: memory, threads, files, what waits.

    python -m benchmarks.soak --minutes 10 --clients 1

Each client sends its next frame as soon as the last is answered. The pictures are noise on flat colours, so decoding
and inference are as dear as for any photograph. Prints a table as it goes and the slope of the memory at the end.
"""

import argparse
import threading
import time
from pathlib import Path

import numpy as np

from tests.colours import jpeg_of
from tests.replay import Client
from tests.server import Server

SIDE_PX = 160
PICTURES = 50


def pictures(seed: int) -> list[bytes]:
    """Crops of the size that the page sends, as JPEG bytes."""
    random = np.random.default_rng(seed)
    flat = random.integers(0, 256, (PICTURES, 1, 1, 3))
    noise = random.normal(0, 12, (PICTURES, SIDE_PX, SIDE_PX, 1))
    return [jpeg_of(picture) for picture in np.clip(flat + noise, 0, 255)]


def status_of(process_id: int) -> tuple[float, int, int, float]:
    """Resident memory in MiB, threads, open files, and seconds of CPU of a process, from /proc."""
    folder = Path("/proc") / str(process_id)
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    times = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    cpu_seconds = (int(times[11]) + int(times[12])) / 100
    files = len(list((folder / "fd").iterdir()))
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"]), files, cpu_seconds


class Camera(threading.Thread):
    """One client at full speed until told to stop."""

    def __init__(self, url: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self.errors = 0
        self.slowest_seconds = 0.0
        self.stopping = threading.Event()
        self._url = url
        self._pictures = pictures(seed)
        self.start()

    def run(self) -> None:
        with Client(self._url) as client:
            while not self.stopping.is_set():
                started = time.monotonic()
                ack = client.frame(self._pictures[self.answered % PICTURES], step_milliseconds=33)
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
                self.answered += 1
                self.errors += "error" in ack
                if self.answered % 1000 == 0:
                    client.edit("clear")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long to play (default: 10)")
    parser.add_argument("--clients", type=int, default=1, help="how many at once (default: 1)")
    parser.add_argument("--every", type=float, default=30, help="seconds between two rows (default: 30)")
    parser.add_argument(
        "--async-mode", choices=("eventlet", "threading"), default="eventlet", help="how the server waits"
    )
    arguments = parser.parse_args()

    server = Server(HANDSPELL_ASYNC_MODE=arguments.async_mode)
    cameras = [Camera(server.url, seed) for seed in range(arguments.clients)]
    started = time.monotonic()
    rows: list[tuple[float, float]] = []
    print(f"{arguments.async_mode}, {arguments.clients} client(s), {arguments.minutes:g} minutes, {SIDE_PX} px crops")
    print("minute  answered  frames/s  errors  memory MiB  threads  files  CPU ms/frame")
    try:
        answered_before, cpu_before, at_before = 0, 0.0, started
        while time.monotonic() - started < arguments.minutes * 60:
            time.sleep(arguments.every)
            now = time.monotonic()
            memory, threads, files, cpu = status_of(server.process.pid)
            answered = sum(camera.answered for camera in cameras)
            errors = sum(camera.errors for camera in cameras)
            fresh = max(1, answered - answered_before)
            rows.append((now - started, memory))
            print(
                f"{(now - started) / 60:6.1f}  {answered:8d}  {fresh / (now - at_before):8.0f}  {errors:6d}  {memory:10.1f}"
                f"  {threads:7d}  {files:5d}  {1000 * (cpu - cpu_before) / fresh:12.2f}",
                flush=True,
            )
            answered_before, cpu_before, at_before = answered, cpu, now
    finally:
        for camera in cameras:
            camera.stopping.set()
        for camera in cameras:
            camera.join(timeout=10)
        server.stop()
    warm = [row for row in rows if row[0] >= 60] or rows
    if len(warm) >= 2:
        slope = np.polyfit([at / 60 for at, _ in warm], [memory for _, memory in warm], 1)[0]
        growth = warm[-1][1] - warm[0][1]
        print(f"memory after warm-up: {growth:+.1f} MiB, slope {slope:+.3f} MiB a minute")
    print(f"slowest answer: {1000 * max(camera.slowest_seconds for camera in cameras):.0f} ms")


if __name__ == "__main__":
    main()
