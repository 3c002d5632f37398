"""Somebody's own pictures, read beside the live visitors: the hand is found here, and read by the recogniser like theirs.

Finding a hand in a whole picture takes up to half a second, so one native thread does it, one picture after the other,
with a tracker of its own. What may wait for it is bounded, and nothing of a picture is kept.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, get_args

from webapp.concurrency import Completion, Concurrency
from webapp.core.hands import Array, Square
from webapp.core.messages import Message, picture_message
from webapp.core.pictures import decode_picture
from webapp.core.protocol import Hand
from webapp.core.stabiliser import Reading
from webapp.recogniser import Recogniser
from webapp.tracker import HandTracker

RIGHT, LEFT = get_args(Hand)


class BusyError(Exception):
    """As many requests are under way as may be."""


@dataclass(frozen=True)
class Extent:
    """A rectangle in fractions of a picture; it may reach over the edge."""

    left: float
    top: float
    width: float
    height: float


WHOLE = Extent(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Seen:
    """What one picture shows."""

    reading: Reading
    hand: Hand
    crop: Extent
    """What was read of the picture."""
    landmarks: Sequence[Sequence[float]] | None
    """x and y in fractions of the picture, z as a fraction of its width; None where they are not known.  # (21, 3)"""


@dataclass(frozen=True)
class _Found:
    """A hand in a whole picture, and what a page would send of it."""

    message: Message
    crop: Extent
    landmarks: list[list[float]]


@dataclass
class _Job:
    data: bytes
    done: Completion
    found: _Found | None = None
    error: BaseException | None = None


@dataclass
class PictureReader:
    """Reads pictures for requests; `most_requests` of them may be under way at once."""

    recogniser: Recogniser
    concurrency: Concurrency
    most_requests: int
    _requests: int = field(default=0, init=False)
    _waiting: deque[_Job] = field(default_factory=deque, init=False)
    _stopping: bool = field(default=False, init=False)
    _thread: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._changed = self.concurrency.condition()
        self._lock = Lock()  # of the handlers' kind of thread; `_changed` is shared with the native one

    def start(self) -> None:
        self._thread = self.concurrency.start_thread(self._run, "picture reader")

    def stop(self) -> None:
        """End the thread. A process that exits while it is in the middle of an inference would crash instead."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=5)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Room for one request, from before its pictures are received until it is answered. Raises BusyError."""
        with self._lock:
            if self._requests >= self.most_requests:
                raise BusyError
            self._requests += 1
        try:
            yield
        finally:
            with self._lock:
                self._requests -= 1

    def read_picture(self, data: bytes, model: str, hand: Hand | None) -> Seen | None:
        """Find the hand in a whole picture and read it; None where there is none.

        data: a JPEG, PNG or WebP that `check_picture` has let pass. hand: which hand it is, whatever the tracker says.
        Raises FrameError, and HandModelError where the tracker's models are not installed.
        """
        found = self._find(data)
        if found is None:
            return None
        hand = hand or found.message["hand"]
        reading = self._read(model, found.message["jpeg"], hand, found.message["landmarks"])
        return Seen(reading, hand, found.crop, found.landmarks)

    def read_crop(self, jpeg: bytes, model: str, hand: Hand | None, landmarks: Sequence[float] | None) -> Seen:
        """Read a square crop as a `frame` carries it, with its 63 landmarks if they are known. Raises FrameError."""
        hand = hand or RIGHT
        reading = self._read(model, jpeg, hand, landmarks)
        joints = None if landmarks is None else [landmarks[at : at + 3] for at in range(0, len(landmarks), 3)]
        return Seen(reading, hand, WHOLE, joints)

    def _read(self, model: str, jpeg: bytes, hand: Hand, landmarks: Sequence[float] | None) -> Reading:
        return self.recogniser.read(object(), model, jpeg, mirrored=hand == LEFT, landmarks=landmarks)

    def _find(self, data: bytes) -> _Found | None:
        job = _Job(data, self.concurrency.completion())
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()
        job.done.wait()
        if job.error:
            raise job.error
        return job.found

    def _run(self) -> None:
        # Nothing here may log or take a lock of the standard library: under eventlet those are green.
        tracker: HandTracker | None = None
        while job := self._take():
            try:
                tracker = tracker or HandTracker()  # at the first picture: most servers are never asked for one
                job.found = _look(tracker, job.data)
            except BaseException as error:  # the thread must outlive any picture, and the handler reports the error
                job.error = error
            self.concurrency.finish(job.done)

    def _take(self) -> _Job | None:
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            return None if self._stopping else self._waiting.popleft()


def _look(tracker: HandTracker, data: bytes) -> _Found | None:
    rgb = decode_picture(data)
    hand = tracker.find(rgb)
    if hand is None:
        return None
    height, width = rgb.shape[:2]
    message = picture_message(rgb, hand)
    centre_x, centre_y, side = (height * part for part in message["crop"])
    crop = Square(centre_x, centre_y, side)
    landmarks: Array = hand.landmarks / (width, height, width)
    return _Found(message, extent_of(crop, width, height), landmarks.tolist())


def extent_of(square: Square, width: int, height: int) -> Extent:
    """An upright square of a picture of so many pixels, in fractions of it."""
    left, top = square.centre_x - square.side / 2, square.centre_y - square.side / 2
    return Extent(left / width, top / height, square.side / width, square.side / height)
