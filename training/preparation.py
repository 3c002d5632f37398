"""The tutorials' preparation as functions: N random pictures a class, resized, with a manifest and an overview."""

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from training.data import MANIFEST_NAME, Sample
from training.pictures import cut_sample

JPEG_QUALITY = 95
COLUMNS = ("path", "label", "signer", "set", "split", "handedness", "licence", "source", "original")


def choose(samples: Sequence[Sample], per_label: int, seed: int) -> list[Sample]:
    """`per_label` random samples of every label, or all where there are fewer; 0 takes all."""
    rng = np.random.default_rng(seed)
    by_label: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_label[sample.label].append(sample)
    chosen = []
    for label in sorted(by_label):
        group = by_label[label]
        order = rng.permutation(len(group))[: per_label or len(group)]
        chosen += [group[at] for at in sorted(order.tolist())]
    return chosen


def write_pictures(samples: Sequence[Sample], folder: Path, size: int) -> Path:
    """Write each sample's hand at `size` pixels as `label/signer/name.jpg`, and `manifest.csv` over them all.

    Returns the manifest's path. Raises FrameError, OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST_NAME
    with manifest.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for number, sample in enumerate(samples):
            rgb, _ = cut_sample(sample, size)[0]
            name = Path(sample.label) / (sample.signer or "unknown") / f"{sample.path.stem}_{number:05}.jpg"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / name), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            table.writerow(
                {
                    "path": name.as_posix(),
                    "label": sample.label,
                    "signer": sample.signer,
                    "set": sample.set,
                    "split": sample.split,
                    "handedness": "Right" if sample.left_hand else "Left",
                    "licence": sample.licence,
                    "source": sample.source,
                    "original": sample.path.name,
                }
            )
    return manifest


def overview(samples: Sequence[Sample]) -> str:
    """Counts by label and signer, as a table in text: labels down, the signers with most pictures across."""
    counts = Counter((sample.label, sample.signer) for sample in samples)
    labels = sorted({label for label, _ in counts})
    totals = Counter(sample.signer for sample in samples)
    shown = [signer for signer, _ in totals.most_common(10)]
    head = f"{'label':10}{'all':>7}" + "".join(f"{(name or 'unknown')[:9]:>10}" for name in shown)
    lines = [head]
    for label in labels:
        row = [counts[label, signer] for signer in shown]
        total = sum(count for (name, _), count in counts.items() if name == label)
        lines.append(f"{label:10}{total:7,}" + "".join(f"{count:10,}" for count in row))
    if len(totals) > len(shown):
        lines.append(f"and {len(totals) - len(shown)} signers more")
    return "\n".join(lines)


def counts_figure(samples: Sequence[Sample]) -> Figure:
    """Pictures by label and signer, as a map of counts."""
    labels = sorted({sample.label for sample in samples})
    signers = sorted({sample.signer for sample in samples})[:120]
    table = np.zeros((len(signers), len(labels)))
    for sample in samples:
        if sample.signer in signers:
            table[signers.index(sample.signer), labels.index(sample.label)] += 1
    figure, axis = plt.subplots(figsize=(max(4, 0.3 * len(labels)), max(3, 0.16 * len(signers))))
    shown = axis.imshow(table, aspect="auto", cmap="viridis")
    axis.set(xticks=range(len(labels)), yticks=range(len(signers)), title="pictures by signer and label")
    axis.set_xticklabels(labels, rotation=90, fontsize=8)
    axis.set_yticklabels([signer or "unknown" for signer in signers], fontsize=6)
    figure.colorbar(shown)
    return figure


def contact_sheet(samples: Sequence[Sample], each: int, seed: int, size: int = 96) -> Any:
    """`each` random pictures of every label, one row a label, the label written on the first.  # (H, W, 3)"""
    rows = []
    by_label: dict[str, list[Sample]] = defaultdict(list)
    for sample in choose(samples, each, seed):
        by_label[sample.label].append(sample)
    for label, group in by_label.items():
        cells = [cut_sample(sample, size)[0][0] for sample in group]
        cells += [np.zeros((size, size, 3), np.uint8)] * (each - len(cells))
        row = np.ascontiguousarray(np.hstack(cells))
        cv2.putText(row, label, (3, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3)
        cv2.putText(row, label, (3, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
        rows.append(row)
    return np.vstack(rows)
