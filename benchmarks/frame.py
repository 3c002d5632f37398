"""What one frame costs the server, stage by stage, beside its floors: what would be left if nothing of ours were there.

    python -m benchmarks.frame

The floors are a bare WebSocket echo of the same bytes, the JPEG decoder alone, and the network alone. The whole is the
CPU that a real server takes for a frame of a class of cameras, all its threads counted.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import cv2
import numpy as np
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.cameras import RATE, WORD, in_a_process
from benchmarks.crops import Crop, spelled
from benchmarks.results import Goal, Result, finish, machine, options, progress
from benchmarks.status import status_of
from tests.server import Server
from webapp.config import ROOT
from webapp.core import protocol
from webapp.core.frames import decode_frame, prepare
from webapp.core.motion import joints_as_signed
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.inference import Network
from webapp.vocabulary import language_of

CAMERAS = 30
WARM_SECONDS = 3.0
ROUNDS = 400
MOST_TIMES_FLOOR = 1.5
ACK = '431[{"seq":100,"sign":"A","confidence":0.93,"top":[["A",0.93],["S",0.03],["E",0.01]],"progress":0.5,"committed":null,"text":"HELLO"}]'


def each(work: Callable[[Crop], object], crops: list[Crop]) -> float:
    """Milliseconds of CPU that `work` takes for a crop, over many, in one thread."""
    for crop in crops[:20]:
        work(crop)
    before = time.thread_time()
    for place in range(ROUNDS):
        work(crops[place % len(crops)])
    return 1000 * (time.thread_time() - before) / ROUNDS


def stages(crops: list[Crop], network: Network) -> dict[str, float]:
    """Milliseconds of CPU of each stage that can be called alone, by name."""
    card = network.card
    pictures = {id(crop): prepare(decode_frame(crop.jpeg or b""), card.input) for crop in crops}
    rgb = {id(crop): decode_frame(crop.jpeg or b"") for crop in crops}
    joints = {id(crop): np.array(crop.landmarks, np.float32) for crop in crops}
    readings = {
        id(crop): Reading.of(
            card.labels, network.probabilities([pictures[id(crop)]], [joints[id(crop)]])[0].tolist(), card.floors
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
        "check the message": each(check, crops),
        "decode": each(lambda crop: decode_frame(crop.jpeg or b""), crops),
        "resize": each(lambda crop: prepare(rgb[id(crop)], card.input), crops),
        "network": each(lambda crop: network.probabilities([pictures[id(crop)]], [joints[id(crop)]]), crops),
        "steady, movements, spell, answer": each(steady, crops),
    }


def floors(crops: list[Crop], network: Network) -> dict[str, float]:
    """The least that a frame can cost, in milliseconds of CPU: imdecode alone, and the interpreter alone."""
    data = {id(crop): np.frombuffer(crop.jpeg or b"", np.uint8) for crop in crops}
    interpreter = network.interpreter(1)
    return {
        "cv2.imdecode alone": each(lambda crop: cv2.imdecode(data[id(crop)], cv2.IMREAD_COLOR_RGB), crops),
        "LiteRT alone": each(lambda crop: interpreter.invoke(), crops),
    }


def echo(cameras: int, seconds: float, crops: list[Crop]) -> float:
    """Milliseconds of CPU a frame of a bare `websockets` server that answers frames of our size with answers of our size."""
    context = multiprocessing.get_context("spawn")
    port, stop = context.Queue(), context.Event()
    server = context.Process(target=_serve_echo, args=(port, stop), daemon=True)
    server.start()
    assert server.pid is not None
    try:
        answered, cpu_seconds = asyncio.run(_ask_echo(port.get(timeout=30), cameras, seconds, crops, server.pid))
    finally:
        stop.set()
        server.join(timeout=5)
    return 1000 * cpu_seconds / answered


def _serve_echo(port: "multiprocessing.Queue[int]", stop: Event) -> None:
    async def answer(socket: ServerConnection) -> None:
        async for words in socket:
            if isinstance(words, bytes):  # each frame is a text and its attachment
                await socket.send(ACK)

    async def run() -> None:
        async with serve(answer, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            port.put(next(iter(server.sockets)).getsockname()[1])
            await asyncio.to_thread(stop.wait)

    asyncio.run(run())


async def _ask_echo(port: int, cameras: int, seconds: float, crops: list[Crop], process_id: int) -> tuple[int, float]:
    answered = 0
    texts = [json.dumps({"seq": 1, "t": 1.0, "landmarks": crop.landmarks, "crop": [0.5, 0.5, 0.5]}) for crop in crops]

    async def camera(number: int) -> None:
        nonlocal answered
        async with connect(f"ws://127.0.0.1:{port}", compression=None, ping_interval=None, proxy=None) as socket:
            await asyncio.sleep(number / cameras / RATE)
            for place in range(round(seconds * RATE)):
                due = time.monotonic() + 1 / RATE
                await socket.send(texts[place % len(crops)])
                await socket.send(crops[place % len(crops)].jpeg or b"")
                await socket.recv()
                answered += 1
                await asyncio.sleep(due - time.monotonic())

    before = status_of(process_id).cpu_seconds
    await asyncio.gather(*(camera(number) for number in range(cameras)))
    return answered, status_of(process_id).cpu_seconds - before


# What is drawn in one colour: the socket, the decoder, the network; the rest is ours alone.
ALIKE = {"decode": 1, "cv2.imdecode alone": 1, "network": 2, "LiteRT alone": 2, "check the message": 3, "resize": 4}


def draw(whole: float, parts: dict[str, float], least: dict[str, float], path: Path) -> None:
    """Two bars: the server's stages, and the floors in the colours of what they are the floors of."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    colours = pyplot.get_cmap("Set2").colors
    figure, axes = pyplot.subplots(figsize=(10, 3.6), layout="constrained")
    server = {"socket, protocol, threads": whole - sum(parts.values()), **parts}
    for place, shares in ((1, server), (0, least)):
        left = 0.0
        for name, share in shares.items():
            colour = colours[ALIKE.get(name, 5 if name.startswith("steady") else 0)]
            axes.barh(place, share, left=left, color=colour, edgecolor="white", label=f"{name} {share:.2f}")
            left += share
    goal = MOST_TIMES_FLOOR * sum(least.values())
    axes.axvline(goal, color="black", linestyle=":", label=f"goal {goal:.2f}")
    axes.set(yticks=[0, 1], yticklabels=["floors", "our server"], xlabel="ms of CPU a frame")
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)


