"""How well strangers' words are spelled, not how well their frames are read: streams built from the crops of people
whom the model has never seen, played through the network and the very session code that serves a page.

    python -m benchmarks.spelling

A stream is one word at 15 frames a second. Each letter is held for the pace and 0.1 s more, × a factor drawn from a
lognormal distribution (median 1.2, sigma 0.1), in crops of one person that change every 0.2 s, with their landmarks where there are some
and the network takes them. On the way to the next letter (0.1 to 0.2 s) the hand looks like half of either, and unlike
both. Before 2 % of the letters the hand slips into another one for 0.3 to 1 × the pace; between 5 % of them it leaves
the picture for 0.2 to 0.4 s, and between two equal ones always, for 0.35 to 0.5 s. After the word it is away until the
pause is over, and 0.1 to 0.3 s longer. Words are drawn by how often they are written, or from a teacher's list.

What strangers' signs are generally taken for, which the proposals rest on, is measured for each person on the others.
Needs ../shared/data. Prints, for each pace, the character and the word error rate of what is read (raw), of what is left
if the first proposal is taken at the end of each word, whatever it is, and how often the word is among those shown;
the same for the list; words a minute (of five characters, spaces counted, as text entry is measured) as spelled, and
taking a completion as soon as it is the word, which costs a second; and what is written in a minute without a hand.
"""

import argparse
import dataclasses
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from training import measures
from training.data import Sample, read_data
from training.evaluation import Answers, ask
from training.spelled import edits
from webapp.config import ROOT
from webapp.core.bundle import NOTHING, BundleError
from webapp.core.decoder import Channel, Language
from webapp.core.protocol import PACES, OwnWords, Take
from webapp.core.session import Session, word_pause_seconds
from webapp.core.stabiliser import Reading
from webapp.inference import Network
from webapp.vocabulary import english, frequencies

RATE = 15.0
CROP_SECONDS = 0.2
REACTION_SECONDS, HOLDS, HOLD_SIGMA = 0.1, 1.2, 0.1
TRANSITION_SECONDS = (0.1, 0.2)
SLIPS, SLIP_HOLDS = 0.02, (0.3, 1.0)
GAPS, GAP_SECONDS, DOUBLE_SECONDS = 0.05, (0.2, 0.4), (0.35, 0.5)
AFTER_SECONDS = (0.1, 0.3)
COMPLETION_SECONDS = 1.0
NUMBERS = ("2059", "1837", "4466", "0912", "1984", "3305")
# What a class may be about this week: places, people of the class, words that no list ranks high.
TEACHERS = [
    "AMARA",
    "BARNABY",
    "CHARLOTTE",
    "DMITRI",
    "ELOISE",
    "FATIMA",
    "GUSTAV",
    "HAMISH",
    "INGRID",
    "JOAQUIN",
    "KWAME",
    "LAKSHMI",
    "MATEUSZ",
    "NIAMH",
    "OLUWASEUN",
    "PRIYA",
    "QUENTIN",
    "ROSALIND",
    "SIOBHAN",
    "TARIQ",
    "URSULA",
    "VIKTOR",
    "WINIFRED",
    "XIMENA",
    "YUSUF",
    "ZOFIA",
    "PHOTOSYNTHESIS",
    "CHLOROPHYLL",
    "STOMATA",
    "XYLEM",
    "PHLOEM",
    "GLUCOSE",
    "OXYGEN",
    "CARBON",
    "ROOT",
    "STEM",
    "LEAF",
    "SEEDLING",
    "POLLEN",
    "STAMEN",
    "SEPAL",
    "PETAL",
    "OVULE",
    "NECTAR",
    "GERMINATE",
    "DISPERSAL",
    "MEADOW",
    "HEDGEROW",
    "QUAGGA",
    "OKAPI",
    "AXOLOTL",
    "PANGOLIN",
    "TAPIR",
    "NARWHAL",
    "ECHIDNA",
    "WOMBAT",
    "FINGERSPELLING",
    "GALLAUDET",
]

Stream = Iterator[tuple[float, Reading]]
"""Frames with their seconds."""


