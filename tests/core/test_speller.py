"""Signs and edits in, text out."""

import pytest

from webapp.core.protocol import ProtocolError
from webapp.core.speller import Speller


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