def main() -> None:
    own = options(__doc__)
    own.add_argument("--seconds", type=float, default=15, help="of the measurements with cameras (default: 15)")
    own.add_argument("--mode", choices=("eventlet", "threading"), default="eventlet", help="(default: eventlet)")
    given = own.parse_args()
    stream, whose = spelled(WORD)
    crops = [crop for crop in stream if crop.jpeg]
    network = Network(ROOT / "models" / "letters")
    progress("stages and floors, one after the other …")
    parts, least = stages(crops, network), floors(crops, network)
    progress(f"a bare echo, {CAMERAS} cameras …")
    least = {f"websockets echo, {CAMERAS} cameras": echo(CAMERAS, given.seconds, crops), **least}
    progress(f"our server, {given.mode}, {CAMERAS} cameras …")
    server = Server(HANDSPELL_ASYNC_MODE=given.mode)
    try:
        load = in_a_process(server.url, CAMERAS, given.seconds, WARM_SECONDS, server.process.pid, gaps=False)
    finally:
        server.stop()
    whole, floor = load.cpu_milliseconds_a_frame, sum(least.values())
    result = Result("frame", ("stage", "ms of CPU a frame"), notes=[machine(), f"The cameras see {whose}."])
    result.rows += [(name, f"{cost:.3f}") for name, cost in parts.items()]
    result.rows += [("socket, protocol, threads: what is left", f"{whole - sum(parts.values()):.3f}")]
    result.rows += [(f"**our server, {given.mode}, {CAMERAS} cameras**", f"**{whole:.3f}**")]
    result.rows += [(f"floor: {name}", f"{cost:.3f}") for name, cost in least.items()]
    result.rows += [("**floors together**", f"**{floor:.3f}**")]
    aim = f"server CPU a frame ≤ {MOST_TIMES_FLOOR} × the floors"
    result.goals.append(
        Goal(aim, f"{whole / floor:.2f} × ({whole:.2f} of {floor:.2f} ms)", whole <= MOST_TIMES_FLOOR * floor)
    )
    finish(result, given.out)
    if given.out:
        draw(whole, parts, least, given.out / "frame.png")


if __name__ == "__main__":
    main()
