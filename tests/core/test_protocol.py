"""Messages as a client might send them."""

import pytest

from webapp.core.protocol import Mode, ProtocolError, parse_edit, parse_frame, parse_mode

GOOD = {"seq": 3, "t": 1500.0, "jpeg": b"x"}


def test_a_frame_is_read_and_unknown_fields_are_ignored() -> None:
    frame = parse_frame({**GOOD, "landmarks": [0.0] * 63, "colour": "blue"})
    assert (frame.seq, frame.t_seconds, frame.jpeg) == (3, 1.5, b"x")


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
    ],
)
def test_a_bad_frame_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_frame(data)
    assert caught.value.code == "bad_frame"


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
        {"hand": "both"},
        {"hand": {}},
    ],
)
def test_a_bad_mode_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_mode(data, Mode("letters"), ("letters", "digits"))
    assert caught.value.code == "bad_mode"
