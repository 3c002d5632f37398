"""How well strangers' words are spelled, not how well their frames are read: streams built from the crops of people
whom the model has never seen, played through the network and the very session code that serves a page.

    python -m benchmarks.spelling --model models/twins/letters

Each word of the list is one stream for each signer who showed its letters: every letter is held for 1.5 × the pace at
ten frames a second, with hand-free gaps of half a second between letters, in random crops of that signer, with their
landmarks where there are some and the network takes them. Needs ../shared/data. Prints, for each pace, the character
error rate (edits to the right text over its length), letters that were missed, wrong and added, and what is written in
a minute of pictures without a hand.
"""

import argparse
import dataclasses
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.data import Sample, read_data
from training.evaluation import ask
from training.spelled import edits
from webapp.config import ROOT
from webapp.core.bundle import NOTHING, BundleError
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


def stream_of(word: str, pace: float, crops: dict[str, int], rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """Label and number of the crop, frame by frame; a crop stays for two frames, as a hand that hardly moves."""
    for letter in word:
        for label, seconds in ((letter, HOLDS * pace), (NOTHING, GAP_SECONDS)):
            for frame in range(round(seconds * RATE)):
                if frame % 2 == 0:
                    chosen = int(rng.integers(crops[label]))
                yield label, chosen


def strangers(data: Path) -> dict[str, dict[str, list[Sample]]]:
    """The crops of webcam strangers (`split` is dev), in the order they were taken: signer -> label -> samples."""
    people: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in sorted(read_data([data])[0], key=lambda sample: sample.path):
        if (sample.set, sample.split) == ("tracked", "dev"):
            people[sample.signer][sample.label].append(sample)
    return people


def readings_of(network: Network, samples: list[Sample], use_landmarks: bool) -> list[Reading]:
    """Every crop read once, as the server reads it."""
    answers = ask(network, samples, use_landmarks=use_landmarks)
    return [Reading.of(network.card.labels, row.tolist(), network.card.floors) for row in answers.probabilities]


def spell(frames: Iterator[tuple[str, int]], readings: dict[str, list[Reading]], pace: str) -> str:
    """What a session at `pace` writes of a stream (`stream_of`), without spaces."""
    session = Session("model", text_limit=10_000)
    session.change_mode(dataclasses.replace(session.mode, pace=pace))
    for at, (label, chosen) in enumerate(frames):
        session.read(readings[label][chosen], at / RATE)
    return session.text.replace(" ", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model",
        type=Path,
        default=ROOT / "models" / "twins" / "letters",
        metavar="DIR",
        help="the bundle (default: models/twins/letters)",
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", metavar="DIR", help="(default: ../shared/data)"
    )
    parser.add_argument("--no-landmarks", action="store_true", help="read the crops alone, whatever the network takes")
    parser.add_argument("--seed", type=int, default=0, help="of the crops that are drawn")
    arguments = parser.parse_args()

    try:
        network = Network(arguments.model)
    except BundleError as error:
        sys.exit(str(error))
    words = WORDS if "A" in network.card.labels else NUMBERS
    needed = set("".join(words)) | {NOTHING}
    people = strangers(arguments.data)
    # Not everybody showed every letter: each spells the words that can be made of theirs.
    own_words = {
        name: [word for word in words if set(word) | {NOTHING} <= set(crops)] for name, crops in people.items()
    }
    people = {name: people[name] for name, spelled in own_words.items() if spelled}
    if not people:
        sys.exit(
            f"{arguments.data}: nobody of the webcam strangers (set tracked, split dev) showed the letters of a word."
        )
    use_landmarks = network.card.input.landmarks and not arguments.no_landmarks
    print(
        f"{arguments.model} {network.card.version}: {len(words)} words, {len(people)} strangers, {RATE:g} frames a second, "
        f"{'crops with landmarks' if use_landmarks else 'crops alone'}"
    )
    readings = {
        name: {label: readings_of(network, crops[label], use_landmarks) for label in sorted(needed & set(crops))}
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
