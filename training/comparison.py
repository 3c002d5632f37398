"""The architectures side by side: each trained twice on the same data, on a random split and on unseen signers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.architectures import ARCHITECTURES
from training.fit import say
from training.served import milliseconds_a_frame
from training.workflow import TrainOptions, train_bundle
from webapp.core.bundle import KERAS_NAME, TFLITE_NAME, BundleError, Card, read_card

SPLITS = ("random", "signer")


@dataclass(frozen=True)
class Row:
    """One architecture's line of the table; None where it has not been trained."""

    arch: str
    random: Card | None
    signer: Card | None
    megabytes: float = 0.0
    milliseconds: float = 0.0


def compare(options: TrainOptions, archs: Sequence[str], folder: Path, again: bool = False) -> list[Row]:
    """Train what `folder` does not hold yet and return a row for each architecture, in the order given."""
    for arch in archs:
        for split in SPLITS:
            bundle = _bundle(folder, arch, split)
            if again or _card(bundle) is None:
                say(f"--- {arch}, {split} split")
                own = replace(
                    options, arch=arch, split=split, out=bundle, run=folder / "runs" / bundle.name, force=True
                )
                own = replace(own, weights=weights_for(arch, options.weights))
                train_bundle(own)
    return [row(folder, arch) for arch in archs]


def weights_for(arch: str, weights: str | None) -> str | None:
    """The pretrained weights to give an architecture: a file is MobileNet's, and MobileNetV2 cannot use it."""
    if not arch.startswith("mobilenet"):
        return None
    return "none" if arch == "mobilenet-v2" and weights not in (None, "imagenet") else weights


def row(folder: Path, arch: str) -> Row:
    """An architecture's line, from the bundles in `folder`."""
    random, signer = (_card(_bundle(folder, arch, split)) for split in SPLITS)
    if signer is None:
        return Row(arch, random, signer)
    files = _bundle(folder, arch, "signer")
    size = sum((files / name).stat().st_size for name in (KERAS_NAME, TFLITE_NAME)) / 1e6
    return Row(arch, random, signer, size, milliseconds_a_frame(files / TFLITE_NAME, signer.input.size))


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, the tutorials' own claims in the last column."""
    head = (
        "| architecture | input px | parameters | epochs | training minutes | random split | unseen signers | macro over unseen signers "
        "| ROC AUC, unseen | bundle MB | ms a frame, one core | its source's claim |"
    )
    lines = [head, "|---" + "|---:" * 10 + "|---|"]
    for line in rows:
        settings = ARCHITECTURES[line.arch].settings
        if line.signer is None:
            lines.append(f"| `{line.arch}` | | | | | | not trained | | | | | {settings.claim} |")
            continue
        raw = line.signer.raw
        training, metrics = raw["training"], raw["metrics"]
        cells = [
            f"`{line.arch}`",
            str(line.signer.input.size),
            f"{raw['parameters']:,}",
            str(training["epochs_done"]),
            f"{training['seconds'] / 60:.1f}",
            _share(line.random),
            f"{metrics['accuracy']:.3f}",
            f"{metrics['score']:.3f}",
            f"{metrics['roc_auc']:.3f}",
            f"{line.megabytes:.1f}",
            f"{line.milliseconds:.1f}",
            f"{settings.claim} ({settings.source})" if settings.claim else settings.source,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _share(card: Card | None) -> str:
    return "–" if card is None else f"{card.raw['metrics']['accuracy']:.3f}"


def _bundle(folder: Path, arch: str, split: str) -> Path:
    return folder / f"{arch}-{split}"


def _card(folder: Path) -> Any:
    try:
        return read_card(folder)
    except BundleError:
        return None
