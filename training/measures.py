"""Numbers about readings: accuracy by signer, per label, calibration, the confidence each label needs.

Pure functions from probabilities and true labels to numbers; no files, no network, no plots.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from webapp.core.bundle import NOTHING
from webapp.core.motion import DRAWN_SIGNS

Floats = npt.NDArray[np.floating]
Words = npt.NDArray[np.str_]

# Label smoothing leaves a network a little too modest; where everything kept apart is read right, nothing but this
# bound would keep it from boasting to the next stranger.
TEMPERATURES = np.exp(np.linspace(np.log(0.7), np.log(4.0), 81))
# No letter may be so hard to commit, or so easy, as its precision alone would make it.
FLOOR_RANGE = (0.45, 0.75)
NOTHING_FLOOR = 0.3
FLOOR_PRECISION = 0.9
ECE_BINS = 15
MISSED = 0.5
"""Share of the pictures of a signer and a label below which the network does not know how this person signs it."""


def accuracy_by_signer(right: npt.NDArray[np.bool_], signers: Words) -> dict[str, float]:
    """The share read right, for each signer.  # right: (N,)"""
    return {str(signer): float(right[signers == signer].mean()) for signer in np.unique(signers)}


def macro_by_signer(right: npt.NDArray[np.bool_], signers: Words) -> float:
    """The mean over signers of the share read right: everybody counts the same. NaN without pictures."""
    return float(np.mean(list(accuracy_by_signer(right, signers).values()))) if len(right) else float("nan")


def summary(probabilities: Floats, truth: Words, signers: Words, labels: Sequence[str]) -> dict[str, Any]:
    """What `evaluate` prints, from one row of probabilities a picture.  # probabilities: (N, labels)

    `confusion` counts true labels down, read labels across, in the order of `labels`.
    """
    names = np.array(labels)
    read = names[probabilities.argmax(axis=1)]
    right = read == truth
    present = sorted(set(truth.tolist()), key=list(labels).index)
    precision, recall, f1, support = precision_recall_fscore_support(truth, read, labels=list(labels), zero_division=0)
    return {
        "accuracy": float(right.mean()),
        "macro_by_signer": macro_by_signer(right, signers),
        "by_signer": accuracy_by_signer(right, signers),
        "by_label": {
            label: {
                "precision": float(precision[at]),
                "recall": float(recall[at]),
                "f1": float(f1[at]),
                "support": int(support[at]),
            }
            for at, label in enumerate(labels)
            if label in present
        },
        "roc_auc": roc_auc(probabilities, truth, labels),
        "confusion": confusion_matrix(truth, read, labels=list(labels)).tolist(),
        "pairs": len(set(zip(signers.tolist(), truth.tolist(), strict=True))),
        "missed_pairs": missed_pairs(right, truth, signers),
        "n": len(truth),
    }


def missed_pairs(right: npt.NDArray[np.bool_], truth: Words, signers: Words) -> dict[str, dict[str, float]]:
    """The signs that somebody's hand is mostly not read as, worst first: signer -> label -> share read right, below half.

    Pictures of one signer and label are near duplicates, so that mistakes come in such pairs.  # right: (N,)
    """
    missed: dict[str, dict[str, float]] = {}
    for signer in np.unique(signers):
        own = signers == signer
        shares = {str(label): float(right[own & (truth == label)].mean()) for label in np.unique(truth[own])}
        if low := {label: share for label, share in sorted(shares.items(), key=lambda s: s[1]) if share < MISSED}:
            missed[str(signer)] = low
    return missed


