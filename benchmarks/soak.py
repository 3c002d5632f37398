"""A long lesson before a real server: cameras that come, drop out and come back, and rude clients; what does the server keep?

    python -m benchmarks.soak --minutes 10 --cameras 30

Every camera spells at ten frames a second. Now and then one's connection is cut without a word, and it comes back with its
token: its text must still be there. Rude clients send what is no frame, no picture, far too much, or vanish in the middle of
a message. Prints a row every half minute, and at the end the slope of the memory, threads, open files and lost texts.
"""

import asyncio
import contextlib
import random
import time

import numpy as np
from websockets.exceptions import ConnectionClosed

from benchmarks.cameras import WORD, Camera, Line, Tally
from benchmarks.crops import spelled
from benchmarks.results import Goal, Result, finish, machine, options, progress
from benchmarks.status import Status, status_of
from tests.server import Server

DROP_SECONDS = (20.0, 60.0)
AWAY_SECONDS = 1.0
RUDE_SECONDS = 0.5
RUDE_PATIENCE_SECONDS = 10.0
WARM_SECONDS = 180.0
"""Until then the memory fills: for two minutes the texts of all who dropped out are kept, and then given back as fast."""
PING_SECONDS = 25.0
"""A connection's next ping: until then its thread sleeps, also where the connection has gone."""
MOST_MIB_A_MINUTE = 0.2
COLUMNS = (
    "minute",
    "frames/s",
    "joins",
    "drops",
    "texts lost",
    "rude messages",
    "MiB",
    "threads",
    "files",
    "CPU ms/frame",
)
TOO_MUCH = 5_000_000