class Signer:
    """One person's readings, and streams of what they spell."""

    def __init__(self, readings: Mapping[str, Sequence[Reading]], channel: Channel) -> None:
        self.readings = readings
        self.channel = channel

    def can_spell(self, word: str) -> bool:
        return set(word) <= set(self.readings)

    def stream(self, word: str, pace: float, rng: np.random.Generator) -> Stream:
        """The frames of one word, as the module says."""
        at = 0
        for label, seconds in self._scenes(word, pace, rng):
            frames = max(1, round(seconds * RATE))
            shown = self._shown(label, frames, rng)
            for reading in shown:
                yield at / RATE, reading
                at += 1

    def _scenes(self, word: str, pace: float, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
        """Labels, two for a transition, with their seconds."""
        before = NOTHING
        for letter in word:
            if letter == before:
                yield NOTHING, rng.uniform(*DOUBLE_SECONDS)
            elif before != NOTHING and rng.random() < GAPS:
                yield NOTHING, rng.uniform(*GAP_SECONDS)
            elif before != NOTHING:
                yield before + letter, rng.uniform(*TRANSITION_SECONDS)
            if rng.random() < SLIPS:
                slip = rng.choice([name for name in self.readings if len(name) == 1 and name != letter])
                yield slip, pace * rng.uniform(*SLIP_HOLDS)
            yield letter, (pace + REACTION_SECONDS) * HOLDS * rng.lognormal(0, HOLD_SIGMA)
            before = letter
        yield NOTHING, word_pause_seconds(pace) + rng.uniform(*AFTER_SECONDS)

    def _shown(self, label: str, frames: int, rng: np.random.Generator) -> Iterator[Reading]:
        pool = self.readings.get(label)
        for frame in range(frames):
            if pool is None:
                yield _between(*(self.readings[name][rng.integers(len(self.readings[name]))] for name in label))
            else:
                if frame % round(CROP_SECONDS * RATE) == 0:
                    chosen = pool[rng.integers(len(pool))]
                yield chosen


def _between(one: Reading, other: Reading) -> Reading:
    """A hand on its way: half like either sign, half like any."""
    labels = [label for label, _ in one.ranked()]
    shares = [one.probability(name) / 4 + other.probability(name) / 4 + 0.5 / len(labels) for name in labels]
    return Reading.of(labels, shares, one.floors)


def strangers(data: Path) -> dict[str, list[Sample]]:
    """The crops of webcam strangers (`split` is dev), in the order they were taken."""
    people: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(read_data([data])[0], key=lambda sample: sample.path):
        if (sample.set, sample.split) == ("tracked", "dev"):
            people[sample.signer].append(sample)
    return people


def signers_of(network: Network, people: Mapping[str, Sequence[Sample]], use_landmarks: bool) -> dict[str, Signer]:
    """Every crop read once, as the server reads it; each person with what is known of all the others' confusions."""
    labels = network.card.labels
    answers: dict[str, Answers] = {}
    for name, samples in people.items():
        answers[name] = ask(network, [s for s in samples if s.label in labels], use_landmarks=use_landmarks)
        print(f"\rread {len(answers)} of {len(people)} people", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    signers = {}
    for name, own in answers.items():
        others = [each for other, each in answers.items() if other != name]
        confusions = (
            measures.confusions(
                np.concatenate([each.probabilities for each in others]),
                np.concatenate([each.truth for each in others]),
                np.concatenate([each.signers for each in others]),
                labels,
            )
            if others
            else {}
        )
        readings: dict[str, list[Reading]] = defaultdict(list)
        for label, row, landmarks in zip(own.truth.tolist(), own.probabilities, own.landmarks, strict=True):
            readings[label].append(Reading.of(labels, row.tolist(), network.card.floors_of(landmarks)))
        signers[name] = Signer(readings, Channel(confusions))
    return signers


@dataclasses.dataclass
class Score:
    """What became of some words."""

    words: int = 0
    letters: int = 0
    raw: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(3, int))  # missed, wrong, added
    first: int = 0  # edits that are left with the first proposal
    raw_wrong: int = 0
    first_wrong: int = 0
    shown_wrong: int = 0
    seconds: float = 0.0
    seconds_completing: float = 0.0

    def spell(self, session: Session, stream: Stream, word: str) -> None:
        """Play a stream of `word` and count."""
        completed, now = None, 0.0
        for now, reading in stream:
            said = session.read(reading, now)
            if completed is None and said["committed"] and word in said["words"]["completions"]:
                completed = now + COMPLETION_SECONDS
        raw = session.text.strip()
        proposals = session.words["proposals"]
        first = raw
        if proposals:
            session.edit(Take(proposals[0]))
            first = session.text.strip()
        self.words += 1
        self.letters += len(word)
        self.raw += edits(raw, word)
        self.first += edits(first, word).total
        self.raw_wrong += raw != word
        self.first_wrong += first != word
        self.shown_wrong += word not in (raw, *proposals)
        self.seconds += now
        self.seconds_completing += min(now, completed or now)

    def a_minute(self, seconds: float) -> float:
        """Words of five characters, the space after each counted."""
        return (self.letters + self.words) / 5 / (seconds / 60)


def score(signers: Mapping[str, Signer], words: Sequence[str], pace: str, own: OwnWords, seed: int) -> dict[str, Score]:
    """Every signer spells the words that can be made of theirs."""
    scores = {}
    for name, signer in signers.items():
        rng = np.random.default_rng(seed)
        language = Language(english(), {"model": signer.channel})
        scores[name] = Score()
        for word in words:
            if signer.can_spell(word):
                session = session_at(pace, language, own)
                scores[name].spell(session, signer.stream(word, PACES[pace], rng), word)
    return scores


def session_at(pace: str, language: Language, own: OwnWords) -> Session:
    session = Session("model", text_limit=10_000, language=language)
    session.change_mode(dataclasses.replace(session.mode, pace=pace))
    session.use_words(own)
    return session


def total(scores: Mapping[str, Score]) -> Score:
    summed = Score()
    for one in scores.values():
        for field in dataclasses.fields(Score):
            setattr(summed, field.name, getattr(summed, field.name) + getattr(one, field.name))
    return summed


def idle(signers: Mapping[str, Signer], pace: str, seed: int) -> float:
    """Letters written in a minute of pictures without a hand, mean over the rooms."""
    written = 0
    for signer in signers.values():
        rng = np.random.default_rng(seed)
        empty = signer.readings[NOTHING]
        session = session_at(pace, Language(english(), {}), OwnWords())
        for frame in range(int(60 * RATE)):
            session.read(empty[rng.integers(len(empty))], frame / RATE)
        written += len(session.text.replace(" ", ""))
    return written / len(signers)


def milliseconds_a_word(signers: Mapping[str, Signer], letters: int = 8) -> tuple[float, float]:
    """The processor's time that proposing costs for words of so many letters: median and 99th percentile."""
    signer = next(iter(signers.values()))
    decoder = Language(english(), {}).decoder(OwnWords())
    words = [word for word in frequencies() if len(word) == letters and signer.can_spell(word)][:300]
    times = []
    for word in words:
        slots = [signer.channel.slot(letter, dict(signer.readings[letter][0].ranked())) for letter in word]
        start = time.process_time()  # whatever else the machine does
        decoder.words(slots, ended=False)
        times.append((time.process_time() - start) * 1e3)
    return float(np.median(times)), float(np.percentile(times, 99))


def sampled(count: int, seed: int) -> list[str]:
    """Words of two letters or more, drawn by how often they are written."""
    shares = {word: share for word, share in frequencies().items() if len(word) > 1}
    weights = np.array(list(shares.values()))
    drawn = np.random.default_rng(seed).choice(len(weights), count, p=weights / weights.sum())
    return [list(shares)[at] for at in drawn]


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
    parser.add_argument("--words", type=int, default=120, help="how many are drawn for each signer (default: 120)")
    parser.add_argument("--seed", type=int, default=0, help="of the words and crops that are drawn")
    arguments = parser.parse_args()

    try:
        network = Network(arguments.model)
    except BundleError as error:
        sys.exit(str(error))
    is_letters = "A" in network.card.labels
    words = sampled(arguments.words, arguments.seed) if is_letters else NUMBERS
    people = {
        name: samples
        for name, samples in strangers(arguments.data).items()
        if {NOTHING, *words[0]} <= {sample.label for sample in samples}
    }
    if not people:
        sys.exit(f"{arguments.data}: none of the webcam strangers (set tracked, split dev) showed these signs.")
    use_landmarks = network.card.input.landmarks and not arguments.no_landmarks
    print(
        f"{arguments.model} {network.card.version}: {len(words)} words, {len(people)} strangers, {RATE:g} frames a second, "
        f"{'crops with landmarks' if use_landmarks else 'crops alone'}"
    )
    signers = signers_of(network, people, use_landmarks)
    print_words(signers, words, arguments.seed)
    if is_letters:
        print_list(signers, arguments.seed)
        print(
            "proposing for 8 letters: median {:.1f} ms, 99th percentile {:.1f} ms".format(*milliseconds_a_word(signers))
        )


def print_words(signers: Mapping[str, Signer], words: Sequence[str], seed: int) -> None:
    print(
        "| pace | characters wrong | missed, wrong, added | with the first proposal | words wrong | with the first proposal "
        "| not among those shown | words a minute | completing | idle minute |\n|---|" + "---:|" * 9
    )
    for pace, seconds in PACES.items():
        by_signer = score(signers, words, pace, OwnWords(), seed)
        all_ = total(by_signer)
        print(
            f"| {pace}, {seconds:g} s | {all_.raw.sum() / all_.letters:.3f} | {', '.join(map(str, all_.raw))} "
            f"| {all_.first / all_.letters:.3f} | {all_.raw_wrong / all_.words:.3f} | {all_.first_wrong / all_.words:.3f} "
            f"| {all_.shown_wrong / all_.words:.3f} | {all_.a_minute(all_.seconds):.1f} "
            f"| {all_.a_minute(all_.seconds_completing):.1f} | {idle(signers, pace, seed):g} |"
        )
        print(
            "    by signer, words wrong raw → first: "
            + ", ".join(
                f"{name} {one.raw_wrong / one.words:.2f} → {one.first_wrong / one.words:.2f}"
                for name, one in sorted(by_signer.items(), key=lambda pair: pair[1].raw_wrong)
            ),
            file=sys.stderr,
        )


def print_list(signers: Mapping[str, Signer], seed: int) -> None:
    print(
        f"\n{len(TEACHERS)} words of a teacher's list, words wrong:\n\n"
        "| pace | raw | first proposal, no list | list preferred | list only |\n|---|" + "---:|" * 4
    )
    for pace, seconds in PACES.items():
        uses = [
            total(score(signers, TEACHERS, pace, OwnWords(tuple(TEACHERS), use), seed))
            for use in ("off", "preferred", "only")
        ]
        raw = uses[0].raw_wrong / uses[0].words
        firsts = " | ".join(f"{one.first_wrong / one.words:.3f}" for one in uses)
        print(f"| {pace}, {seconds:g} s | {raw:.3f} | {firsts} |")


if __name__ == "__main__":
    main()
