"""From a trained network to the bundle that the page is served from: weights twice, card, README.

The only room that knows TensorFlow. Under another backend the conversion happens in a child process.
"""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from enum import Enum
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.architectures import VERDICT
from training.augment import drawn_background
from training.calibration import TRUST
from training.served import Inputs, Network, fed
from webapp.core.bundle import (
    CARD_NAME,
    FORMAT,
    KERAS_NAME,
    TFLITE_NAME,
    BundleError,
    Card,
    check_input,
    check_landmarks,
    file_sha256,
    read_card,
    write_card,
)
from webapp.core.hands import landmark_row

AGREEMENT = 1e-3
"""How far the two forms of a network may differ on the stored inputs."""
AGREEMENT_IN_EIGHT_BITS = 0.1
"""The same where the served form computes its convolutions in whole numbers of eight bits: a confidence may move a
little, and what strangers are read as stays the same (docs/performance.md)."""
LEAST_QUANTISED_WEIGHTS = 1024
"""Smaller kernels cost next to nothing in floating point, and the first of them sees the picture's own values."""
FILES = (KERAS_NAME, TFLITE_NAME, CARD_NAME, "README.md")


class Form(Enum):
    """How the weights of a served network are kept, fastest first."""

    EIGHT_BITS = "eight bits"
    """Convolutions compute in whole numbers, each frame's values scaled to its own range; the rest in single precision."""
    HALF = "half"
    """Half the size on disk; weights are unpacked once, when the server starts, and it computes in single precision."""
    SINGLE = "single"

    @property
    def agreement(self) -> float:
        """How far this form may differ from the trained network on the stored inputs."""
        return AGREEMENT_IN_EIGHT_BITS if self is Form.EIGHT_BITS else AGREEMENT


class ExportError(Exception):
    """A bundle that was not written; the message says why and what to do."""


def calibrate(model: keras.Model, calibration: Mapping[str, float]) -> None:
    """Put what was fitted on strangers (`calibration.fit`) into the network's own weights: it costs nothing to serve."""
    if "temperature" in calibration:
        last = model.get_layer("probabilities")
        last.set_weights([weights / calibration["temperature"] for weights in last.get_weights()])
    else:
        model.get_layer(VERDICT).set_weights([np.array([calibration[name] for name in TRUST], np.float32)])


def write_bundle(
    folder: Path, model: keras.Model, labels: Sequence[str], floors: Mapping[str, float], facts: Mapping[str, Any]
) -> Card:
    """Write model.keras, model.tflite, card.json and README.md, and check that both networks say the same.

    The files replace those of an older bundle together, once all are written and checked. `facts` are the card's
    further fields. Raises ExportError, BundleError, OSError.
    """
    aside = folder.with_name(f".{folder.name}.new")
    aside.mkdir(parents=True, exist_ok=True)
    size = input_size(model)
    network = convert_and_check(model, aside, size)
    sha256 = file_sha256(aside / TFLITE_NAME)
    card = write_card(
        aside,
        {
            "format": FORMAT,
            "name": folder.name,
            "version": f"{facts['trained'][:10].replace('-', '')}-{sha256[:8]}",
            "labels": list(labels),
            "input": {
                "size": size,
                "resize": "area",
                "colour": "rgb",
                "range": [0, 255],
                "landmarks": len(model.inputs) > 1,
            },
            "floors": {label: floors[label] for label in labels},
            "tflite_sha256": sha256,
            "check_output": [round(float(value), 6) for value in network(stored_inputs(size))[0]],
            **facts,
        },
    )
    (aside / "README.md").write_text(readme(card), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (aside / name).replace(folder / name)
    aside.rmdir()
    return card


def convert_and_check(model: keras.Model, folder: Path, size: int) -> Network:
    """Write both forms of a network into `folder`, the served one in the fastest `Form` that answers the same.

    Raises ExportError if even single precision does not.
    """
    for form in Form:
        if form is Form.SINGLE:
            model.save(folder / KERAS_NAME, include_optimizer=False)
        else:
            _save_in_half(folder / KERAS_NAME, model)
        convert(folder / KERAS_NAME, folder / TFLITE_NAME, form)
        network = Network(folder / TFLITE_NAME, size, batch=1)
        try:
            check_agreement(model, network, stored_inputs(size), form.agreement)
        except ExportError:
            if form is not Form.SINGLE:
                continue
            raise
        break
    return network


def _save_in_half(path: Path, model: keras.Model) -> None:
    """Save a network with its kernels rounded as those that are served, and packed: bits that are zero take no room."""
    exact = model.get_weights()
    model.set_weights([w.astype(np.float16).astype(w.dtype) if w.ndim > 1 else w for w in exact])
    model.save(path, include_optimizer=False)
    model.set_weights(exact)
    packed = path.with_name(f"packed-{path.name}")
    with zipfile.ZipFile(path) as loose, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as tight:
        for name in loose.namelist():
            tight.writestr(name, loose.read(name))
    packed.replace(path)


def input_size(model: keras.Model) -> int:
    """The side in pixels of the pictures that a network takes."""
    return int(next(tensor.shape[1] for tensor in model.inputs if tensor.name == "image"))


def stored_inputs(size: int) -> Inputs:
    """Nine inputs that anyone can make again, to compare networks on: the card's own, and drawn ones without a hand."""
    rng = np.random.default_rng(0)
    drawn = [drawn_background(size, rng).astype(np.float32) for _ in range(8)]
    rows = [landmark_row(check_landmarks()), *(landmark_row(None) for _ in drawn)]
    return {"image": np.concatenate([check_input(size), np.stack(drawn)]), "landmarks": np.stack(rows)}


def check_agreement(model: keras.Model, network: Network, inputs: Inputs, allowed: float = AGREEMENT) -> None:
    """Raises ExportError if the two forms of a network differ by more than `allowed`."""
    gap = float(np.abs(model.predict(fed(model, inputs), verbose=0) - network(inputs)).max())
    if not gap <= allowed:  # so that NaN is refused too
        raise ExportError(
            f"The exported network differs from the trained one by {gap:.2g} (allowed: {allowed}). Nothing was written."
        )


def convert(keras_file: Path, tflite_file: Path, form: Form) -> None:
    """Write a saved network as LiteRT. Raises ExportError."""
    half = form is Form.HALF
    if keras.backend.backend() == "tensorflow":
        _convert_here(keras_file, tflite_file, half)
    else:
        _convert_in_child(keras_file, tflite_file, half)
    if form is Form.EIGHT_BITS:
        _quantise_convolutions(tflite_file)


def _convert_in_child(keras_file: Path, tflite_file: Path, half: bool) -> None:
    command = [sys.executable, "-m", "training.export", str(keras_file), str(tflite_file), "half" if half else "single"]
    root = str(Path(__file__).resolve().parent.parent)
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "PYTHONPATH": root}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ExportError(
            f"The export to LiteRT failed; it needs TensorFlow beside the backend in use.\n{done.stderr[-2000:]}"
        )


