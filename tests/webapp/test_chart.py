"""The reference chart: every sign is drawn and described, and what the models confuse has advice."""

import json
import re

import pytest

from tests.server import ROOT
from webapp import chart

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
# What happens so rarely to strangers needs no advice of its own.
LEAST_SHARE = 0.03


def test_every_sign_has_words_and_a_drawing() -> None:
    drawn = set(re.findall(r'id="hand-(\w+)"', chart.DRAWN_PATH.read_text("utf-8")))
    shown = {sign for _, _, members in chart.GROUPS for sign in members}
    assert shown == drawn == set(chart.signs())
    assert shown >= {*LETTERS, *DIGITS}
    words = [sign["how"] for sign in chart.signs().values()]
    assert all(len(how) > 15 and how.endswith(".") for how in words)


def test_signs_of_one_kind_are_told_apart_in_words() -> None:
    for members in (LETTERS, DIGITS):
        words = [chart.signs()[sign]["how"] for sign in members]
        assert len(set(words)) == len(words)


def test_advice_is_about_other_signs_of_the_same_kind() -> None:
    for sign, known in chart.signs().items():
        kind = LETTERS if sign in LETTERS else DIGITS
        assert all(other in kind and other != sign for other in known["instead"]), sign


@pytest.mark.parametrize("model", ["letters", "digits"])
def test_what_strangers_signs_are_taken_for_has_advice(model: str) -> None:
    card = json.loads((ROOT / "models" / model / "card.json").read_text("utf-8"))
    for sign, row in card.get("confusions", {}).items():
        for other, share in row.items():
            if {sign, other} & {"nothing", "space", "del"} or sign == other or share < LEAST_SHARE:
                continue
            assert other in chart.signs()[sign]["instead"], f"{sign} is taken for {other}, {share:.0%} of the time"
