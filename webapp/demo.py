"""A demo class: simulated pupils, so that a teacher can see it all alone the evening before.

Their hands are drawn and their characters made up; all else is real. What they show goes to the recogniser as a page's crops do,
and from there to session, class and board. One thread moves them all, one frame after the other, and pauses after each for
longer than it took: a real class is never behind more than one of their frames, and the busier the server, the slower they are.
"""

import logging
import time
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from webapp.chart import poses
from webapp.classes import Classes, Seat
from webapp.core import simulated
from webapp.core.classroom import Class, ClassError, Pupil
from webapp.core.drawn_hand import draw_hand
from webapp.core.frames import FrameError
from webapp.core.messages import CROP_PX, page_jpeg
from webapp.core.motion import DRAWN_SIGNS, MIDDLE_BASE, WRIST, joints_as_signed
from webapp.core.protocol import Mode, ProtocolError
from webapp.core.session import Session
from webapp.core.simulated import Moment, SimulatedPupil
from webapp.core.stabiliser import Reading
from webapp.recogniser import Recogniser, SupersededError

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]

FRAMES_A_SECOND = 6.0
"""Of each pupil, where the server has the time."""
# After each frame, in times of what it took.
_PAUSE = 2.0
# While nobody can be moved: the classes are away.
_AWAY_SECONDS = 1.0

_HELD = {"J": "I", "Z": "D"}
"""The sign whose pose the hand has that draws."""
_DRAWN_LENGTH = 2.2
"""Of a movement, in sizes of the hand."""
_WALL = 175
_DRAWINGS = 3
# In fractions of the crop: no one holds quite still.
_TREMBLE = 0.006
# The middle of the crop and its side, in heights of the picture.
_PLACE, _SIDE = (0.66, 0.5), 0.4


class Demo:
    """The demo class of this server: at most one is open."""

    def __init__(
        self,
        classes: Classes,
        recogniser: Recogniser,
        text_limit: int,
        start: Callable[..., object],
        sleep: Callable[[float], object],
    ) -> None:
        """start: runs a function with its arguments in the background; sleep: waits there so many seconds."""
        self._classes = classes
        self._recogniser = recogniser
        self._text_limit = text_limit
        self._start = start
        self._sleep = sleep

    def open(self, pupils: object) -> Class:
        """A demo class with so many simulated pupils. Raises ClassError `bad_setting`, `demo_open` or `no_demo`."""
        most = simulated.MOST_PUPILS
        if not isinstance(pupils, int) or isinstance(pupils, bool) or not 1 <= pupils <= most:
            raise ClassError("bad_setting", f"A demo class has 1 to {most} simulated pupils.")
        if "letters" not in self._recogniser.cards:
            raise ClassError("no_demo", "This server has no model that reads letters, so nobody can be simulated.")
        if self.opened:
            raise ClassError("demo_open", "A demo class is open already. Go to it, or end it first.")
        one = self._classes.open_demo(simulated.NAMES[:pupils])
        self._start(self._play, one)
        return one

    @property
    def opened(self) -> Class | None:
        """The demo class that is open."""
        return next((one for one in self._classes.all() if one.demo), None)

    def resume(self) -> None:
        """After a restart, go on with the demo class that was open; one that other servers share may be another's."""
        one = self.opened
        if one and not self._classes.store.shared:
            self._start(self._play, one)

    def _play(self, one: Class) -> None:
        """Move the pupils until their class is over."""
        taken_for = self._recogniser.cards["letters"].often_taken_for()
        random = Random(one.code)
        moved = [pupil for pupil in self._classes.pupils(one) if pupil.simulated]
        players = [
            Player(
                self._classes, self._recogniser, self._text_limit, one, pupil, _mind(place, pupil, taken_for, random)
            )
            for place, pupil in enumerate(moved)
        ]
        while players:
            for player in list(players):
                began = time.monotonic()
                try:
                    player.step(began)
                except ClassError as error:
                    if error.code == "class_away":
                        self._sleep(_AWAY_SECONDS)
                        continue
                    player.leave()  # removed, or the class is over
                    players.remove(player)
                except Exception:  # the next moment's frame may be better, and the others must go on
                    log.exception("a simulated pupil stumbled")
                took = time.monotonic() - began
                self._sleep(max(_PAUSE * took, 1 / FRAMES_A_SECOND / max(1, len(players)) - took))