class Lesson:
    """Everything that happens to the server, and what came of it."""

    def __init__(self, url: str, minutes: float) -> None:
        self.joins = self.drops = self.texts_lost = self.rude = 0
        self._tallies: list[Tally] = []
        self._url = url
        self._crops, self.whose = spelled(WORD)
        self._until = time.monotonic() + 60 * minutes

    @property
    def answered(self) -> int:
        """Frames so far, of all connections."""
        return sum(tally.answered for tally in self._tallies)

    async def pupil(self, number: int) -> None:
        """One camera, over as many connections as it takes."""
        text, token = "", None
        while time.monotonic() < self._until:
            line = await Line.open(self._url, token)
            self.joins += 1
            hello = await line.hello
            if token and hello["text"] != text:
                self.texts_lost += 1
            token = hello["token"]
            camera = Camera(line, self._crops, start=number * 7)
            self._tallies.append(camera.tally)
            now = asyncio.get_running_loop().time()
            stay = min(random.uniform(*DROP_SECONDS), max(0.1, self._until - time.monotonic()))
            tally = await camera.run(now, now + stay)
            if len(tally.text) > 1500:
                await line.call("edit", '{"op":"clear"}')
            text = (await line.call("edit", '{"op":"space"}'))["text"]
            line.drop()
            self.drops += 1
            await asyncio.sleep(AWAY_SECONDS)

    async def rude_clients(self) -> None:
        """One after the other, each with another discourtesy."""
        for turn in range(10**9):
            if time.monotonic() >= self._until:
                return
            with contextlib.suppress(ConnectionClosed, TimeoutError, OSError):
                line = await Line.open(self._url)
                try:
                    async with asyncio.timeout(RUDE_PATIENCE_SECONDS):
                        await self._offend(line, turn)
                finally:
                    line.drop()
            self.rude += 1
            await asyncio.sleep(RUDE_SECONDS)

    async def _offend(self, line: Line, turn: int) -> None:
        jpeg = next(crop.jpeg for crop in self._crops if crop.jpeg)
        placeholder = '{"seq":%d,"t":1,"jpeg":{"_placeholder":true,"num":0}}'
        match turn % 6:
            case 0:
                await line.call("frame", '"no dictionary"')
            case 1:
                await line.call("frame", placeholder % 1, b"no picture")
            case 2:
                await line.call("frame", placeholder % 1, jpeg[: len(jpeg) // 2])
            case 3:  # a flood without waiting
                await asyncio.gather(*(line.call("frame", placeholder % seq, jpeg) for seq in range(20)))
            case 4:  # above what a message may hold: the connection is cut
                await line.call("frame", placeholder % 1, bytes(TOO_MUCH))
            case 5:  # gone before the picture that was announced
                await line.announce("frame", placeholder % 1)


async def lesson(
    server: Server, cameras: int, minutes: float, every: float, result: Result
) -> tuple[Lesson, list[tuple[float, Status]]]:
    """Hold the lesson, printing a row now and then; returns it with the server's status over the seconds."""
    held = Lesson(server.url, minutes)
    started = time.monotonic()
    taking_part = [asyncio.create_task(held.pupil(number)) for number in range(cameras)]
    taking_part.append(asyncio.create_task(held.rude_clients()))
    history: list[tuple[float, Status]] = []
    before, answered = status_of(server.process.pid), 0
    result.notes.append(f"The cameras see {held.whose}.")
    progress("  ".join(COLUMNS))
    while time.monotonic() < started + 60 * minutes:
        since = time.monotonic()
        await asyncio.sleep(min(every, max(0.1, started + 60 * minutes - since)))
        now, fresh = status_of(server.process.pid), held.answered - answered
        at = time.monotonic()
        history.append((at - started, now))
        row = (
            f"{(at - started) / 60:.1f}", f"{fresh / (at - since):.0f}", held.joins, held.drops, held.texts_lost, held.rude,
            f"{now.memory_mib:.1f}", now.threads, now.files, f"{1000 * (now.cpu_seconds - before.cpu_seconds) / max(1, fresh):.2f}",
        )  # fmt: skip
        result.rows.append(row)
        progress("  ".join(map(str, row)))
        before, answered = now, held.answered
    await asyncio.gather(*taking_part)
    return held, history


def main() -> None:
    own = options(__doc__)
    own.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    own.add_argument("--cameras", type=int, default=30, help="how many at once (default: 30)")
    own.add_argument("--every", type=float, default=30, help="seconds between two rows (default: 30)")
    own.add_argument("--mode", choices=("eventlet", "threading"), default="eventlet", help="(default: eventlet)")
    given = own.parse_args()
    server = Server(HANDSPELL_ASYNC_MODE=given.mode)
    result = Result(
        "soak", COLUMNS, notes=[machine(), f"{given.mode}, {given.cameras} cameras, {given.minutes:g} minutes."]
    )
    try:
        held, history = asyncio.run(lesson(server, given.cameras, given.minutes, given.every, result))
        progress("waiting for what the last connections held …")
        time.sleep(PING_SECONDS + 3)
        left = status_of(server.process.pid)
    finally:
        server.stop()
    warm = [one for one in history if one[0] >= WARM_SECONDS] or history
    slope = 0.0
    if len(warm) > 1:
        slope = float(np.polyfit([at / 60 for at, _ in warm], [status.memory_mib for _, status in warm], 1)[0])
    faults = sum("Traceback" in line for line in server.lines)
    first = history[0][1]
    result.goals = [
        Goal("lost texts: 0", str(held.texts_lost), held.texts_lost == 0),
        Goal("errors of the server's own: 0", str(faults), faults == 0),
        Goal(
            f"memory's slope from minute {WARM_SECONDS / 60:g} on ≤ {MOST_MIB_A_MINUTE} MiB a minute",
            f"{slope:+.3f}",
            slope <= MOST_MIB_A_MINUTE,
        ),
        Goal("no threads left over", f"{left.threads} after, {first.threads} during", left.threads <= first.threads),
        Goal("no files left over", f"{left.files} after, {first.files} during", left.files <= first.files),
    ]
    finish(result, given.out)


if __name__ == "__main__":
    main()
