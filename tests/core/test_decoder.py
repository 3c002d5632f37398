"""Signs as they were seen in, words out."""

import pytest

from webapp.core.decoder import Channel, Decoder, Language, Slot, Vocabulary, Words
from webapp.core.lexicon import Lexicon
from webapp.core.protocol import OwnWords

WEIGHTS = {
    **{"HELLO": 50.0, "HELP": 80.0, "HELD": 30.0, "HE": 900.0, "THE": 5000.0, "THEN": 400.0, "MAN": 200.0, "NAN": 1.0},
    **{"MOON": 40.0, "MOONS": 4.0, "MON": 2.0, "KIND": 60.0, "QUIT": 9.0, "AISHA": 1.0, "WORLD": 90.0, "WORD": 85.0},
}
BLANK = Channel({})
DECODER = Decoder([Vocabulary(Lexicon(WEIGHTS))])


def seen(word: str, channel: Channel = BLANK, **doubts: str) -> list[Slot]:
    """A word of sure letters; `_` is a sign that was not believed. `doubts`: what a letter looks like as well, nearly as much."""
    slots = []
    for letter in word:
        others = doubts.get(letter, "")
        if letter == "_":
            slots.append(channel.slot(None, dict.fromkeys(doubts["unread"], 1 / len(doubts["unread"]))))
        else:
            slots.append(channel.slot(letter, {letter: 0.5, **dict.fromkeys(others, 0.5 / max(1, len(others)))}))
    return slots


@pytest.mark.parametrize(
    ("slots", "word"),
    [
        pytest.param(seen("HELLO"), "HELLO", id="as read"),
        pytest.param(seen("HELO"), "HELLO", id="a doubled letter missed"),
        pytest.param(seen("WORD"), "WORD", id="a word that was read is not overruled by a more frequent one"),
        pytest.param(seen("NAN", N="M"), "MAN", id="letters that look alike"),
        pytest.param(seen("WORL"), "WORLD", id="the last letter missed"),
        pytest.param(seen("ELLO"), "HELLO", id="the first letter missed"),
        pytest.param(seen("HELZLO"), "HELLO", id="a slip"),
        pytest.param(seen("HE_LO", unread="LX"), "HELLO", id="a sign that was not believed"),
        pytest.param(seen("THE_", unread="QZ"), "THE", id="a hand on its way is no letter"),
        pytest.param(seen("THE_", unread="NX"), "THEN", id="a sign that was not believed ends the word"),
    ],
)
def test_the_likeliest_word_comes_first(slots: list[Slot], word: str) -> None:
    assert DECODER.words(slots, ended=True).proposals[0] == word


def test_what_is_in_no_list_stays_as_it_was_read() -> None:
    assert DECODER.words(seen("XQZKW"), ended=True).proposals[0] == "XQZKW"


def test_what_was_read_is_proposed_first_or_not_at_all() -> None:
    proposals = DECODER.words(seen("NAN", N="M"), ended=True).proposals
    assert proposals[0] == "MAN"
    assert "NAN" not in proposals


def test_a_word_begun_has_likely_ends_and_an_ended_one_none() -> None:
    assert DECODER.words(seen("HEL"), ended=False).completions == ("HELP", "HELLO", "HELD")
    assert "MOONS" in DECODER.words(seen("MOON"), ended=False).completions
    assert DECODER.words(seen("HEL"), ended=True).completions == ()


def test_no_word_is_shown_twice() -> None:
    for letters in ("HEL", "THE", "MOON", "W", "MAN"):
        words = DECODER.words(seen(letters), ended=False)
        assert len({*words.proposals, *words.completions}) == len(words.proposals) + len(words.completions)
        assert len(words.proposals) <= 3
        assert len(words.completions) <= 3


def test_what_strangers_signs_are_taken_for_tips_the_scale() -> None:
    confused = Channel({"K": {"K": 0.5, "V": 0.5}, "V": {"V": 1.0}})
    lexicon = Decoder([Vocabulary(Lexicon({"KIND": 10.0, "WIND": 10.0, "VINE": 10.0}))])
    assert lexicon.words(seen("VIND", confused), ended=True).proposals[0] == "KIND"


def test_an_unmeasured_network_is_taken_at_its_word() -> None:
    gains = Channel({}).slot("A", {"A": 1.0, "nothing": 0.0}).gains
    assert gains.argmax() == 0
    assert gains[0] == pytest.approx(3.2, abs=0.1)
    assert (gains[1:] < -2).all()


def test_nothing_seen_of_letters_says_nothing() -> None:
    gains = Channel({}).slot(None, {"nothing": 1.0}).gains
    assert gains.max() == gains.min()


LANGUAGE = Language(Lexicon(WEIGHTS), {})


@pytest.mark.parametrize(
    ("use", "first"),
    [pytest.param("off", "MOON", id="off"), pytest.param("preferred", "MOOP", id="preferred"), ("only", "MOOP")],
)
def test_an_own_list_is_used_as_it_is_meant(use: str, first: str) -> None:
    decoder = LANGUAGE.decoder(OwnWords(("MOOP", "ZORB"), use))
    assert decoder.words(seen("MOON", N="P"), ended=True).proposals[0] == first


def test_a_preferred_list_leaves_the_other_words() -> None:
    decoder = LANGUAGE.decoder(OwnWords(("MOOP",), "preferred"))
    assert decoder.words(seen("WORLD"), ended=True).proposals[0] == "WORLD"


def test_only_a_list_reads_nothing_else() -> None:
    decoder = LANGUAGE.decoder(OwnWords(("ZORB", "MOOP"), "only"))
    words = decoder.words(seen("ZORN"), ended=False)
    assert words.proposals[0] == "ZORB"
    assert {*words.proposals, *words.completions} <= {"ZORB", "MOOP"}


def test_only_a_list_knows_a_word_that_was_broken_off() -> None:
    decoder = LANGUAGE.decoder(OwnWords(("ZORBLAT", "PHLOEM"), "only"))
    assert decoder.words(seen("ZOR"), ended=True) == Words(("ZORBLAT",))


def test_an_empty_list_that_is_preferred_changes_nothing() -> None:
    decoder = LANGUAGE.decoder(OwnWords((), "preferred"))
    assert decoder.words(seen("WORLD"), ended=True) == DECODER.words(seen("WORLD"), ended=True)


def test_a_word_that_grows_shrinks_and_changes_is_read_as_if_anew() -> None:
    decoder = LANGUAGE.decoder(OwnWords(("MOOP",), "preferred"))
    long, other = seen("MOONS"), seen("HELZLO")
    for slots in (long[:2], long[:3], long, long[:4], [], other[:3], [*other[:2], *long[2:]], other, long):
        fresh = LANGUAGE.decoder(OwnWords(("MOOP",), "preferred"))
        for ended in (False, True):
            assert decoder.words(slots, ended) == fresh.words(slots, ended)
