"""When more is sent than can be read: how seldom every page is to send, so that all slow down alike and nobody's letter is late.

With one frame in flight a page slows down by itself, but then each frame waits behind everybody's. Where all wait before they
send, what they send is read at once. This file never sees a socket or a clock.
"""

from dataclasses import dataclass

# Fewer pages are no crowd: it is the machine that is slow, and their asking less often would help nobody.
MANY = 5
# A wait above the one is too long; below the other there is room for more.
_LONG_SECONDS, _SHORT_SECONDS = 0.08, 0.04
_LEAST_GAP_SECONDS, _MOST_GAP_SECONDS = 0.1, 0.5
"""At most ten frames a second; never fewer than two, with which a letter that is held is still read."""
_BUSY_GAP_SECONDS = 0.15
_MORE, _LESS = 1.5, 0.85


@dataclass
class Crowd:
    """How seldom every page is to send, from second to second."""

    gap_seconds: float = 0.0
    """From one frame to the next of the same page, at least; 0 as often as it likes."""
    busy: bool = False
    """Whether that is so seldom that people are told."""

    def step(self, wait_seconds: float, visitors: int) -> None:
        """Take in how long frames have waited in the last second, on average, and how many visitors sent any."""
        if visitors >= MANY and wait_seconds > _LONG_SECONDS:
            self.gap_seconds = min(_MOST_GAP_SECONDS, max(_LEAST_GAP_SECONDS, self.gap_seconds * _MORE))
        elif visitors < MANY or wait_seconds < _SHORT_SECONDS:
            self.gap_seconds *= _LESS
            if self.gap_seconds < _LEAST_GAP_SECONDS:
                self.gap_seconds = 0.0
        # Said when it is noticed, and taken back only when it is over: a sentence that comes and goes is none.
        self.busy = self.gap_seconds >= _BUSY_GAP_SECONDS or (self.busy and self.gap_seconds > 0)
