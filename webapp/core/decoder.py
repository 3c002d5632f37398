"""Which words were meant by the letters that were read: a noisy channel over a word list.

What was read of each letter says how much likelier every letter is than by chance; letters may have been missed, a doubled
one above all, and a slip may have added one. A beam goes through the word list's trie letter by letter and keeps the
ways that may still become the likeliest words. Costs are negative natural logarithms of probabilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from webapp.core.lexicon import ALPHABET, Floats, Lexicon, Numbers
from webapp.core.protocol import OwnWords

PROPOSALS = 3
COMPLETIONS = 3

# Chosen on streams of four strangers (adi, gunsai, longhong, nithi) as benchmarks/spelling.py makes them.
WORD_WEIGHT = 0.55  # how far to trust the word list against the letters
CONFUSED = 0.15  # how far to trust what strangers' signs are generally taken for against this very reading
LEAST_SHARE = 0.001  # of any letter, whatever was read
MISSED, MISSED_DOUBLE = 3.0, 2.0
ADDED = 4.5
UNREAD = 0.3  # a sign that was shown and not believed was a letter, and not just the hand on its way
UNKNOWN_WORD = 4.5  # a word that is in no list, beside its letters, each of which might have been any other

# How many of the words that are spelled come from a person's own list, if that is preferred.
OWN_SHARE = 0.5

# The beam: how much likelier the best way may be than one that is kept, and how many are kept.
_BEAM_COST = 11.0
_BEAM_NODES = 320
# How much likelier the best word may be than one that is still worth showing.
_WORTH_SHOWING = 6.0
_ROUNDING = 1e-3
_YES = np.ones(1, np.bool_)
_CHANCE = np.log(len(ALPHABET))


@dataclass(frozen=True, slots=True)
class Slot:
    """One sign as it was seen."""

    letter: str | None
    """What was written for it; None: it was not believed, and nothing was."""
    gains: Floats
    """How much likelier it looks if each letter was meant than if anything was: natural logarithms.  # (26,)"""


@dataclass(frozen=True)
class Words:
    """What might be meant; both lists likeliest first, in capitals."""

    proposals: tuple[str, ...] = ()
    """Whole words; the first is what was read itself where nothing is likelier."""
    completions: tuple[str, ...] = ()
    """Longer words that begin so."""


class Channel:
    """What one network's readings say about the letters meant."""

    def __init__(self, confusions: Mapping[str, Mapping[str, float]]) -> None:
        """confusions: a card's; empty where nobody has measured them."""
        shares = np.array([[confusions.get(true, {}).get(read, 0.0) for true in ALPHABET] for read in ALPHABET])
        total = shares.sum(axis=1, keepdims=True)
        # A letter never read of strangers: what is known is that it was read now.  # (read, true)
        self._meant = np.where(total > 0, shares / np.where(total > 0, total, 1), np.eye(len(ALPHABET)))

    def slot(self, letter: str | None, shares: Mapping[str, float]) -> Slot:
        """A sign from the mean probabilities of the labels while it was shown; of `letter`, A to Z, if one was written."""
        seen = np.array([shares.get(name, 0.0) for name in ALPHABET])
        seen += max(0.0, 1 - seen.sum()) / len(ALPHABET)  # what looked like no letter may have been any
        if letter is not None:
            seen = (1 - CONFUSED) * seen + CONFUSED * self._meant[ALPHABET.index(letter)]
        seen = LEAST_SHARE + (1 - LEAST_SHARE * len(ALPHABET)) * seen
        return Slot(letter, (np.log(seen) + _CHANCE).astype(np.float32))


@cache
def certain(letter: str) -> Slot:
    """One of the alphabet's letters that nobody doubts."""
    gains = np.full(len(ALPHABET), -20.0, np.float32)
    gains[ALPHABET.index(letter)] = _CHANCE
    return Slot(letter, gains)


@dataclass(frozen=True)
class Vocabulary:
    """A word list and how probable it is, before anything was read, that a word comes from it (0..1)."""

    lexicon: Lexicon
    share: float = 1.0


