"""Tells every page how often it may send while more is sent than this machine can read."""

import time

from flask_socketio import SocketIO

from webapp.class_sockets import NAMESPACE as BOARD
from webapp.core.crowd import Crowd
from webapp.recogniser import Recogniser

LOOK_SECONDS = 1.0


def watch_forever(socketio: SocketIO, recogniser: Recogniser) -> None:
    """Runs in the background. It is said every second while it holds, so that who comes meanwhile hears it, and once when it is over."""
    crowd = Crowd()
    while True:
        began = time.monotonic()
        socketio.sleep(LOOK_SECONDS)
        # What waits in the sockets nobody can see; but we have waited beside it.
        late = time.monotonic() - began - LOOK_SECONDS
        visitors, waited = recogniser.waits()
        before = crowd.gap_seconds
        crowd.step(waited + late, visitors)
        if before or crowd.gap_seconds:
            told = {"busy": crowd.busy, "gap_ms": round(1000 * crowd.gap_seconds)}
            for namespace in ("/", BOARD):
                socketio.emit("busy", told, namespace=namespace, ignore_queue=True)
