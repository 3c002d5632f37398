"""How well strangers' words are spelled, not how well their frames are read: streams built from the crops of people
whom the model has never seen, played through the network and the very session code that serves a page.

    python -m benchmarks.spelling --model models/letters

Each word of the list is one stream for each signer who showed its letters: every letter is held for 1.5 × the pace at ten frames a second,
with hand-free gaps of half a second between letters, in random crops of that signer. Needs ../shared/data. Prints, for
each pace, the character error rate (edits to the right text over its length), letters that were missed, wrong and
added, and what is written in a minute of pictures without a hand.
"""

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.hands import NOTHING, strangers
from tests.server import ROOT
from webapp.core.frames import decode_jpeg, prepare
from webapp.core.protocol import PACES
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.recogniser import Network

WORDS = (
    "HELLO",
    "WORLD",
    "QUICK",
    "BROWN",
    "FOX",
    "JUMPS",
    "OVER",
    "LAZY",
    "DOG",
    "NAME",
    "VERY",
    "BOOKKEEPER",
    "MUST",
)
NUMBERS = ("2059", "1837", "4466", "0912")
RATE = 10.0
GAP_SECONDS = 0.5
HOLDS = 1.5

Stream = list[tuple[str, int]]


def edits(read: str, wanted: str) -> tuple[int, int, int]:
    """Missed, wrong and added characters in a cheapest way from `wanted` to `read` (Levenshtein)."""
    row: list[tuple[int, int, int]] = [(0, 0, place) for place in range(len(read) + 1)]
    for letter in wanted:
        last, row = row, [(row[0][0] + 1, row[0][1], row[0][2])]
        for place, found in enumerate(read):
            missed, wrong, added = last[place + 1], last[place], row[place]
            row.append(
                min(
                    (missed[0] + 1, missed[1], missed[2]),
                    (wrong[0], wrong[1] + (found != letter), wrong[2]),
                    (added[0], added[1], added[2] + 1),
                    key=sum,
                )
            )
    return row[-1]


def stream_of(word: str, pace: float, crops: dict[str, int], rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """Label and number of the crop, frame by frame; a crop stays for two frames, as a hand that hardly moves."""
    for letter in word:
        for label, seconds in ((letter, HOLDS * pace), (NOTHING, GAP_SECONDS)):
            for frame in range(round(seconds * RATE)):
                if frame % 2 == 0:
                    chosen = int(rng.integers(crops[label]))
                yield label, chosen


def readings_of(network: Network, paths: list[Path]) -> list[Reading]:
    """Every crop read once, as the server reads it."""
    pictures = [prepare(decode_jpeg(path.read_bytes()), network.card.input) for path in paths]
    rows = np.concatenate([network.probabilities(pictures[at : at + 16]) for at in range(0, len(pictures), 16)])
    return [Reading.of(network.card.labels, row.tolist(), network.card.floors) for row in rows]


def spell(frames: Iterator[tuple[str, int]], readings: dict[str, list[Reading]], pace: str) -> str:
    session = Session("model", text_limit=10_000)
    session.change_mode(dataclasses.replace(session.mode, pace=pace))
    for at, (label, chosen) in enumerate(frames):
        session.read(readings[label][chosen], at / RATE)
    return session.text.replace(" ", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "letters")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    network = Network(arguments.model)
    words = WORDS if "A" in network.card.labels else NUMBERS
    needed = set("".join(words)) | {NOTHING}
    people = strangers(arguments.data)
    # Not everybody showed every letter: each spells the words that can be made of theirs.
    own_words = {
        name: [word for word in words if set(word) | {NOTHING} <= set(crops)] for name, crops in people.items()
    }
    people = {name: people[name] for name, spelled in own_words.items() if spelled}
    print(
        f"{arguments.model} {network.card.version}: {len(words)} words, {len(people)} strangers, {RATE:g} frames a second"
    )
    readings = {
        name: {label: readings_of(network, crops[label]) for label in sorted(needed & set(crops))}
        for name, crops in people.items()
    }
    print(
        f"{'pace':>8} {'character errors':>17} {'missed':>7} {'wrong':>6} {'added':>6} {'idle a minute':>14}   by signer"
    )
    for pace, hold_seconds in PACES.items():
        totals, length, idle, by_signer = np.zeros(3, int), 0, 0, {}
        for name, crops in readings.items():
            rng = np.random.default_rng(arguments.seed)
            counts = {label: len(found) for label, found in crops.items()}
            own = np.zeros(3, int)
            for word in own_words[name]:
                own += edits(spell(stream_of(word, hold_seconds, counts, rng), crops, pace), word)
            letters = len("".join(own_words[name]))
            by_signer[name] = own.sum() / letters
            totals += own
            length += letters
            nobody = ((NOTHING, int(rng.integers(counts[NOTHING]))) for _ in range(int(60 * RATE)))
            idle += len(spell(nobody, crops, pace))
        signers = "  ".join(f"{name} {rate:.2f}" for name, rate in sorted(by_signer.items(), key=lambda pair: pair[1]))
        print(
            f"{pace:>8} {totals.sum() / length:>17.3f} {totals[0]:>7} {totals[1]:>6} {totals[2]:>6} {idle / len(people):>14.2f}   {signers}"
        )


if __name__ == "__main__":
    main()
