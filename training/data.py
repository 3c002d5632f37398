"""What is to be learnt from: folders and manifests become samples, samples become splits, and bad data one list.

Only small things happen here: files are listed, headers and tables are read, nothing is decoded for good (see
`pictures`) and nothing is learnt. Whatever is wrong with somebody's data is a `Problem` with a path and a sentence.
"""

import csv
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from webapp.core.bundle import DELETE, NOTHING, SPACE
from webapp.core.frames import FrameError
from webapp.core.hands import LANDMARKS
from webapp.core.pictures import decode_picture

STILL_LETTERS = tuple("ABCDEFGHIKLMNOPQRSTUVWXY")
"""The letters that a photograph can show; J and Z are movements."""
LETTERS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", DELETE, NOTHING, SPACE)
DIGITS = (*"0123456789", NOTHING)
LABEL_SETS = {"letters": LETTERS, "digits": DIGITS}

MANIFEST_NAME = "manifest.csv"
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
# Sets whose black is a mask and not a room: any background may be put behind the hand.
MASKED_SETS = frozenset({"massey"})
LANDMARK_COLUMNS = [f"lm{joint}{axis}" for joint in range(LANDMARKS) for axis in "xyz"]
BOX_COLUMNS = ["box_x", "box_y", "box_w", "box_h"]
_KNOWN_COLUMNS = {
    *("path", "label", "signer", "set", "split", "found", "handedness", "hand_score", "width", "height"),
    *("licence", "source", "original", *BOX_COLUMNS, *LANDMARK_COLUMNS),
}
# Hand trackers err on single pictures; a signer of whom nearly all pictures say the same hand uses that hand.
_SAME_HAND_SHARE = 0.85

Landmarks = npt.NDArray[np.float32]  # (21, 3): x, y as fractions of the stored picture, z in the scale of x


@dataclass(frozen=True)
class Sample:
    """One labelled picture on disk."""

    path: Path
    label: str
    signer: str = ""
    """Who signs; empty where nobody knows."""
    set: str = ""
    split: str = ""
    """What the manifest says: "train", "dev", "test" or nothing."""
    landmarks: Landmarks | None = None
    box: tuple[float, float, float, float] | None = None
    """Where the hand is in a whole photograph: x, y, width, height in pixels of the stored picture."""
    left_hand: bool = False
    licence: str = ""
    source: str = ""


@dataclass(frozen=True)
class Problem:
    """Something wrong with the data: what it is about, what is wrong and what was done about it."""

    where: str
    what: str
    left_out: int = 0
    """How many pictures were left out because of it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" (left out: {self.left_out})" if self.left_out else "")


class DataError(Exception):
    """Data that nothing can be learnt from; the message says why and what mends it."""


def label_list(words: str) -> tuple[str, ...]:
    """The labels that `letters`, `digits` or a list like `A,B,C` names, without repeats, in the order given."""
    if words in LABEL_SETS:
        return LABEL_SETS[words]
    labels = tuple(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    if len(labels) < 2:
        raise DataError(f"The labels {words!r} name fewer than two. Give letters, digits or a list such as A,B,C.")
    return labels


def read_data(folders: Iterable[Path]) -> tuple[list[Sample], list[Problem]]:
    """Every picture in `folders`, each in one of three forms, and what was wrong.

    A folder holds a `manifest.csv`, or a folder per label, or a folder per signer with a folder per label inside.
    """
    samples: list[Sample] = []
    problems: list[Problem] = []
    for folder in folders:
        if not folder.is_dir():
            problems.append(Problem(str(folder), "there is no such folder"))
            continue
        read = _read_manifest if (folder / MANIFEST_NAME).is_file() else _read_folders
        found, wrong = read(folder)
        samples += found
        problems += wrong
        if not found:
            problems.append(Problem(str(folder), "no pictures here: expected manifest.csv or a folder per label"))
    return _one_hand_per_signer(samples), problems


def keep_labels(samples: Sequence[Sample], labels: Sequence[str]) -> tuple[list[Sample], list[Problem]]:
    """The samples whose label is wanted; labels that are in the data and not wanted are named, with their counts."""
    wanted = set(labels)
    others = Counter(sample.label for sample in samples if sample.label not in wanted)
    problems = [Problem(f"label {label!r}", "not among the labels", count) for label, count in sorted(others.items())]
    return [sample for sample in samples if sample.label in wanted], problems


def check_files(samples: Sequence[Sample], decode: bool = True) -> tuple[list[Sample], list[Problem]]:
    """The samples whose file can be read, and what is wrong with the others. `decode=False` looks at headers only."""
    good: list[Sample] = []
    problems: list[Problem] = []
    for sample in samples:
        trouble = file_trouble(sample.path, decode)
        if trouble:
            problems.append(Problem(str(sample.path), trouble, 1))
        else:
            good.append(sample)
    return good, problems


def file_trouble(path: Path, decode: bool = True) -> str | None:
    """What is wrong with a picture file, in a few words, or None."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if not start:
        return "the file is empty"
    kind = "jpeg" if start[:2] == b"\xff\xd8" else "png" if start == b"\x89PNG\r\n\x1a\n" else ""
    if not kind:
        return "neither JPEG nor PNG, whatever its name says"
    if (kind == "png") != (path.suffix.lower() == ".png"):
        return f"wrong extension: the file is a {kind.upper()}"
    if decode:
        try:
            read_rgb(path)
        except FrameError as error:
            return f"{error.code}: cannot be decoded"
    return None