class Decoder:
    """Reads one visitor's words by one or more vocabularies; a word that has grown is read on from where it was."""

    def __init__(self, vocabularies: Sequence[Vocabulary], unknown_words: bool = True) -> None:
        """unknown_words: whether a word may be in none of them."""
        self._vocabularies = vocabularies
        self._unknown_words = unknown_words
        self._taken: list[Slot] = []  # what the beams have gone through
        self._beams: list[_Beam] = []

    def words(self, slots: Sequence[Slot], ended: bool) -> Words:
        """What may be meant by the signs of one word, which has `ended` or may go on."""
        raw = "".join(slot.letter or "" for slot in slots)
        costs: dict[str, float] = {}
        longer: dict[str, float] = {}
        self._take(slots)
        for vocabulary, beam in zip(self._vocabularies, self._beams, strict=True):
            prior = -WORD_WEIGHT * float(np.log(vocabulary.share))
            _keep_cheapest(costs, beam.whole_words(ended), prior)
            if not ended:
                _keep_cheapest(longer, beam.longer_words(), prior)
            elif not costs:
                _keep_cheapest(costs, beam.longer_words(), prior)  # broken off
        if self._unknown_words:
            costs[raw] = min(costs.get(raw, np.inf), _cost_as_read(slots))
        proposals = _likeliest(costs, PROPOSALS)
        # What is written already needs no proposal, unless it is to say that nothing is likelier.
        proposals = [word for place, word in enumerate(proposals) if word != raw or place == 0]
        completions = _likeliest(longer, COMPLETIONS + len(proposals))
        completions = [word for word in completions if word not in proposals and word != raw]
        return Words(tuple(proposals), tuple(completions[:COMPLETIONS]))

    def _take(self, slots: Sequence[Slot]) -> None:
        """Bring the beams to the end of `slots`: one more after what they were last asked about, as a rule."""
        known = len(self._taken)
        goes_on = len(slots) >= known and all(one is other for one, other in zip(self._taken, slots, strict=False))
        if not (goes_on and self._beams):
            known, self._beams = 0, [_Beam(vocabulary.lexicon) for vocabulary in self._vocabularies]
        for slot in slots[known:]:
            for beam in self._beams:
                beam.take(slot)
        self._taken = list(slots)


@dataclass(frozen=True)
class Language:
    """What words are proposed from, the same for all visitors."""

    lexicon: Lexicon
    channels: Mapping[str, Channel]
    """By the name of the model."""

    def decoder(self, own: OwnWords) -> Decoder:
        """Reads words as a person with such a list wants them read."""
        if own.use == "off" or not own.words:
            return Decoder([Vocabulary(self.lexicon)])
        listed = Lexicon(dict.fromkeys(own.words, 1.0))
        if own.use == "only":
            return Decoder([Vocabulary(listed)], unknown_words=False)
        return Decoder([Vocabulary(listed, OWN_SHARE), Vocabulary(self.lexicon, 1 - OWN_SHARE)])


def _cost_as_read(slots: Sequence[Slot]) -> float:
    read = [float(slot.gains[ALPHABET.index(slot.letter)]) for slot in slots if slot.letter]
    return WORD_WEIGHT * (UNKNOWN_WORD + len(read) * float(_CHANCE)) - sum(read)


def _keep_cheapest(costs: dict[str, float], found: Mapping[str, float], prior: float) -> None:
    for word, cost in found.items():
        costs[word] = min(costs.get(word, np.inf), cost + prior)


def _likeliest(costs: Mapping[str, float], most: int) -> list[str]:
    ranked = sorted(costs, key=lambda word: (costs[word], word))[:most]
    return [word for word in ranked if costs[word] <= costs[ranked[0]] + _WORTH_SHOWING]


