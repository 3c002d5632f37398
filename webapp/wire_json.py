"""JSON as the Socket.IO codec is to read it: an integer longer than any number of ours becomes infinity.

The codec's own reading gives up on it, and the message is lost without an acknowledgement: a client that waits for one
stalls. Infinity is refused by name, like every other number that is out of range.
"""

import json
import math
from typing import Any

# Also keeps Python from spending seconds on the digits.
LONGEST_INTEGER = 100

dumps = json.dumps


def loads(text: str | bytes) -> Any:
    """Raises ValueError for what is no JSON."""
    return _decode(text) if isinstance(text, str) else json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else math.inf


# Made once: `json.loads` would make one for every message.
_decode = json.JSONDecoder(parse_int=_integer).decode
