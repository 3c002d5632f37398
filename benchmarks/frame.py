"""What one frame costs the server, stage by stage, beside its floors: what would be left if nothing of ours were there.

    python -m benchmarks.frame

The floors are a bare WebSocket echo of the same bytes, the JPEG decoder alone (`cv2.imdecode`), and the network alone (LiteRT's
`invoke`). Everything is measured at the pace at which the frames of so many cameras come, since a call that comes after a pause
finds colder caches than one that follows the last: the echo before such cameras, the others by a clock, a frame's stages one
after the other, and likewise decoder and network alone; pauses do not count. A bare server that calls all three for each frame
says whether they cost more together, where one may evict from the caches what another needs. The whole is the CPU that a real
server takes for a frame of a class of cameras, all its threads and processes counted.

The same is measured without pauses: cameras that ask anew as soon as they are answered before our server and before the bare
echo, decoder and network called again and again. The goal is held against the floors of the same kind, both times; and told is
the harder ratio of a server with pauses to floors without.

All that is repeated, since a machine is not always as fast: told is the time whose ratio is in the middle, and the
least and the greatest ratio.
"""

import asyncio
import itertools
import json
import math
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

import cv2
import numpy as np
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.cameras import RATE, WORD, frames, in_a_process, rush
from benchmarks.crops import Crop, spelled
from benchmarks.results import Goal, Result, finish, machine, options, progress
from benchmarks.status import status_of
from tests.server import Server
from webapp.config import ROOT
from webapp.core import protocol
from webapp.core.frames import decode_frame, resized
from webapp.core.motion import joints_as_signed
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.inference import Network
from webapp.vocabulary import language_of

CAMERAS = (30, 60)
WARM_SECONDS = 3.0
ROUNDS = 400
MOST_TIMES_FLOOR = 1.5
LETTERS = ROOT / "models" / "letters"
ECHO, LEFT = "websockets echo", "socket, protocol, threads"
ACK = '431[{"seq":100,"sign":"A","confidence":0.93,"top":[["A",0.93],["S",0.03],["E",0.01]],"progress":0.5,"committed":null,"text":"HELLO"}]'


def each(works: dict[str, Callable[[Crop], object]], crops: list[Crop], rate: float) -> dict[str, float]:
    """Milliseconds of CPU that each work takes for a crop, over many, in one thread.

    So many times a second all are done, one after the other: what comes after a pause finds colder caches.
    """
    for crop in crops[:20]:
        for work in works.values():
            work(crop)
    taken, due = dict.fromkeys(works, 0.0), time.monotonic()
    for place in range(ROUNDS):
        due += 1 / rate
        if (pause := due - time.monotonic()) > 0:
            time.sleep(pause)
        for name, work in works.items():
            before = time.thread_time()
            work(crops[place % len(crops)])
            taken[name] += time.thread_time() - before
    return {name: 1000 * seconds / ROUNDS for name, seconds in taken.items()}


def alone(works: dict[str, Callable[[Crop], object]], crops: list[Crop]) -> dict[str, float]:
    """Milliseconds of CPU that each work takes for a crop, called again and again with no pause and nothing else between."""
    return {name: each({name: work}, crops, math.inf)[name] for name, work in works.items()}


def stages(crops: list[Crop], network: Network) -> dict[str, Callable[[Crop], object]]:
    """Each stage that can be called alone, by name."""
    card = network.card
    rgb = {id(crop): decode_frame(crop.jpeg or b"") for crop in crops}
    pictures = {id(crop): resized(rgb[id(crop)], card.input) for crop in crops}
    readings = {
        id(crop): Reading.of(
            card.labels, network.probabilities([pictures[id(crop)]], [crop.landmarks])[0].tolist(), card.floors
        )
        for crop in crops
    }
    session, clock = Session("letters", 2000, language_of({"letters": card})), [0.0]

    def check(crop: Crop) -> object:
        message = {"seq": 1, "t": 1.0, "jpeg": crop.jpeg, "landmarks": list(crop.landmarks or ())}
        return protocol.parse_frame({**message, "hand": crop.hand, "crop": [0.5, 0.5, 0.5]})

    def steady(crop: Crop) -> object:
        clock[0] += 1 / RATE
        assert crop.landmarks is not None
        placed = joints_as_signed(crop.landmarks, (0.5, 0.5, 0.5), crop.hand == "left")
        answer = session.read(readings[id(crop)], clock[0], placed, crop.hand)
        return json.dumps(answer)

    return {
        "check the message": check,
        "decode": lambda crop: decode_frame(crop.jpeg or b""),
        "resize": lambda crop: resized(rgb[id(crop)], card.input),
        "network": lambda crop: network.probabilities([pictures[id(crop)]], [crop.landmarks]),
        "steady, movements, spell, answer": steady,
    }