def read_rgb(path: Path) -> npt.NDArray[Any]:
    """A JPEG or PNG file as RGB.  # (H, W, 3)  Raises FrameError, OSError."""
    return decode_picture(path.read_bytes())


def check_labels(samples: Sequence[Sample], labels: Sequence[str]) -> list[Problem]:
    """What is suspicious about the labels: an empty one, one with a single picture, one with a single signer."""
    counts = Counter(sample.label for sample in samples)
    signers: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        signers[sample.label].add(sample.signer)
    problems = []
    for label in labels:
        if not counts[label]:
            problems.append(Problem(f"label {label!r}", "no pictures: it will never be read"))
        elif counts[label] == 1:
            problems.append(Problem(f"label {label!r}", "one picture only"))
        elif len(signers[label]) == 1 and "" not in signers[label]:
            problems.append(Problem(f"label {label!r}", f"one signer only ({next(iter(signers[label]))})"))
    return problems


# --- splits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """Samples to learn from, to choose by and (perhaps none) to test on; `rule` says in words how they were parted."""

    train: list[Sample]
    val: list[Sample]
    test: list[Sample]
    rule: str


def split_by_signer(
    samples: Sequence[Sample], val_signers: Sequence[str], test_signers: Sequence[str], fraction: float, seed: int
) -> Split:
    """Part by signer, so that nobody is on both sides.

    The signers named win; else what the manifest's split says; else `fraction` of the signers, drawn by `seed`,
    are kept apart. Where signers are unknown, groups of near duplicates are parted instead.
    """
    known = {sample.signer for sample in samples}
    unknown = [signer for signer in (*val_signers, *test_signers) if signer not in known]
    if unknown:
        raise DataError(f"No such signer: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    if val_signers or test_signers:
        rule = f"by signer: {', '.join(val_signers) or 'nobody'} to choose by, {', '.join(test_signers) or 'nobody'} to test on"
        return _part(
            samples,
            lambda s: "val" if s.signer in val_signers else "test" if s.signer in test_signers else "train",
            rule,
        )
    if any(sample.split in ("dev", "val") for sample in samples):
        return _part(
            samples,
            lambda s: {"dev": "val", "val": "val", "test": "test"}.get(s.split, "train"),
            "by signer, as the manifest says",
        )
    groups = group_names(samples)
    held = _draw_groups(groups, fraction, seed)
    rule = (
        f"by signer: {fraction:.0%} of the signers kept apart"
        if known != {""}
        else f"signers unknown: {fraction:.0%} of the groups of near duplicates kept apart"
    )
    chosen = {id(sample) for sample, group in zip(samples, groups, strict=True) if group in held}
    return _part(samples, lambda s: "val" if id(s) in chosen else "train", rule)


def split_random(samples: Sequence[Sample], fraction: float, seed: int) -> Split:
    """Part picture by picture, as the tutorials do. Near duplicates end up on both sides: no evidence about strangers."""
    rng = np.random.default_rng(seed)
    held = rng.random(len(samples)) < fraction
    chosen = {id(sample) for sample, out in zip(samples, held, strict=True) if out}
    return _part(
        samples,
        lambda s: "val" if id(s) in chosen else "train",
        f"random: {fraction:.0%} of the pictures, signers on both sides",
    )


def drop_leaks(split: Split) -> tuple[Split, list[Problem]]:
    """Take out of `train` the files that are also, byte for byte, among those kept apart."""
    kept = {_digest(sample.path) for sample in (*split.val, *split.test)}
    clean = [sample for sample in split.train if _digest(sample.path) not in kept]
    leaks = len(split.train) - len(clean)
    problems = [Problem("training pictures", "exact duplicates of pictures kept apart", leaks)] if leaks else []
    return replace(split, train=clean), problems


def group_names(samples: Sequence[Sample], near_bits: int = 6) -> list[str]:
    """The group that each sample must stay with: its signer, or its cluster of near duplicates where signers are unknown."""
    names = [sample.signer for sample in samples]
    loose = [at for at, name in enumerate(names) if not name]
    if loose:
        hashes = np.array([difference_hash(read_rgb(samples[at].path)) for at in loose])
        for at, cluster in zip(loose, near_clusters(hashes, near_bits), strict=True):
            names[at] = f"near-duplicates-{cluster}"
    return names


def difference_hash(rgb: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """64 bits, each saying whether a cell of a 9 × 8 picture is brighter than its neighbour.  # (64,) of 0, 1"""
    small = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    return (small[:, 1:] > small[:, :-1]).astype(np.uint8).ravel()


def near_clusters(hashes: npt.NDArray[np.uint8], near_bits: int) -> list[int]:
    """Cluster numbers such that hashes that differ in at most `near_bits` bits share one (single linkage)."""
    cluster = np.full(len(hashes), -1)
    signs = hashes.astype(np.float32) * 2 - 1  # so that a product counts agreements
    for start in range(len(hashes)):
        if cluster[start] >= 0:
            continue
        cluster[start] = start
        open_ends = [start]
        while open_ends:
            near = (signs.shape[1] - signs @ signs[open_ends.pop()]) / 2 <= near_bits
            joined = np.flatnonzero(near & (cluster < 0))
            cluster[joined] = start
            open_ends += joined.tolist()
    return cluster.tolist()


def _part(samples: Sequence[Sample], side: "Callable[[Sample], str]", rule: str) -> Split:
    sides: dict[str, list[Sample]] = {"train": [], "val": [], "test": []}
    for sample in samples:
        sides[side(sample)].append(sample)
    return Split(**sides, rule=rule)


def _draw_groups(groups: Sequence[str], fraction: float, seed: int) -> set[str]:
    names = sorted(set(groups))
    count = min(max(1, round(fraction * len(names))), len(names) - 1) if len(names) > 1 else 0
    return set(np.random.default_rng(seed).permutation(names)[:count].tolist())


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


# --- reading ----------------------------------------------------------------------------------------------------


def _read_manifest(folder: Path) -> tuple[list[Sample], list[Problem]]:
    path = folder / MANIFEST_NAME
    samples: list[Sample] = []
    problems: list[Problem] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            columns = set(table.fieldnames or ())
            missing = {"path", "label"} - columns
            if missing:
                return [], [Problem(str(path), f"the column {', '.join(sorted(missing))} is missing")]
            strange = sorted(columns - _KNOWN_COLUMNS)
            if strange:
                problems.append(Problem(str(path), f"unknown columns, not used: {', '.join(strange)}"))
            for row in table:
                sample = _sample_of_row(folder, row)
                if isinstance(sample, Sample):
                    samples.append(sample)
                else:
                    problems.append(Problem(f"{path}, line {table.line_num}", sample, 1))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(str(path), f"this is not a CSV table in UTF-8 ({error})"))
    return samples, problems


def _sample_of_row(folder: Path, row: dict[str, str | None]) -> Sample | str:
    """The sample, or what is wrong with the row."""

    def word(column: str) -> str:
        return (row.get(column) or "").strip()

    if not word("path") or not word("label"):
        return "path or label is empty"
    try:
        box = [float(word(column)) for column in BOX_COLUMNS] if word("box_x") else None
        flat = [float(word(column)) for column in LANDMARK_COLUMNS] if word("lm0x") else None
    except ValueError:
        return "a box or landmark is not a number"
    return Sample(
        path=folder / word("path"),
        label=word("label"),
        signer=word("signer"),
        set=word("set"),
        split=word("split"),
        landmarks=np.array(flat, np.float32).reshape(LANDMARKS, 3) if flat else None,
        box=(box[0], box[1], box[2], box[3]) if box else None,
        # The tracker names hands as if the picture were mirrored; these are not.
        left_hand=word("handedness") == "Right",
        licence=word("licence"),
        source=word("source"),
    )


def _read_folders(folder: Path) -> tuple[list[Sample], list[Problem]]:
    """A folder per label, or a folder per signer with a folder per label inside: told apart by where pictures lie."""
    samples: list[Sample] = []
    problems: list[Problem] = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        parts = Path(root).relative_to(folder).parts
        pictures = [name for name in sorted(names) if Path(name).suffix.lower() in PICTURE_SUFFIXES]
        others = [name for name in names if name not in pictures and not name.startswith(".")]
        if others:
            problems.append(Problem(root, f"not pictures: {', '.join(sorted(others)[:3])}", len(others)))
        if len(parts) not in (1, 2):
            if pictures:
                problems.append(Problem(root, "pictures outside a label's folder", len(pictures)))
            continue
        signer = parts[0] if len(parts) == 2 else ""
        samples += [Sample(Path(root) / name, parts[-1], signer, set=folder.name) for name in pictures]
        if not pictures and not folders:
            problems.append(Problem(root, "the label's folder is empty"))
    return samples, problems


def _one_hand_per_signer(samples: list[Sample]) -> list[Sample]:
    votes: dict[str, list[bool]] = defaultdict(list)
    for sample in samples:
        if sample.landmarks is not None:
            votes[sample.signer].append(sample.left_hand)
    share = {signer: sum(hands) / len(hands) for signer, hands in votes.items()}

    def hand(sample: Sample) -> bool:
        left = share.get(sample.signer, 0.0)
        if left >= _SAME_HAND_SHARE:
            return True
        return sample.left_hand and left > 1 - _SAME_HAND_SHARE

    return [replace(sample, left_hand=hand(sample)) for sample in samples]
