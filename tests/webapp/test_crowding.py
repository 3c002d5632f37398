"""More cameras than any machine can read at once, before a real server: all slow down alike, and the pages hear why."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks.cameras import Camera, Line
from benchmarks.crops import spelled
from tests.replay import Client
from tests.server import Server
from webapp.core.frames import MAX_SIDE_PX

CAMERAS = 150
RATE = 50.0
DEADLINE_SECONDS = 60.0


async def crowd(url: str, enough: threading.Event) -> None:
    """Cameras that send whenever they may, until there has been enough of it."""
    # The largest that may be sent: however fast the machine, to read them takes far longer than to send them does here.
    picture = np.full((MAX_SIDE_PX, MAX_SIDE_PX, 3), 128, np.uint8)
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    crops = [replace(crop, jpeg=jpeg) for crop in spelled("HELLO", Path("nowhere"))[0] if crop.jpeg]
    lines = [await Line.open(url) for _ in range(CAMERAS)]
    clock = asyncio.get_running_loop().time
    since, until = clock(), clock() + DEADLINE_SECONDS
    playing = [asyncio.create_task(Camera(line, crops, RATE).run(since, until)) for line in lines]
    cameras = asyncio.gather(*playing)
    while not enough.is_set() and clock() < until:
        await asyncio.sleep(0.1)
    cameras.cancel()
    await asyncio.gather(*playing, return_exceptions=True)
    for line in lines:
        await line.close()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_crowd_is_told_to_send_less_often_and_hears_when_it_is_over(mode: str) -> None:
    server = Server(HANDSPELL_ASYNC_MODE=mode)
    told: list[dict[str, Any]] = []
    news = threading.Condition()

    def hear(message: dict[str, Any]) -> None:
        with news:
            told.append(message)
            news.notify_all()

    try:
        with Client(server.url, timeout_seconds=60) as client:
            client.socket.on("busy", hear)
            enough = threading.Event()
            crowding = threading.Thread(target=lambda: asyncio.run(crowd(server.url, enough)))
            crowding.start()
            with news:
                came = news.wait_for(lambda: told and told[-1]["busy"], DEADLINE_SECONDS)
            enough.set()
            crowding.join()
            assert came, told
            assert told[0]["gap_ms"] >= 100
            with news:
                assert news.wait_for(lambda: told[-1] == {"busy": False, "gap_ms": 0}, DEADLINE_SECONDS), told
    finally:
        server.stop()
