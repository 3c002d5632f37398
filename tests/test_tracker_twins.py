"""The tracker's two languages do the same arithmetic: on hands made up by chance, number for number."""

import json
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

from tests.server import ROOT
from webapp import tracker as python
from webapp.core import hands
from webapp.core.crop import SteadySquare
from webapp.core.hands import Hand, Square
from webapp.core.messages import picture_square


def test_python_and_javascript_place_hands_alike() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine, so the browser's arithmetic was not compared")
    rng = np.random.default_rng(7)
    boxes = rng.normal(0, 20, (2016, 18)).astype(np.float32)
    boxes[:, 2:4] = rng.uniform(20, 80, (2016, 2))
    scores = rng.normal(-4, 2, 2016).astype(np.float32)
    region = Square(310.5, 222.25, 640, 0.4)
    made_up = [rng.uniform(50, 400, (21, 3)) for _ in range(20)]
    sizes = [(640, 480), (480, 480), (160, 161), (900, 900)]
    raw = rng.uniform(0, 224, 63).astype(np.float32)
    walk = np.cumsum(rng.normal(0, 6, (60, 2)), axis=0) + np.array([300, 200])
    times = np.cumsum(rng.uniform(0.0, 0.12, 60))
    track = [(*walk[at], 100 + 30 * np.sin(at / 9), times[at]) for at in range(60)]

    ran = subprocess.run(
        [node, "tests/tracker_twin.js"],
        cwd=ROOT,
        input=json.dumps(
            {
                "boxes": boxes.ravel().tolist(),
                "scores": scores.tolist(),
                "region": _js(region),
                "hands": [hand.tolist() for hand in made_up],
                "raw": raw.tolist(),
                "sizes": sizes,
                "track": track,
            }
        ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    theirs: dict[str, Any] = json.loads(ran.stdout)

    palms = hands.decode_palms(boxes, scores, hands.palm_anchors(), region, 0.3)
    assert len(palms) > 3
    steady = SteadySquare()
    ours = {
        "anchors": hands.palm_anchors(),
        "palms": [[palm.score, *palm.box, *palm.points.ravel()] for palm in palms],
        "palm_squares": _numbers(hands.square_of_palm(palm) for palm in palms),
        "next_squares": _numbers(hands.square_of_landmarks(hand[:, :2]) for hand in made_up),
        "hand_squares": _numbers(hands.hand_square(hand[:, :2]) for hand in made_up),
        "picture_squares": _numbers(picture_square(Hand(hand, 1.0, 1.0), *size) for size in sizes for hand in made_up),
        "still_looks": [_looked(look) for look in python.still_looks(640, 480)],
        "live_looks": [_looked(look) for look in python.live_looks(640, 480)],
        "landmarks": hands.landmarks_in_picture(raw, region),
        "in_square": hands.landmarks_in_square(made_up[0], region).ravel(),
        "steady": _numbers(steady.step(Square(x, y, side), time) for x, y, side, time in track),
    }
    assert theirs.keys() == ours.keys()
    for name, numbers in ours.items():
        got = theirs[name]
        if name.endswith("squares") or name == "steady":
            got = [[square["x"], square["y"], square["side"], square["rotation"]] for square in got]
        np.testing.assert_allclose(got, numbers, rtol=1e-9, atol=1e-9, err_msg=name)


def test_the_browsers_tracker_has_the_same_thresholds() -> None:
    script = (ROOT / "static/js/tracker/follow.js").read_text("utf-8")
    for name, value in (
        ("MIN_PALM_SCORE_SECOND", python.MIN_PALM_SCORE_SECOND),
        ("MIN_PRESENCE_FIRST", python.MIN_PRESENCE_FIRST),
        ("MIN_PRESENCE_SECOND", python.MIN_PRESENCE_SECOND),
    ):
        assert f"const {name} = {value};" in script
    assert f"const MOST_PX = {python.MOST_PX};" in (ROOT / "static/js/tracker/worker.js").read_text("utf-8")


def _looked(look: python.Look) -> list[float]:
    region = look.region
    return [
        region.centre_x,
        region.centre_y,
        region.side,
        look.brightened,
        look.min_score,
        look.min_presence,
        look.direct,
    ]


def _js(square: Square) -> dict[str, float]:
    return {"x": square.centre_x, "y": square.centre_y, "side": square.side, "rotation": square.rotation}


def _numbers(squares: Any) -> list[list[float]]:
    return [list(_js(square).values()) for square in squares]
