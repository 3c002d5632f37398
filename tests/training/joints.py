"""A bundle that reads joints: a real network with two inputs, whose answers are known.

It says `right` where the wrist lies in the right half of the crop and `left` where it lies in the left; where it is
given no landmarks, `right` for a bright crop and `left` for a dark one.
"""

from pathlib import Path

import numpy as np

from webapp.core import bundle
from webapp.core.hands import LANDMARK_ROW, landmark_row

LABELS = ("left", "right", "nothing")
SIZE = 32


def write_bundle(folder: Path) -> Path:
    """Build the network, export it, and write the bundle."""
    import keras
    import tensorflow as tf

    image = keras.Input((SIZE, SIZE, 3), name="image")
    landmarks = keras.Input((LANDMARK_ROW,), name="landmarks")
    brightness = keras.layers.GlobalAveragePooling2D()(image)
    answer = keras.layers.Dense(len(LABELS), activation="softmax", name="probabilities")
    model = keras.Model([image, landmarks], answer(keras.layers.Concatenate()([brightness, landmarks])))
    weights, bias = np.zeros((3 + LANDMARK_ROW, 3)), np.array([0.0, -10.0, -100.0])
    weights[:3, 1] = 20 / 255 / 3
    weights[3, 1], weights[-1, 1] = 200.0, -100.0  # the wrist's x, and whether there are landmarks
    answer.set_weights([weights, bias])
    check = model([bundle.check_input(SIZE), landmark_row(bundle.check_landmarks())[np.newaxis]]).numpy()[0]

    folder.mkdir(parents=True)
    (folder / bundle.TFLITE_NAME).write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    raw = {
        "format": bundle.FORMAT,
        "name": folder.name,
        "version": "joints",
        "labels": list(LABELS),
        "input": {"size": SIZE, "resize": "area", "colour": "rgb", "range": [0, 255], "landmarks": True},
        "floors": dict.fromkeys(LABELS, 0.6),
        "tflite_sha256": bundle.file_sha256(folder / bundle.TFLITE_NAME),
        "check_output": [float(value) for value in check],
    }
    bundle.write_card(folder, raw)
    return folder
