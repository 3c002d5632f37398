"""The word list that proposals come from: read once, from packages that are installed. Nothing is fetched.

`wordfreq` tells how often words are written, in books, subtitles, news and talk, and so has first names, short forms and new words
that dictionaries leave out (code Apache-2.0, data CC BY-SA 4.0). It knows coarse words, too: nobody should be offered one
on a classroom screen, so those that `better-profanity` (MIT) lists are left out. Whoever spells one still reads it.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Mapping
from importlib import resources

from wordfreq import get_frequency_dict

from webapp.core.bundle import Card
from webapp.core.decoder import Channel, Language
from webapp.core.lexicon import ALPHABET, Lexicon

LANGUAGE = "en"
# Once in ten million words: 90,000 words, some of them rare names; below that, mistakes of the press prevail.
LEAST_FREQUENCY = 1e-7
SINGLE_LETTERS = frozenset("AI")
_SPELLED = re.compile(r"(?!.*(.)\1\1)[A-Z]+")  # three times the same letter is no word, but a cry


def language_of(cards: Mapping[str, Card]) -> Language:
    """What words are proposed from where these models read; those that read no letters propose none."""
    readers = {name: card for name, card in cards.items() if set(ALPHABET) & set(card.labels)}
    return Language(english(), {name: Channel(card.confusions) for name, card in readers.items()})


@functools.cache
def english() -> Lexicon:
    """The English words as they are spelled by hand: in capitals, without apostrophes."""
    return Lexicon(frequencies())


@functools.cache
def frequencies() -> dict[str, float]:
    """The words with their share of all that is written."""
    coarse = _coarse_words()
    shares: dict[str, float] = defaultdict(float)
    for word, share in get_frequency_dict(LANGUAGE, "large").items():
        spelled = word.replace("'", "").upper()
        if _SPELLED.fullmatch(spelled) and spelled not in coarse and (len(spelled) > 1 or spelled in SINGLE_LETTERS):
            shares[spelled] += share
    return {word: share for word, share in shares.items() if share >= LEAST_FREQUENCY}


def _coarse_words() -> frozenset[str]:
    listed = resources.files("better_profanity").joinpath("profanity_wordlist.txt").read_text("utf-8")
    return frozenset(line.strip().upper() for line in listed.splitlines())