def floors(crops: list[Crop], network: Network) -> dict[str, Callable[[Crop], object]]:
    """The least that a frame can cost: imdecode alone, and the interpreter alone."""
    data = {id(crop): np.frombuffer(crop.jpeg or b"", np.uint8) for crop in crops}
    interpreter = network.interpreter(1)
    return {
        "cv2.imdecode alone": lambda crop: cv2.imdecode(data[id(crop)], cv2.IMREAD_COLOR_RGB),
        "LiteRT alone": lambda crop: interpreter.invoke(),
    }


def echo(cameras: int, seconds: float, crops: list[Crop], reads: bool = False, rate: float = RATE) -> float:
    """Milliseconds of CPU a frame of a bare `websockets` server that answers frames of our size with answers of our size.

    If it `reads`, it decodes each picture and runs the network before it answers, and makes nothing of either. rate: frames a
    second of each camera, at most.
    """
    context = multiprocessing.get_context("spawn")
    port, stop = context.Queue(), context.Event()
    server = context.Process(target=_serve_echo, args=(port, stop, reads), daemon=True)
    server.start()
    assert server.pid is not None
    try:
        asked = _ask_echo(port.get(timeout=30), cameras, seconds, crops, rate, server.pid)
        answered, cpu_seconds = asyncio.run(asked)
    finally:
        stop.set()
        server.join(timeout=5)
    return 1000 * cpu_seconds / answered


