"""A class: codes, names, who is in, and what may be chosen."""

from dataclasses import replace

import pytest

from webapp.core import classroom
from webapp.core.classroom import Allowance, Class, ClassError, Live, Pupil

CLASS = Class("ACDEFG", created=0.0, expires=100.0)


def joined(names: list[str]) -> list[Pupil]:
    pupils: list[Pupil] = []
    for number, name in enumerate(names):
        pupils.append(classroom.join(CLASS, pupils, name, f"id{number}", f"secret{number}", float(number)))
    return pupils


@pytest.mark.parametrize("typed", ["ACDEFG", "acdefg", " acd efg ", "acd-efg"])
def test_a_code_is_read_as_people_write_it(typed: str) -> None:
    assert classroom.clean_code(typed) == "ACDEFG"


@pytest.mark.parametrize(
    "typed", ["", "ACDEF", "ACDEFGH", "ACDEF0", "ÀCDEFG", None, 7, ["A"] * 6, "A" * 100_000], ids=repr
)
def test_what_is_no_code_opens_nothing(typed: object) -> None:
    with pytest.raises(ClassError) as refused:
        classroom.clean_code(typed)
    assert refused.value.code == "no_class"


def test_no_two_letters_of_a_code_are_mistaken_for_each_other() -> None:
    alphabet = set(classroom.CODE_ALPHABET)
    assert len(alphabet) == len(classroom.CODE_ALPHABET)
    for alike in ("0O", "1IL", "2Z", "5S", "8B"):
        assert len(alphabet & set(alike)) == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Mia", "Mia"),
        ("  Mia \n  Rose ", "Mia Rose"),
        ("Zoë", "Zoë"),
        ("小明", "小明"),
        ("<script>alert(1)</script>", "<script>alert(1)</script"),
        ("M\u0000i\u200b\u202ea", "Mia"),
        ("Z" + "\u0335" * 50 + "a", "Z\u0335\u0335a"),
        ("x" * 5000, "x" * classroom.NAME_LENGTH),
    ],
    ids=["plain", "spaces", "accent", "chinese", "markup", "unseen", "stacked", "long"],
)
def test_a_name_is_cleaned_and_bounded(typed: str, shown: str) -> None:
    assert classroom.clean_name(typed) == shown


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "…!?", None, 5, ["Mia"]], ids=repr)
def test_what_is_no_name_is_refused(typed: object) -> None:
    with pytest.raises(ClassError) as refused:
        classroom.clean_name(typed)
    assert refused.value.code == "bad_name"


def test_names_are_told_apart_however_they_are_written() -> None:
    long = "x" * classroom.NAME_LENGTH
    assert [pupil.name for pupil in joined(["Mia", "mia", "MIA", long, long])] == [
        "Mia",
        "mia 2",
        "MIA 3",
        long,
        long[:-2] + " 2",
    ]


def test_a_pupil_may_be_renamed_to_the_name_that_is_already_theirs() -> None:
    pupils = joined(["Mia", "Ben"])
    assert classroom.rename(pupils, pupils[0], "MIA").name == "MIA"
    assert classroom.rename(pupils, pupils[0], "Ben").name == "Ben 2"


def test_seats_are_never_given_twice_while_later_ones_are_taken() -> None:
    pupils = joined(["Mia", "Ben", "Zoë"])
    del pupils[1]
    assert classroom.join(CLASS, pupils, "Ann", "id9", "s", 0.0).seat == 4


def test_a_full_or_locked_class_lets_nobody_in() -> None:
    pupils = joined([f"Pupil {number}" for number in range(classroom.MOST_PUPILS)])
    with pytest.raises(ClassError, match="full"):
        classroom.join(CLASS, pupils, "Late", "id", "s", 0.0)
    with pytest.raises(ClassError, match="closed"):
        classroom.join(replace(CLASS, locked=True), [], "Late", "id", "s", 0.0)


def test_only_the_secret_opens_a_pupil_and_it_is_not_kept() -> None:
    (mia,) = joined(["Mia"])
    assert mia.owns("secret0")
    assert not mia.owns("secret1")
    assert not mia.owns(mia.secret_hash)
    assert "secret0" not in str(classroom.to_json(mia))


def test_settings_are_checked_one_by_one() -> None:
    (mia,) = joined(["Mia"])
    assert classroom.change(CLASS, [mia], {"names_hidden": True, "code": "OTHER"}) == replace(CLASS, names_hidden=True)
    assert classroom.change(CLASS, [mia], {"spotlight": "id0"}).spotlight == "id0"
    for wrong in ({"frozen": 1}, {"spotlight": "id7"}, None, ["frozen"]):
        with pytest.raises(ClassError) as refused:
            classroom.change(CLASS, [mia], wrong)
        assert refused.value.code == "bad_setting"


def test_what_is_kept_comes_back_and_newer_fields_are_passed_over() -> None:
    (mia,) = joined(["Mia"])
    assert classroom.pupil_from_json({**classroom.to_json(mia), "newer": 1}) == mia
    assert classroom.class_from_json({**classroom.to_json(CLASS), "newer": 1}) == CLASS
    with pytest.raises(TypeError):
        classroom.pupil_from_json({"id": "x"})


def test_a_tile_shows_the_end_of_the_text_and_nothing_that_opens_the_pupil() -> None:
    (mia,) = joined(["Mia"])
    tile = classroom.tile(CLASS, replace(mia, text="A" * 500 + "END"), Live(True, "B", 0.5))
    assert tile["text"].endswith("END")
    assert len(tile["text"]) == classroom.BOARD_TEXT_LENGTH
    assert set(tile) == {"id", "seat", "name", "text", "task", "connected", "sign", "progress"}


def test_tries_are_allowed_at_once_and_then_one_by_one() -> None:
    tries = Allowance(3, 10.0)
    for _ in range(3):
        assert tries.wait_seconds("a", 0.0) == 0
        tries.spend("a", 0.0)
    assert tries.wait_seconds("a", 0.0) == pytest.approx(10)
    assert tries.wait_seconds("b", 0.0) == 0
    assert tries.wait_seconds("a", 10.0) == 0
    tries.spend("a", 10.0)
    assert tries.wait_seconds("a", 10.0) == pytest.approx(10)


def test_tries_of_ever_new_keys_fill_no_memory() -> None:
    tries = Allowance(1, 1.0)
    for number in range(tries.MOST_KEYS + 500):
        tries.spend(f"address {number}", float(number))
    assert len(tries._due) == tries.MOST_KEYS
