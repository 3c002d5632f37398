"""Messages as a client might send them."""

import pytest

from webapp.core.protocol import (
    LONGEST_WORD,
    MOST_WORDS,
    Frame,
    Mode,
    OwnWords,
    ProtocolError,
    Take,
    parse_edit,
    parse_frame,
    parse_mode,
    parse_vocabulary,
)

GOOD = {"seq": 3, "t": 1500.0, "jpeg": b"x"}


def test_a_frame_is_read_and_unknown_fields_are_ignored() -> None:
    assert parse_frame({**GOOD, "colour": "blue"}) == Frame(3, 1.5, b"x")


def test_a_tracked_hand_is_read_with_its_crop() -> None:
    landmarks = [at / 63 for at in range(63)]
    frame = parse_frame({**GOOD, "landmarks": landmarks, "hand": "left", "crop": [0.6, -0.1, 1]})
    assert frame == Frame(3, 1.5, b"x", tuple(landmarks), "left", (0.6, -0.1, 1.0))


def test_what_is_null_is_not_said() -> None:
    silent = dict.fromkeys(("landmarks", "hand", "crop", "nothing"))
    assert parse_frame({**GOOD, **silent, "nothing": False}) == parse_frame({**GOOD, **silent}) == Frame(3, 1.5, b"x")


@pytest.mark.parametrize("more", [{}, {"jpeg": None}, {"hand": "left", "landmarks": [0.0] * 63}])
def test_a_frame_without_a_hand_has_no_picture(more: dict) -> None:
    assert parse_frame({"seq": 3, "t": 1500, "nothing": True, **more}) == Frame(3, 1.5, None)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nothing"),
        pytest.param("frame", id="text"),
        pytest.param([GOOD], id="a list"),
        pytest.param({}, id="empty"),
        *(pytest.param({k: v for k, v in GOOD.items() if k != name}, id=f"no {name}") for name in GOOD),
        *(pytest.param({**GOOD, "seq": value}, id=f"seq {value!r}") for value in ("3", 3.5, None, True, -1, [3])),
        *(
            pytest.param({**GOOD, "t": value}, id=f"t {str(value)[:12]}")
            for value in ("1", None, False, float("nan"), float("inf"), 10**400)
        ),
        *(pytest.param({**GOOD, "jpeg": value}, id=f"jpeg {value!r}") for value in ("x", None, 5, [1, 2], {})),
        *(
            pytest.param({**GOOD, "landmarks": value}, id=f"landmarks {str(value)[:16]} {at}")
            for at, value in enumerate(
                (
                    [],
                    [0.5] * 62,
                    [0.5] * 64,
                    [0.5] * 62 + ["1"],
                    [0.5] * 62 + [None],
                    [0.5] * 62 + [True],
                    [0.5] * 62 + [float("nan")],
                    [0.5] * 62 + [10.1],
                    [0.5] * 62 + [10**400],
                    [[0.5, 0.5, 0.0]] * 21,
                    b"x" * 63,
                    {"x": 1},
                    0.5,
                )
            )
        ),
        *(pytest.param({**GOOD, "hand": value}, id=f"hand {value!r}") for value in ("both", "", 1, ["left"], {})),
        *(
            pytest.param({**GOOD, "crop": value}, id=f"crop {value!r}")
            for value in (
                [0.5, 0.5],
                [0.5] * 4,
                [0.5, 0.5, float("inf")],
                [0.5, -11, 1],
                "0.5",
                [0.5, 0.5, False],
                [0.5, 0.5, 0],
                [0.5, 0.5, -1],
            )
        ),
        *(
            pytest.param({"seq": 1, "t": 1, "nothing": value}, id=f"nothing {value!r}")
            for value in (False, None, "yes", 1)
        ),
        pytest.param({**GOOD, "nothing": True}, id="nothing, and a picture of it"),
    ],
)
def test_a_bad_frame_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_frame(data)
    assert caught.value.code == "bad_frame"