def roc_auc(probabilities: Floats, truth: Words, labels: Sequence[str]) -> float | None:
    """Area under the ROC curve, each label against the rest, mean over the labels that occur. None with fewer than two."""
    present = [label for label in labels if np.any(truth == label)]
    if len(present) < 2:
        return None
    areas = [roc_auc_score(truth == label, probabilities[:, list(labels).index(label)]) for label in present]
    return float(np.mean(areas))


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """What the softmax would say were its inputs divided by `temperature`.  # (N, labels)"""
    logs = np.log(np.maximum(probabilities, 1e-12)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_temperature(probabilities: Floats, truth: npt.NDArray[np.intp], weights: Floats) -> float:
    """The temperature that makes the true labels likeliest (Guo et al., 2017), each picture weighing `weights`.

    `truth` holds label numbers.
    """
    rows = np.arange(len(truth))
    losses = [
        float(np.average(-np.log(np.maximum(tempered(probabilities, t)[rows, truth], 1e-12)), weights=weights))
        for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def calibration_error(probabilities: Floats, truth: npt.NDArray[np.intp]) -> float:
    """Expected calibration error over 15 equal bins of confidence: 0 is honest.  # truth: label numbers"""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [abs(right[bins == b].mean() - confidence[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins)]
    return float(np.sum(gaps))


def floors(probabilities: Floats, truth: Words, labels: Sequence[str]) -> dict[str, float]:
    """For each label, the least confidence at which it was right nine times in ten, kept within bounds.

    Labels that never occur get the middle of the range; `nothing` needs no confidence to commit nothing. A still of a
    sign that is drawn, read as the letter whose shape the hand has meanwhile, is no mistake: live, the path decides.
    """
    read = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    needed = {}
    for at, label in enumerate(labels):
        chosen = (read == at) & ~_still_of_drawn(truth, label)
        if label == NOTHING:
            needed[label] = NOTHING_FLOOR
        elif not np.any(truth == label):
            needed[label] = round(sum(FLOOR_RANGE) / 2, 3)
        else:
            needed[label] = _least_confidence(confidence[chosen], truth[chosen] == label)
    return needed


def _still_of_drawn(truth: Words, label: str) -> npt.NDArray[np.bool_]:
    """Which pictures are of a sign that is drawn with the shape of `label`.  # (N,)"""
    return np.isin(truth, [drawn.sign for drawn in DRAWN_SIGNS if label in drawn.alike - {drawn.sign}])


def _least_confidence(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    for percent in range(round(100 * FLOOR_RANGE[0]), round(100 * FLOOR_RANGE[1])):
        above = confidence >= percent / 100
        if not above.any() or right[above].mean() >= FLOOR_PRECISION:
            return percent / 100
    return FLOOR_RANGE[1]


def reliability(
    probabilities: Floats, truth: Words, labels: Sequence[str], needed: Mapping[str, float]
) -> dict[str, float]:
    """For each label, how often it was right where it was believed (read above its floor), 0..1.

    Labels that were never believed are left out; stills of drawn signs count as for `floors`.
    """
    read = probabilities.argmax(axis=1)
    believed = probabilities.max(axis=1) >= np.array([needed[label] for label in labels])[read]
    shares = {}
    for at, label in enumerate(labels):
        chosen = believed & (read == at) & ~_still_of_drawn(truth, label)
        if chosen.any():
            shares[label] = round(float(np.mean(truth[chosen] == label)), 3)
    return shares


def confusions(
    probabilities: Floats, truth: Words, signers: Words, labels: Sequence[str]
) -> dict[str, dict[str, float]]:
    """For each true label, what it was read as: label -> share, likeliest first, every signer weighing the same.

    Labels that nobody showed are left out, and so are shares below 0.0001.
    """
    names = np.array(labels)
    read = names[probabilities.argmax(axis=1)]
    table = {}
    for label in (label for label in labels if np.any(truth == label)):
        shown = truth == label
        shares = {name: round(macro_by_signer(read[shown] == name, signers[shown]), 4) for name in set(read[shown])}
        table[label] = {
            str(name): share for name, share in sorted(shares.items(), key=lambda s: (-s[1], s[0])) if share
        }
    return table


def share_above_floor(probabilities: Floats, labels: Sequence[str], needed: Mapping[str, float]) -> float:
    """The share of pictures that would be believed to be a sign: given pictures of `nothing`, the false alarms."""
    read = probabilities.argmax(axis=1)
    limits = np.array([needed[label] for label in labels])
    signs = np.array([label != NOTHING for label in labels])
    return float(np.mean(signs[read] & (probabilities.max(axis=1) >= limits[read]))) if len(read) else 0.0