def _mind(place: int, pupil: Pupil, taken_for: dict[str, list[tuple[str, float]]], random: Random) -> SimulatedPupil:
    return SimulatedPupil(pupil.name, simulated.character_of(place, random), taken_for, random)


class Player:
    """A simulated pupil before the camera: what the hand shows is read, and what is read is written."""

    def __init__(
        self,
        classes: Classes,
        recogniser: Recogniser,
        text_limit: int,
        one: Class,
        pupil: Pupil,
        mind: SimulatedPupil,
    ) -> None:
        self._classes = classes
        self._recogniser = recogniser
        self._one = one
        self._pupil = pupil
        self._mind = mind
        self._session = Session("letters", text_limit, text=pupil.text)
        self._seat: Seat | None = None
        self._random = np.random.default_rng(pupil.seat)

    def step(self, now: float) -> None:
        """Live for a moment at `now`, in seconds that only rise. Raises ClassError where the pupil or the class is gone."""
        one, pupil = self._classes.find(self._one.code, self._pupil.id)
        moment = self._mind.step(now, self._session.text, self._classes.message_for(one, pupil)["task"])
        if not moment.here:
            self.leave()
            return
        if self._seat is None:
            self._seat = Seat(self._classes, one, pupil)
            self._seat.take(_connection_of(self._seat))
            self._session.pause()
        try:
            if moment.deletes:
                self._session.edit("delete")
                self._seat.wrote(self._session.text)
            self._seat.saw(self._read(moment, now))
        except ProtocolError:  # the text is full
            self._session.edit("clear")
        except (FrameError, SupersededError):
            log.exception("what a simulated pupil showed could not be read")

    def leave(self) -> None:
        """The connection is gone; text and name wait."""
        if self._seat:
            self._seat.leave(_connection_of(self._seat))
            self._seat = None

    def _read(self, moment: Moment, now: float) -> dict[str, Any]:
        model = "digits" if moment.sign and moment.sign.isdigit() else "letters"
        if moment.sign is None or model not in self._recogniser.cards:
            return self._session.read(Reading.of_nothing(self._recogniser.cards[self._session.mode.model].floors), now)
        if self._session.mode.model != model:
            self._session.change_mode(Mode(model))
        pose = _HELD.get(moment.sign, moment.sign)
        jpeg = drawing(pose, int(self._random.integers(_DRAWINGS)))
        joints = poses()[pose] + self._random.normal(0, _TREMBLE, (21, 3))
        landmarks = joints.ravel().tolist()
        reading = self._recogniser.read(self._pupil.id, model, jpeg, False, landmarks)
        crop = crop_of(moment, poses()[pose])
        return self._session.read(reading, now, joints_as_signed(landmarks, crop, False), "right")


@cache
def drawing(pose: str, number: int) -> bytes:
    """A crop as the page sends it, of a drawn hand; each number trembles otherwise."""
    wall = np.full((CROP_PX, CROP_PX, 3), _WALL, np.uint8)
    joints = poses()[pose] + np.random.default_rng(number).normal(0, _TREMBLE, (21, 3))
    return page_jpeg(draw_hand(wall, joints * CROP_PX))


def crop_of(moment: Moment, joints: Array) -> tuple[float, float, float]:
    """Where the crop is while the hand holds, or draws the movement of its sign: as Frame's `crop`.

    joints: (21, 3), fractions of the crop.
    """
    x, y = _movement(moment.sign, moment.drawn) * np.linalg.norm((joints[MIDDLE_BASE] - joints[WRIST])[:2]) * _SIDE
    return _PLACE[0] - float(x), _PLACE[1] + float(y), _SIDE  # a right hand's movement is seen turned over


def _movement(sign: str | None, share: float) -> Array:
    """How far the hand has come, as the signer sees it, in sizes of the hand.  # (2,)"""
    for drawn in DRAWN_SIGNS:
        if drawn.sign == sign:
            steps = drawn.templates[0]
            path = np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)])
            place = share * len(steps)
            reached = [np.interp(place, np.arange(len(path)), path[:, axis]) for axis in (0, 1)]
            return np.array(reached) * _DRAWN_LENGTH / np.linalg.norm(steps, axis=1).sum()
    return np.zeros(2)


def _connection_of(seat: Seat) -> str:
    """What stands for a connection where there is none."""
    return f"simulated {seat.key[1]}"
