"""How well a bundle reads pictures that are on disk, asked as the server asks it: JPEG bytes in, readings out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training import measures
from training.data import DataError, Problem, Sample, read_data, read_rgb
from training.progress import counted
from training.served import Floats, as_served, landmarks_as_served
from webapp.core.bundle import NOTHING, read_card, write_card
from webapp.core.frames import FrameError, decode_jpeg, prepare
from webapp.core.hands import mirrored_landmarks
from webapp.core.messages import is_crop_of
from webapp.inference import Network
from webapp.tracker import HandTracker

BATCH = 16
MOST_PAIRS = 30
"""Of signer and label that a person is told; the JSON has them all."""


@dataclass(frozen=True)
class Answers:
    """What a network said to some samples; one row each."""

    samples: list[Sample]
    probabilities: npt.NDArray[np.float32]
    """(N, labels)"""
    problems: list[Problem]
    """Pictures that could not be read, and so were not asked about."""
    landmarks: list[Floats | None]
    """What the network was given beside each picture."""

    @property
    def truth(self) -> measures.Words:
        """The true labels.  # (N,)"""
        return np.array([sample.label for sample in self.samples], dtype=np.str_)

    @property
    def signers(self) -> measures.Words:
        """Who signed.  # (N,)"""
        return np.array([sample.signer for sample in self.samples], dtype=np.str_)

    @property
    def without_landmarks(self) -> float:
        """The share of pictures that were read from the crop alone, 0..1."""
        return sum(given is None for given in self.landmarks) / max(1, len(self.landmarks))


def ask(network: Network, samples: Sequence[Sample], mirror_left: bool = False, use_landmarks: bool = True) -> Answers:
    """Read every sample, with its landmarks where it has some, the network takes them and `use_landmarks` is set.

    Whoever knows the landmarks knows which hand it is, so a left hand that has them is mirrored with them, as live.
    With `mirror_left` the others are mirrored too, as for a person who has said so.
    """
    spec = network.card.input
    answers = Answers([], np.zeros((0, len(network.card.labels)), np.float32), [], [])
    pictures = []
    for sample in samples:
        try:
            rgb = decode_jpeg(as_served(sample))
            landmarks = landmarks_as_served(sample) if use_landmarks and spec.landmarks else None
        except (FrameError, OSError) as error:
            answers.problems.append(Problem(str(sample.path), str(error), 1))
            continue
        mirrored = sample.left_hand and (mirror_left or landmarks is not None)
        if mirrored and landmarks is not None:
            landmarks = mirrored_landmarks(landmarks)
        pictures.append(prepare(rgb, spec, mirrored))
        answers.samples.append(sample)
        answers.landmarks.append(landmarks)
    return replace(answers, probabilities=read(network, pictures, answers.landmarks))


def read(network: Network, pictures: Sequence[Floats], landmarks: Sequence[Floats | None]) -> Floats:
    """The network's answers, however many prepared pictures there are.  # N × (S, S, 3) -> (N, labels)"""
    parts = [
        network.probabilities(pictures[at : at + BATCH], landmarks[at : at + BATCH])
        for at in range(0, len(pictures), BATCH)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(network.card.labels)), np.float32)


def tracked(sample: Sample, tracker: HandTracker) -> Sample:
    """The sample with the landmarks and the hand that the tracker finds, as it is where it finds none.

    A whole photograph also gets the box that `as_served` cuts the hand out by; a picture that is a crop already, square
    and filled by the hand, is kept. Files that cannot be decoded are left as they are.
    """
    try:
        rgb = read_rgb(sample.path)
    except (FrameError, OSError):
        return sample
    hand = tracker.find(rgb)
    if hand is None:
        return sample
    height, width = rgb.shape[:2]
    kept = sample.box is None and is_crop_of(hand, width, height)
    low, high = hand.landmarks[:, :2].min(axis=0), hand.landmarks[:, :2].max(axis=0)
    return replace(
        sample,
        landmarks=(hand.landmarks / (width, height, width)).astype(np.float32),
        left_hand=hand.left_hand,
        box=None if kept else (*low.tolist(), *(high - low).tolist()),
    )


