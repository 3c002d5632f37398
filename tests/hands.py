"""Real crops of people whom the twins of the served models have never seen, for tests that need real hands.

The served models may have learnt from everybody; their twins in `models/twins` were trained the same way without these people.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.server import ROOT

NOTHING = "nothing"
TWINS = ROOT / "models" / "twins"


@cache
def strangers(folder: Path) -> dict[str, dict[str, list[Path]]]:
    """The crops of webcam strangers (`split` is dev), in the order they were taken: signer -> label -> paths."""
    found: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["set"] == "tracked" and row["split"] == "dev":
                found[row["signer"]][row["label"]].append(folder / row["path"])
    return {signer: {label: sorted(paths) for label, paths in labels.items()} for signer, labels in found.items()}


def take(paths: list[Path], frames: int) -> list[bytes]:
    """`frames` pictures, going through `paths` slowly and from the beginning again where they do not suffice."""
    return [paths[place % len(paths)].read_bytes() for place in range(frames)]


def spelled(crops: dict[str, list[Path]], word: str, hold_frames: int, gap_frames: int) -> list[bytes]:
    """A stream that spells `word`: every letter held, and a gap without a hand after each."""
    stream: list[bytes] = []
    for letter in word:
        stream += take(crops[letter], hold_frames) + take(crops[NOTHING], gap_frames)
    return stream
