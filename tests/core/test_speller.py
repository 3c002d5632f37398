"""Signs and edits in, text out."""

import random

import pytest

from webapp.core.decoder import Channel, Slot, certain
from webapp.core.protocol import ProtocolError
from webapp.core.speller import SEEN_LETTERS, Speller


def spell(*signs: str, limit: int = 100) -> Speller:
    speller = Speller(limit)
    for sign in signs:
        speller.sign(sign)
    return speller


@pytest.mark.parametrize(
    ("signs", "text"),
    [
        pytest.param("HELLO", "HELLO", id="letters"),
        pytest.param("2059", "2059", id="digits"),
        pytest.param(["A", "space", "B"], "A B", id="space"),
        pytest.param(["space", "A"], "A", id="no space opens the text"),
        pytest.param(["A", "space", "space", "B"], "A B", id="no space after a space"),
        pytest.param(["A", "B", "del"], "A", id="del"),
        pytest.param(["del", "A"], "A", id="del with nothing to delete"),
    ],
)
def test_signs(signs: list[str], text: str) -> None:
    assert spell(*signs).text == text


@pytest.mark.parametrize(
    ("signs", "last", "text"),
    [
        pytest.param("AB", None, "A", id="a letter"),
        pytest.param(["A", "space"], None, "A", id="a space"),
        pytest.param(["A", "B", "del"], None, "AB", id="a deletion by sign"),
        pytest.param("AB", "delete", "AB", id="a deletion by hand"),
        pytest.param(["A", "space", "B"], "clear", "A B", id="a clearing"),
        pytest.param("A", "space", "A", id="a typed space"),
        pytest.param("", None, "", id="nothing"),
    ],
)
def test_undo_takes_back_the_last_thing(signs: list[str], last: str | None, text: str) -> None:
    speller = spell(*signs)
    if last:
        speller.edit(last)
    speller.edit("undo")
    assert speller.text == text


def test_undo_goes_all_the_way_back() -> None:
    speller = spell(*"HELLO")
    texts = []
    for _ in range(6):
        speller.edit("undo")
        texts.append(speller.text)
    assert texts == ["HELL", "HEL", "HE", "H", "", ""]


@pytest.mark.parametrize("seed", range(5))
def test_undo_takes_back_whatever_was_done_step_by_step(seed: int) -> None:
    rng = random.Random(seed)
    speller = spell(limit=10_000)
    texts = [speller.text]
    for _ in range(300):
        match rng.choice(["letter"] * 8 + ["space", "pause", "delete", "clear", "take", "undo"]):
            case "letter":
                speller.sign(rng.choice("ABC"))
            case "pause":
                speller.sign("space")
            case "take":
                speller.take("".join(rng.choices("DEFGH", k=6)))
            case "undo":
                texts = texts[:-1] or texts
                speller.edit("undo")
                assert speller.text == texts[-1]
            case "space" | "delete" | "clear" as operation:
                speller.edit(operation)
        if speller.text != texts[-1]:
            texts.append(speller.text)
    while len(texts) > 1:
        texts.pop()
        speller.edit("undo")
        assert speller.text == texts[-1]


def test_a_typed_space_is_taken_as_it_is() -> None:
    speller = spell("A")
    speller.edit("space")
    speller.edit("space")
    assert speller.text == "A  "


def test_a_full_text_refuses_by_name_and_loses_nothing() -> None:
    speller = spell(*"ABC", limit=3)
    for add in (lambda: speller.sign("D"), lambda: speller.edit("space")):
        with pytest.raises(ProtocolError) as caught:
            add()
        assert caught.value.code == "text_full"
        assert speller.text == "ABC"
    speller.edit("delete")
    speller.sign("D")
    assert speller.text == "ABD"


CHANNEL = Channel({})
DOUBT = CHANNEL.slot(None, {"A": 0.5, "S": 0.5})


def sign_of(letter: str) -> Slot:
    return CHANNEL.slot(letter, {letter: 0.9, "S": 0.1})