def test_a_refusal_names_the_field_and_never_its_content() -> None:
    with pytest.raises(ProtocolError, match=r"^landmarks must be a list of 63 numbers, not a list of 2\."):
        parse_frame({**GOOD, "landmarks": ["private", "words"]})


@pytest.mark.parametrize("data", [None, "undo", {}, {"op": "shout"}, {"op": None}, {"op": ["undo"]}])
def test_a_bad_edit_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError, match="undo") as caught:
        parse_edit(data)
    assert caught.value.code == "bad_edit"


@pytest.mark.parametrize(
    ("data", "mode"),
    [
        pytest.param({}, Mode("letters"), id="nothing"),
        pytest.param({"model": "digits"}, Mode("digits"), id="model"),
        pytest.param({"pace": "fast"}, Mode("letters", "fast"), id="pace by name"),
        pytest.param({"pace": 0.3}, Mode("letters", "expert"), id="pace by seconds"),
        pytest.param({"hand": "left", "colour": 1}, Mode("letters", hand="left"), id="hand"),
    ],
)
def test_a_mode_changes_what_it_names(data: object, mode: Mode) -> None:
    assert parse_mode(data, Mode("letters"), ("letters", "digits")) == mode


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"model": "words"},
        {"model": ["letters"]},
        {"pace": "hasty"},
        {"pace": 7},
        {"pace": True},
        {"pace": float("nan")},
        {"pace": 10**400},
        {"hand": "both"},
        {"hand": {}},
    ],
)
def test_a_bad_mode_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_mode(data, Mode("letters"), ("letters", "digits"))
    assert caught.value.code == "bad_mode"


def test_a_word_to_take_is_read() -> None:
    assert parse_edit({"op": "take", "word": "HELLO"}) == Take("HELLO")


@pytest.mark.parametrize("data", [{"op": "take"}, {"op": "take", "word": 5}, {"op": "take", "word": None}])
def test_a_take_without_a_word_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError, match="op: take, word: text") as caught:
        parse_edit(data)
    assert caught.value.code == "bad_edit"


@pytest.mark.parametrize("use", ["preferred", "only", "off"])
def test_an_own_list_comes_out_in_capitals_each_word_once(use: str) -> None:
    assert parse_vocabulary({"words": ["zoe", "XYLEM", "Zoe"], "use": use}) == OwnWords(("ZOE", "XYLEM"), use)


def test_a_list_may_be_empty_or_left_out_unless_it_is_all_there_is() -> None:
    assert parse_vocabulary({"use": "off"}) == parse_vocabulary({"use": "off", "words": []}) == OwnWords()
    with pytest.raises(ProtocolError, match="it must have one"):
        parse_vocabulary({"use": "only", "words": []})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(None, "one dictionary, not null", id="no dictionary"),
        pytest.param({"words": []}, "preferred, only, off", id="no use"),
        pytest.param({"words": [], "use": ["off"]}, "preferred, only, off", id="an odd use"),
        pytest.param({"words": "ZOE", "use": "only"}, "a list of texts", id="no list"),
        pytest.param({"words": ["ZOE", 5], "use": "only"}, "a list of texts", id="a number"),
        pytest.param({"words": ["ZOE"] * (MOST_WORDS + 1), "use": "only"}, "may have 2,000", id="too many"),
        pytest.param({"words": ["ZOE", "A" * (LONGEST_WORD + 1)], "use": "only"}, "Word 2", id="too long"),
        pytest.param({"words": ["ZOE", ""], "use": "only"}, "Word 2", id="empty"),
        pytest.param({"words": ["ZOÉ"], "use": "only"}, "A to Z", id="another alphabet"),
        pytest.param({"words": ["ICE CREAM"], "use": "only"}, "A to Z", id="two words"),
    ],
)
def test_a_bad_list_is_refused_by_name(data: object, said: str) -> None:
    with pytest.raises(ProtocolError, match=said) as caught:
        parse_vocabulary(data)
    assert caught.value.code == "bad_vocabulary"