class _Beam:
    """The places in a trie where the word may have got to, and what it cost to get there."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._nodes: Numbers = np.zeros(1, np.int32)
        self._costs: Floats = np.zeros(1, np.float32)

    def take(self, slot: Slot) -> None:
        """Go on by one sign: it is the next letter, or the one after a missed one, or none at all."""
        nodes, costs = self._with_a_missed_letter()
        below, origin = self._below(nodes)
        unread = slot.letter is None
        match = costs[origin] - slot.gains[self._lexicon.letter[below]] + (UNREAD if unread else 0.0)
        self._nodes, self._costs = self._pruned(
            np.concatenate([below, self._nodes]), np.concatenate([match, self._costs + (0.0 if unread else ADDED)])
        )

    def whole_words(self, ended: bool) -> dict[str, float]:
        """The words that end here, and what each costs; of a word that has `ended` the last letter may have been missed."""
        nodes, costs = self._with_a_missed_letter() if ended else (self._nodes, self._costs)
        numbers = self._lexicon.word[nodes]
        ends = np.flatnonzero(numbers >= 0)
        return self._costs_of(numbers[ends], costs[ends], PROPOSALS + 1)

    def longer_words(self) -> dict[str, float]:
        """The likeliest words that go on from here, and what each costs."""
        numbers = self._lexicon.longer[self._nodes]
        costs = np.broadcast_to(self._costs[:, None], numbers.shape)[numbers >= 0]
        return self._costs_of(numbers[numbers >= 0], costs, COMPLETIONS + PROPOSALS + 1)

    def _costs_of(self, numbers: Numbers, costs: Floats, most: int) -> dict[str, float]:
        """The cheapest words; none that is too dear to be shown beside the cheapest, wherever that comes from."""
        costs = costs - WORD_WEIGHT * self._lexicon.log_shares[numbers]
        worth = np.flatnonzero(costs <= costs.min(initial=np.inf) + _WORTH_SHOWING + _ROUNDING)
        found: dict[str, float] = {}
        for at in worth[costs[worth].argsort(kind="stable")]:
            found.setdefault(self._lexicon.words[numbers[at]], float(costs[at]))
            if len(found) == most:
                break
        return found

    def _with_a_missed_letter(self) -> tuple[Numbers, Floats]:
        """The places as they are, and those one letter further on that nobody has seen."""
        below, origin = self._below(self._nodes)
        letters = self._lexicon.letter
        doubled = letters[below] == letters[self._nodes[origin]]
        missed = self._costs[origin] + np.where(doubled, np.float32(MISSED_DOUBLE), np.float32(MISSED))
        return self._pruned(np.concatenate([self._nodes, below]), np.concatenate([self._costs, missed]))

    def _below(self, nodes: Numbers) -> tuple[Numbers, Numbers]:
        """The children of the nodes, and for each of them the place in `nodes` of its parent."""
        counts = self._lexicon.children[nodes]
        origin = np.arange(len(nodes), dtype=np.int32).repeat(counts)
        start = self._lexicon.first_child[nodes] - (counts.cumsum(dtype=np.int32) - counts)
        return (np.arange(len(origin), dtype=np.int32) + start[origin]).astype(np.int32, copy=False), origin

    def _pruned(self, nodes: Numbers, costs: Floats) -> tuple[Numbers, Floats]:
        """Each place once, by the cheapest way, and only those from which a likely word can still be reached.

        nodes: none more than twice.
        """
        outlook = costs - WORD_WEIGHT * self._lexicon.best[nodes]
        most = outlook.min() + _BEAM_COST
        if len(outlook) > 2 * _BEAM_NODES:  # what cannot be kept need not be sorted
            most = min(most, np.partition(outlook, 2 * _BEAM_NODES)[2 * _BEAM_NODES])
        kept = np.flatnonzero(outlook <= most)
        kept = kept[outlook[kept].argsort(kind="stable")]
        nodes = nodes[kept]
        # np.unique(nodes, return_index=True), in less than half the time that it takes for so few
        order = nodes.argsort(kind="stable")
        again = nodes[order]
        first = order[np.concatenate([_YES, again[1:] != again[:-1]])]
        first.sort()
        first = first[:_BEAM_NODES]
        return nodes[first], costs[kept[first]]
