"""Real hands before a camera of which a busy machine reads only some pictures, unevenly: no letter is doubled by that."""

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from tests.replay import Client
from tests.server import Server
from training.replaying import read_recording, tracking
from webapp.tracker import HandTracker

# So many steps of the film's ten a second lie between two pictures that are read.
STEPS = {"most": (1, 1, 2), "some": (1, 2, 3)}


def spelled(server: Server, film: Path, steps: tuple[int, ...], seed: int) -> str:
    """What is written where the tracker and the server see some of a film's pictures, each with its own time."""
    rng = np.random.default_rng(seed)
    pictures = list(read_recording(film, None).pictures())
    seen = tracking(HandTracker())
    number = 0
    with Client(server.url) as client:
        while number < len(pictures):
            message = seen(pictures[number], number, number / 10)
            text = client.call("frame", {"seq": number, "t": 100.0 * number, **message})["text"]
            number += int(rng.choice(steps))
    return str(text)


def doubled(text: str) -> str:
    """The letters that stand twice in a row."""
    return "".join(letter for letter, run in groupby(text) if len(list(run)) > 1)


@pytest.mark.hands
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize(("film", "may_double"), [("ahmed_HELLO", "L"), ("rjpushp_WORD_with_gaps", "")])
def test_uneven_frames_double_no_letter(
    film: str, may_double: str, steps: tuple[int, ...], seed: int, hands: Path, server: Server
) -> None:
    text = spelled(server, hands / "sequences" / film, steps, seed)
    assert len(text) > 2, text
    assert doubled(text) in ("", may_double), text