def _serve_echo(port: "multiprocessing.Queue[int]", stop: Event, reads: bool) -> None:
    interpreter = Network(LETTERS).interpreter(1) if reads else None

    async def answer(socket: ServerConnection) -> None:
        async for words in socket:
            if isinstance(words, bytes):  # each frame is a text and its attachment
                if interpreter:
                    cv2.imdecode(np.frombuffer(words, np.uint8), cv2.IMREAD_COLOR_RGB)
                    interpreter.invoke()
                await socket.send(ACK)

    async def run() -> None:
        async with serve(answer, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            port.put(next(iter(server.sockets)).getsockname()[1])
            await asyncio.to_thread(stop.wait)

    asyncio.run(run())


async def _ask_echo(
    port: int, cameras: int, seconds: float, crops: list[Crop], rate: float, process_id: int
) -> tuple[int, float]:
    answered = 0
    texts = [json.dumps({"seq": 1, "t": 1.0, "landmarks": crop.landmarks, "crop": [0.5, 0.5, 0.5]}) for crop in crops]

    async def camera(number: int) -> None:
        nonlocal answered
        async with connect(f"ws://127.0.0.1:{port}", compression=None, ping_interval=None, proxy=None) as socket:
            await asyncio.sleep(number / cameras / rate)
            until = time.monotonic() + seconds
            for place in itertools.count():
                due = time.monotonic() + 1 / rate
                if due >= until:
                    return
                await socket.send(texts[place % len(crops)])
                await socket.send(crops[place % len(crops)].jpeg or b"")
                await socket.recv()
                answered += 1
                if (pause := due - time.monotonic()) > 0:
                    await asyncio.sleep(pause)

    before = status_of(process_id).cpu_seconds
    await asyncio.gather(*(camera(number) for number in range(cameras)))
    return answered, status_of(process_id).cpu_seconds - before


@dataclass
class Cost:
    """What a frame costs where so many cameras send."""

    cameras: int
    parts: dict[str, float]
    least: dict[str, float]
    together: float
    """All three floors in one bare server."""
    whole: float
    alone: dict[str, float]
    """Stages and floors without a pause and with nothing else between."""
    rushed: float
    """The whole, where the cameras make no pause."""

    @property
    def left(self) -> float:
        """What no stage explains."""
        return self.whole - sum(self.parts.values())

    @property
    def floor(self) -> float:
        return sum(self.least.values())

    @property
    def floor_alone(self) -> float:
        """The floors where nothing pauses."""
        return sum(self.alone[name] for name in self.least)

    @property
    def times_floor(self) -> float:
        return self.whole / self.floor

    @property
    def times_floor_rushed(self) -> float:
        return self.rushed / self.floor_alone


def measure(cameras: int, crops: list[Crop], network: Network, mode: str, seconds: float) -> Cost:
    """A server's frames, and their stages and floors at the same pace; and all that without a pause."""
    rate = cameras * RATE
    progress(f"stages and floors at the pace of {cameras} cameras …")
    works, least_works = stages(crops, network), floors(crops, network)
    parts, least = each(works, crops, rate), each(least_works, crops, rate)
    once_more = alone(works | least_works, crops)
    progress(f"a bare echo, {cameras} cameras …")
    least = {ECHO: echo(cameras, seconds, crops), **least}
    once_more[ECHO] = echo(cameras, seconds, crops, rate=math.inf)
    progress(f"the three floors in one bare server, {cameras} cameras …")
    together = echo(cameras, seconds, crops, reads=True)
    progress(f"our server, {mode}, {cameras} cameras …")
    server = Server(HANDSPELL_ASYNC_MODE=mode)
    try:
        load = in_a_process(server.url, cameras, seconds, WARM_SECONDS, server.process.pid, gaps=False)
        hurried = asyncio.run(rush(server.url, frames(crops), cameras, seconds, server.process.pid))
    finally:
        server.stop()
    whole, rushed = load.cpu_milliseconds_a_frame, hurried.cpu_milliseconds_a_frame
    return Cost(cameras, parts, least, together, whole, once_more, rushed)


# What is drawn in one colour: the socket, the decoder, the network; the rest is ours alone.
ALIKE = {"decode": 1, "cv2.imdecode alone": 1, "network": 2, "LiteRT alone": 2, "check the message": 3, "resize": 4}


def draw(costs: list[Cost], path: Path) -> None:
    """Two bars for each number of cameras: the server's stages, and the floors in the colours of what they are the floors of."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    colours = [pyplot.get_cmap("Set2")(place) for place in range(8)]
    figure, axes = pyplot.subplots(figsize=(10, 1.2 + 1.5 * len(costs)), layout="constrained")
    names: list[str] = []
    for cost in reversed(costs):
        for name, shares in (("floors", cost.least), ("our server", {LEFT: cost.left, **cost.parts})):
            left = 0.0
            for part, share in shares.items():
                colour = colours[ALIKE.get(part, 5 if part.startswith("steady") else 0)]
                label = part if cost is costs[0] else None
                axes.barh(len(names), share, left=left, color=colour, edgecolor="white", label=label)
                axes.text(left + share / 2, len(names), f"{share:.2f}", ha="center", va="center", fontsize=7)
                left += share
            names.append(f"{name}, {cost.cameras} cameras")
        goal, place = MOST_TIMES_FLOOR * cost.floor, len(names)
        axes.plot([goal, goal], [place - 2.5, place - 0.5], color="black", linestyle=":")
    axes.set(yticks=range(len(names)), yticklabels=names, xlabel="ms of CPU a frame; dotted: the goal")
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)


def main() -> None:
    own = options(__doc__)
    own.add_argument("--seconds", type=float, default=10, help="of the measurements with cameras (default: 10)")
    own.add_argument("--times", type=int, default=3, help="how often everything is measured (default: 3)")
    own.add_argument("--mode", choices=("eventlet", "threading"), default="eventlet", help="(default: eventlet)")
    given = own.parse_args()
    stream, whose = spelled(WORD)
    crops = [crop for crop in stream if crop.jpeg]
    network = Network(LETTERS)
    found = {
        cameras: sorted(
            (measure(cameras, crops, network, given.mode, given.seconds) for _ in range(given.times)),
            key=lambda cost: cost.times_floor,
        )
        for cameras in CAMERAS
    }
    costs = [repeated[len(repeated) // 2] for repeated in found.values()]
    columns = ("ms of CPU a frame", *(f"{cost.cameras} cameras" for cost in costs), "without a pause")
    result = Result("frame", columns, notes=[machine(), f"The cameras see {whose}."])

    def row(name: str, figures: list[float], again: list[float] | None = None, weight: str = "") -> None:
        cells = [f"{weight}{figure:.3f}{weight}" for figure in figures]
        cells.append(f"{weight}{sum(again) / len(again):.3f}{weight}" if again else "")
        label = f"floor: {name}" if name in costs[0].least else name
        result.rows.append([f"{weight}{label}{weight}", *cells])

    for name in costs[0].parts:
        row(name, [cost.parts[name] for cost in costs], [cost.alone[name] for cost in costs])
    row(f"{LEFT}: what is left", [cost.left for cost in costs])
    row(f"our server, {given.mode}", [cost.whole for cost in costs], [cost.rushed for cost in costs], "**")
    for name in costs[0].least:
        row(name, [cost.least[name] for cost in costs], [cost.alone[name] for cost in costs])
    row("floors, added up", [cost.floor for cost in costs], [cost.floor_alone for cost in costs], "**")
    row("the three floors in one bare server", [cost.together for cost in costs])
    for cost in costs:
        repeated = found[cost.cameras]
        rushes = sorted(one.times_floor_rushed for one in repeated)
        rushed = rushes[len(rushes) // 2]
        result.goals += [
            Goal(
                f"{cost.cameras} cameras: server CPU a frame ≤ {MOST_TIMES_FLOOR} × the floors",
                f"{cost.times_floor:.2f} × ({cost.whole:.2f} of {cost.floor:.2f} ms), "
                f"of {given.times} times from {repeated[0].times_floor:.2f} to {repeated[-1].times_floor:.2f} ×; "
                f"{cost.whole / cost.together:.2f} × those in one bare server, {cost.whole / cost.floor_alone:.2f} × those without a pause",
                cost.times_floor <= MOST_TIMES_FLOOR,
            ),
            Goal(
                f"{cost.cameras} cameras that make no pause: the same",
                f"{rushed:.2f} ×, of {given.times} times from {rushes[0]:.2f} to {rushes[-1]:.2f} ×",
                rushed <= MOST_TIMES_FLOOR,
            ),
        ]
    finish(result, given.out)
    if given.out:
        draw(costs, given.out / "frame.png")


if __name__ == "__main__":
    main()
