"""A bundle that reads flat colours: a real network, exported and served like any other, whose answers are known.

Each label has a colour, and the network tells which colour is nearest, so a test decides what the server sees by
painting a square: `colour_jpeg(labels, "A")`. Between two colours it is unsure, as a network is between two signs.
"""

from pathlib import Path

import cv2
import numpy as np

from webapp.core import bundle

LETTERS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "del", "nothing", "space")
DIGITS = (*"0123456789", "nothing")
SIZE = 32
# Colours of neighbouring labels are 80 apart; halfway between them both get one half, and ten off the middle one gets 0.9.
_LEVELS = (10, 90, 170, 250)
_SHARPNESS = 0.0015


def colour_of(labels: tuple[str, ...], label: str) -> np.ndarray:
    """The colour that stands for a label.  # (3,), RGB"""
    place = labels.index(label)
    return np.array([_LEVELS[place % 4], _LEVELS[place // 4 % 4], _LEVELS[place // 16]], np.float64)


def jpeg_of(rgb: np.ndarray, side: int = 96) -> bytes:
    """A square of one colour, or the given picture, as JPEG bytes."""
    picture = np.broadcast_to(rgb, (side, side, 3)) if rgb.ndim == 1 else rgb
    encoded, data = cv2.imencode(".jpg", picture[..., ::-1].round().astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert encoded
    return data.tobytes()


def colour_jpeg(label: str, labels: tuple[str, ...] = LETTERS) -> bytes:
    """What a hand showing `label` looks like to this network."""
    return jpeg_of(colour_of(labels, label))


def unsure_jpeg() -> bytes:
    """Halfway between A and B."""
    return jpeg_of((colour_of(LETTERS, "A") + colour_of(LETTERS, "B")) / 2)


def write_bundle(folder: Path, labels: tuple[str, ...], alone: bool = False) -> None:
    """Build the network, export it, and write the bundle. `alone`: a damaged one that fails on several frames together."""
    import keras
    import tensorflow as tf

    # -k·|c - cᵢ|² is linear in c but for a term that all labels share, so one dense layer is a nearest-colour reader.
    colours = np.array([colour_of(labels, label) for label in labels])
    image = keras.Input((SIZE, SIZE, 3), batch_size=1 if alone else None, name="image")
    answer = keras.layers.Dense(len(labels), activation="softmax", name="probabilities")
    # Only the left half is looked at, so that mirroring can be seen.
    left = keras.layers.Cropping2D(((0, 0), (0, SIZE // 2)))(image)
    if alone:
        left = keras.ops.reshape(left, (1, SIZE, SIZE // 2, 1, 3))[:, :, :, 0]
    model = keras.Model(image, answer(keras.layers.GlobalAveragePooling2D()(left)))
    answer.set_weights([2 * _SHARPNESS * colours.T, -_SHARPNESS * (colours**2).sum(axis=1)])
    check = model(bundle.check_input(SIZE)).numpy()[0]

    folder.mkdir(parents=True)
    weights = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    (folder / bundle.TFLITE_NAME).write_bytes(weights)
    raw = {
        "format": bundle.FORMAT,
        "name": folder.name,
        "version": "colours",
        "labels": list(labels),
        "input": {"size": SIZE, "resize": "area", "colour": "rgb", "range": [0, 255], "landmarks": False},
        "floors": dict.fromkeys(labels, 0.6),
        "tflite_sha256": bundle.file_sha256(folder / bundle.TFLITE_NAME),
        "check_output": [float(value) for value in check],
    }
    bundle.write_card(folder, raw)


if __name__ == "__main__":
    # In a process of its own, so that the tests' process need not import TensorFlow.
    import sys

    for name, labels in (("letters", LETTERS), ("digits", DIGITS)):
        write_bundle(Path(sys.argv[1]) / name, labels)
