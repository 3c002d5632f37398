"""Recognition over the web as tutorials build it, to be measured against: never used by Handspell itself.

A picture comes as base64 text in a JSON event; the handler decodes it, resizes it to the network's 224 pixels and calls Keras'
`predict`. The network is the alphabet tutorial's, 277,949 parameters, untrained: its weights do not change its cost.
"""

import base64
import threading
from typing import Any

import cv2
import numpy as np
from flask import Flask
from flask_socketio import SocketIO, emit
from werkzeug.serving import make_server

from training.architectures import custom_cnn

SIZE, LABELS = 224, 29


def main() -> None:
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading", always_connect=True)
    model = custom_cnn(SIZE, LABELS)
    assert model.count_params() == 277_949
    one_at_a_time = threading.Lock()
    model.predict(np.zeros((1, SIZE, SIZE, 3)), verbose=0)

    @socketio.on("connect")
    def connect(auth: object = None) -> None:
        emit("hello", {})

    @socketio.on("frame")
    def frame(data: dict[str, Any]) -> dict[str, Any]:
        jpeg = base64.b64decode(data["image"].split(",")[1])
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        picture = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), (SIZE, SIZE))
        with one_at_a_time:
            probabilities = model.predict(picture[np.newaxis], verbose=0)[0]
        return {"label": int(probabilities.argmax()), "probability": float(probabilities.max())}

    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