def _convert_here(keras_file: Path, tflite_file: Path, half: bool) -> None:
    import tensorflow as tf

    model = keras.models.load_model(keras_file, compile=False)
    specification: dict[str, Any] = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    options: dict[str, Any] = {}
    if half:
        specification["supported_types"] = [tf.float16]
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    model.export(str(tflite_file), format="litert", verbose=False, target_spec=specification, **options)


def _quantise_convolutions(tflite_file: Path) -> None:
    """Give the convolutions of a LiteRT file in single precision kernels of eight bits, in place.

    Each frame's values are scaled to their own range as they come, so no pictures are needed to calibrate, and what a
    batch holds does not matter to any of its frames. The dense layers, where the joints' measures meet, stay exact.
    """
    from ai_edge_quantizer import qtyping, quantizer

    kernels = qtyping.TensorQuantizationConfig(8, granularity=qtyping.QuantGranularity.CHANNELWISE)
    work = quantizer.Quantizer(str(tflite_file))
    work.update_quantization_recipe(
        regex=".*",
        operation_name=qtyping.TFLOperationName.CONV_2D,
        op_config=qtyping.OpQuantizationConfig(
            weight_tensor_config=kernels,
            compute_precision=qtyping.ComputePrecision.INTEGER,
            min_weight_elements=LEAST_QUANTISED_WEIGHTS,
        ),
    )
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # it tells its progress whether asked or not
        tflite_file.write_bytes(work.quantize().quantized_model)


def refuse_worse(folder: Path, labels: Sequence[str], score: float) -> None:
    """Raises ExportError if `folder` holds a bundle for these labels that reads strangers better than `score`."""
    if not (folder / CARD_NAME).is_file():
        return
    try:
        card = read_card(folder)
    except BundleError:
        return  # a damaged bundle may be replaced by anything
    before = card.raw.get("metrics", {}).get("score")
    if before is not None and set(card.labels) == set(labels) and score < before:
        raise ExportError(
            f"{folder} holds a bundle that scores {before:.4f}, and this one scores {score:.4f}. "
            "It was left alone; give --force to replace it, or --out to write elsewhere."
        )


def readme(card: Card) -> str:
    """The bundle's README.md, from its card alone."""
    raw = card.raw
    metrics = raw.get("metrics", {})
    lines = [
        f"# {card.name}",
        "",
        f"Version {card.version}, architecture `{raw.get('architecture')}`, {raw.get('parameters', 0):,} parameters.",
        f"Reads {len(card.labels)} labels from a square colour picture of {card.input.size} pixels a side.",
        "",
        f"Split: {raw.get('split', {}).get('rule', 'unknown')}.",
        "",
        "| figure | value |",
        "|---|---|",
        *(
            f"| {name.replace('_', ' ')} | {_figure(value)} |"
            for name, value in metrics.items()
            if isinstance(value, int | float)
        ),
        "",
        "Measured in single precision, on pictures prepared as the server prepares them, of what was kept apart from training.",
        "",
        "| data set | pictures | signers | licences |",
        "|---|---|---|---|",
        *(
            f"| {row['set']} | {row['pictures']:,} | {row['signers']} | {'; '.join(row['licences']) or 'not stated'} |"
            for row in raw.get("data", {}).get("sets", [])
        ),
        "",
        "Made by:",
        "",
        "```",
        str(raw.get("command", "")),
        "```",
        "",
        "`model.keras`, where it is kept, loads with `import training.architectures` and `keras.models.load_model`; the server reads `model.tflite` and `card.json`.",
        "",
    ]
    return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


if __name__ == "__main__":
    import training.architectures  # noqa: F401  registers our layers

    _convert_here(Path(sys.argv[1]), Path(sys.argv[2]), half=sys.argv[3] == "half")