def spell_seen(word: str, limit: int = 100) -> Speller:
    speller = Speller(limit)
    for letter in word:
        speller.sign(*("space", []) if letter == " " else (letter, [sign_of(letter)]))
    return speller


def read(speller: Speller) -> str | None:
    """The letters of the last word as they were seen."""
    return "".join(slot.letter or "?" for slot in speller.word.slots) if speller.word else None


@pytest.mark.parametrize(
    ("text", "word", "ended"),
    [
        pytest.param("HELLO", "HELLO", False, id="going on"),
        pytest.param("HELLO ", "HELLO", True, id="just ended"),
        pytest.param("HELLO W", "W", False, id="the next has begun"),
    ],
)
def test_the_last_word_is_the_one_in_hand(text: str, word: str, ended: bool) -> None:
    speller = spell_seen(text)
    assert speller.word is not None
    assert (read(speller), speller.word.ended) == (word, ended)


@pytest.mark.parametrize("signs", ["", "2059", "A2B"], ids=["nothing", "digits", "letters and digits"])
def test_there_is_no_word_in_what_is_none(signs: str) -> None:
    assert spell(*signs).word is None


def test_signs_that_were_not_believed_belong_to_the_word() -> None:
    speller = Speller(100)
    speller.sign("C", [DOUBT, sign_of("C")])
    speller.sign("T", [DOUBT, sign_of("T")])
    assert read(speller) == "?C?T"
    speller.sign("space", [DOUBT])
    assert read(speller) == "?C?T?"


@pytest.mark.parametrize("text", ["HELO", "HELO ", "I SAY HELO", "I SAY HELO "])
def test_a_word_taken_replaces_the_last_and_one_undo_brings_its_letters_back(text: str) -> None:
    speller = spell_seen(text)
    speller.take("HELLO")
    assert speller.text == text.rstrip().removesuffix("HELO") + "HELLO "
    assert speller.word is None  # the person's own choice is no guess any more
    speller.sign("space")
    assert speller.text.endswith("O ")
    speller.edit("undo")
    assert speller.text == text
    assert read(speller) == "HELO"


def test_letters_after_a_word_taken_begin_another() -> None:
    speller = spell_seen("HELO")
    speller.take("HELLO")
    speller.sign("A", [sign_of("A")])
    assert (speller.text, read(speller)) == ("HELLO A", "A")


def test_a_word_taken_and_gone_on_with_is_certain_so_far() -> None:
    speller = spell_seen("HELO")
    speller.take("HELLO")
    speller.edit("delete")
    assert speller.word is None
    speller.sign("S", [sign_of("S")])
    assert read(speller) == "HELLOS"
    assert speller.word is not None
    assert (speller.word.slots[0].gains == certain("H").gains).all()


def test_a_word_that_does_not_fit_is_refused_and_nothing_is_lost() -> None:
    speller = spell_seen("HELO", limit=5)
    with pytest.raises(ProtocolError):
        speller.take("HELLO")
    assert (speller.text, read(speller)) == ("HELO", "HELO")
    speller.edit("undo")
    assert speller.text == "HEL"


def test_what_was_seen_long_ago_is_forgotten() -> None:
    speller = spell_seen("A" * (SEEN_LETTERS + 20), limit=1000)
    for _ in range(20):
        speller.edit("delete")
    assert speller.word is not None
    gains = [slot.gains.tolist() for slot in speller.word.slots]
    assert gains[:20] == [certain("A").gains.tolist()] * 20
    assert gains[20:] == [sign_of("A").gains.tolist()] * (SEEN_LETTERS - 20)


def test_more_signs_than_any_word_has_are_none() -> None:
    speller = spell_seen("A" * SEEN_LETTERS, limit=1000)
    assert read(speller) == "A" * SEEN_LETTERS
    speller.sign("A", [sign_of("A")])
    assert speller.word is None


def test_the_version_changes_with_the_text() -> None:
    speller = spell_seen("AB")
    versions = [speller.version]
    for change in ("delete", "undo", "space", "clear"):
        speller.edit(change)
        versions.append(speller.version)
    assert len(set(versions)) == len(versions)
