"""How well a bundle reads pictures that are on disk, asked as the server asks it: JPEG bytes in, readings out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training import measures
from training.data import DataError, Problem, Sample, read_data
from training.served import as_served
from webapp.core.bundle import NOTHING
from webapp.core.frames import FrameError, decode_jpeg, prepare
from webapp.recogniser import Network

BATCH = 16


@dataclass(frozen=True)
class Answers:
    """What a network said to some samples; one row each."""

    samples: list[Sample]
    probabilities: npt.NDArray[np.float32]
    """(N, labels)"""
    problems: list[Problem]
    """Pictures that could not be read, and so were not asked about."""

    @property
    def truth(self) -> measures.Words:
        """The true labels.  # (N,)"""
        return np.array([sample.label for sample in self.samples], dtype=np.str_)

    @property
    def signers(self) -> measures.Words:
        """Who signed.  # (N,)"""
        return np.array([sample.signer for sample in self.samples], dtype=np.str_)


def ask(network: Network, samples: Sequence[Sample], mirror_left: bool = False) -> Answers:
    """Read every sample. With `mirror_left`, left hands are mirrored, as for a person who has said so."""
    spec = network.card.input
    pictures, asked, problems = [], [], []
    for sample in samples:
        try:
            rgb = decode_jpeg(as_served(sample))
        except (FrameError, OSError) as error:
            problems.append(Problem(str(sample.path), str(error), 1))
            continue
        pictures.append(prepare(rgb, spec, mirrored=mirror_left and sample.left_hand))
        asked.append(sample)
    parts = [network.probabilities(pictures[at : at + BATCH]) for at in range(0, len(pictures), BATCH)]
    rows = np.concatenate(parts) if parts else np.zeros((0, len(network.card.labels)), np.float32)
    return Answers(asked, rows, problems)


def evaluate(
    model: Path, folders: Sequence[Path], split: str = "", exclude: Sequence[str] = (), mirror_left: bool = False
) -> dict[str, Any]:
    """What `evaluate.py` prints about the bundle in `model` on the data in `folders`.

    Labels that the model does not know are counted by name under `unknown_labels`, and what could not be read under
    `left_out`. Raises BundleError, DataError.
    """
    network = Network(model)
    samples, problems = read_data(folders)
    wanted = [s for s in samples if (not split or s.split == split) and s.label not in exclude]
    unknown = Counter(sample.label for sample in wanted if sample.label not in network.card.labels)
    answers = ask(network, [sample for sample in wanted if sample.label in network.card.labels], mirror_left)
    if not answers.samples:
        raise DataError(
            f"There is nothing to evaluate on: {len(samples)} pictures found, {len(wanted)} wanted, none readable."
        )
    result = measures.summary(answers.probabilities, answers.truth, answers.signers, network.card.labels)
    result["unknown_labels"] = dict(sorted(unknown.items()))
    result["left_out"] = [str(problem) for problem in (*problems, *answers.problems)]
    return result | believed(answers, network)


def believed(answers: Answers, network: Network) -> dict[str, Any]:
    """How honest the confidences are, and how often pictures of no hand would be believed to be a sign."""
    labels = list(network.card.labels)
    numbers = np.array([labels.index(label) for label in answers.truth])
    empty = answers.truth == NOTHING
    figures: dict[str, Any] = {"calibration_error": measures.calibration_error(answers.probabilities, numbers)}
    if empty.any():
        figures["nothing_read_as_a_sign"] = measures.share_above_floor(
            answers.probabilities[empty], labels, network.card.floors
        )
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
    if result["unknown_labels"]:
        lines.append(
            "labels the model does not know: " + ", ".join(f"{k} ({v})" for k, v in result["unknown_labels"].items())
        )
    if result["left_out"]:
        lines.append(f"left out: {len(result['left_out'])}, the first: {result['left_out'][0]}")
    return "\n".join(lines)