def evaluate(
    model: Path,
    folders: Sequence[Path],
    split: str = "",
    exclude: Sequence[str] = (),
    mirror_left: bool = False,
    use_landmarks: bool = True,
    tracker: HandTracker | None = None,
) -> dict[str, Any]:
    """What `evaluate.py` prints about the bundle in `model` on the data in `folders`.

    With `tracker`, pictures of which the data give no landmarks are tracked, and hands cut out of whole photographs
    even where the network takes no landmarks. Labels that the model does not know are
    counted by name under `unknown_labels`, and what could not be read under `left_out`. Raises BundleError, DataError.
    """
    network = Network(model)
    samples, problems = read_data(folders)
    wanted = [s for s in samples if (not split or s.split == split) and s.label not in exclude]
    unknown = Counter(sample.label for sample in wanted if sample.label not in network.card.labels)
    known = [sample for sample in wanted if sample.label in network.card.labels]
    if tracker:
        found = {s.path: tracked(s, tracker) for s in counted([s for s in known if s.landmarks is None], "tracked")}
        known = [found.get(sample.path, sample) for sample in known]
    answers = ask(network, known, mirror_left, use_landmarks)
    if not answers.samples:
        raise DataError(
            f"There is nothing to evaluate on: {len(samples)} pictures found, {len(wanted)} wanted, none readable."
            + "".join(f"\n{problem}" for problem in (*problems, *answers.problems)[:3])
        )
    result = measures.summary(answers.probabilities, answers.truth, answers.signers, network.card.labels)
    result["without_landmarks"] = answers.without_landmarks
    result["learnt_from"] = learnt_from(answers, network)
    result["unknown_labels"] = dict(sorted(unknown.items()))
    result["left_out"] = [str(problem) for problem in (*problems, *answers.problems)]
    result["confusions"] = measures.confusions(
        answers.probabilities, answers.truth, answers.signers, network.card.labels
    )
    return result | believed(answers, network)


def note_confusions(folder: Path, result: dict[str, Any]) -> None:
    """Write what `evaluate` found strangers' signs to be taken for into the card of the bundle in `folder`.

    Raises BundleError, and DataError where the network had learnt from these people, or has other labels than the card.
    """
    card = read_card(folder)
    if result["learnt_from"]:
        raise DataError("These people are none the model has never seen: its card keeps the confusions it has.")
    if not {name for row in result["confusions"].values() for name in row} <= set(card.labels):
        raise DataError(f"{folder} reads other labels than the model that was measured.")
    write_card(folder, card.raw | {"confusions": result["confusions"]})


def learnt_from(answers: Answers, network: Network) -> float:
    """The share of pictures whose signers the card names as trained on, 0..1; signers without a name are nobody's."""
    trained_on = set(network.card.raw.get("split", {}).get("train_signers", [])) - {""}
    return float(np.mean([signer in trained_on for signer in answers.signers.tolist()]))


def believed(answers: Answers, network: Network) -> dict[str, Any]:
    """How honest the confidences are, and how often pictures of no hand would be believed to be a sign."""
    labels = list(network.card.labels)
    numbers = np.array([labels.index(label) for label in answers.truth])
    empty = answers.truth == NOTHING
    figures: dict[str, Any] = {"calibration_error": measures.calibration_error(answers.probabilities, numbers)}
    if empty.any():
        signs = [
            measures.share_above_floor(row[np.newaxis], labels, network.card.floors_of(landmarks))
            for row, landmarks, none in zip(answers.probabilities, answers.landmarks, empty, strict=True)
            if none
        ]
        figures["nothing_read_as_a_sign"] = float(np.mean(signs))
    return figures


def as_text(result: dict[str, Any]) -> str:
    """The figures for a person: overall, the five hardest labels, every signer."""
    hardest = sorted(result["by_label"].items(), key=lambda item: item[1]["f1"])[:5]
    lines = [
        f"accuracy {result['accuracy']:.4f}   mean over signers {result['macro_by_signer']:.4f}   pictures {result['n']:,}",
        "hardest: " + ", ".join(f"{label} {figures['f1']:.2f}" for label, figures in hardest),
        "by signer: "
        + ", ".join(f"{signer or 'unknown'} {share:.3f}" for signer, share in list(result["by_signer"].items())[:30]),
    ]
    if missed := [
        (share, signer, label) for signer, row in result["missed_pairs"].items() for label, share in row.items()
    ]:
        lines.append(
            f"read right in under half of the pictures: {len(missed)} of {result['pairs']} pairs of signer and label: "
            + ", ".join(
                f"{signer or 'unknown'} {label} {share:.2f}" for share, signer, label in sorted(missed)[:MOST_PAIRS]
            )
            + (" …" if len(missed) > MOST_PAIRS else "")
        )
    if result["learnt_from"]:
        lines.append(
            f"NOT A FIGURE FOR STRANGERS: the model learnt from the signers of {result['learnt_from']:.1%} of these pictures"
        )
    if result["without_landmarks"]:
        lines.append(f"read from the crop alone, without landmarks: {result['without_landmarks']:.1%} of the pictures")
    if result["unknown_labels"]:
        lines.append(
            "labels the model does not know: " + ", ".join(f"{k} ({v})" for k, v in result["unknown_labels"].items())
        )
    if result["left_out"]:
        lines.append(f"left out: {len(result['left_out'])}, the first: {result['left_out'][0]}")
    return "\n".join(lines)
