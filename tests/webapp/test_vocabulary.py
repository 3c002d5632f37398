"""The real word list."""

import pytest

from webapp.config import ROOT
from webapp.core.bundle import read_card
from webapp.vocabulary import english, frequencies, language_of


@pytest.mark.parametrize("word", ["HELLO", "A", "I", "DONT", "AISHA", "NGUYEN", "SIOBHAN", "PHOTOSYNTHESIS", "SELFIE"])
def test_words_names_and_short_forms_are_known(word: str) -> None:
    assert word in frequencies()


@pytest.mark.parametrize("word", ["B", "XQZKW", "MMMMM", "2059", "DON'T", "CAFÉ"])
def test_what_is_no_word_of_plain_letters_is_not(word: str) -> None:
    assert word not in frequencies()


def test_coarse_words_are_never_offered() -> None:
    assert not {"SHIT", "FUCK", "ASSHOLE"} & frequencies().keys()


def test_frequent_words_are_frequent() -> None:
    assert frequencies()["THE"] > frequencies()["HELLO"] > frequencies()["BOOKKEEPER"]
    assert len(english().words) == len(frequencies()) > 50_000


def test_words_are_proposed_for_models_of_letters_alone() -> None:
    cards = {name: read_card(ROOT / "models" / name) for name in ("letters", "digits")}
    assert set(language_of(cards).channels) == {"letters"}
