"""How something that was asked is refused, by whatever door it came in: a short code for programs, a sentence for people."""

from typing import Any


class RefusedError(Exception):
    """What cannot be done; the rooms have their own kinds, so that each catches what it knows how to answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def reply(self) -> dict[str, Any]:
        """As the asker is answered."""
        return error_reply(self.code, self.message)


def error_reply(code: str, message: str) -> dict[str, Any]:
    """The shape that everything refused is answered with."""
    return {"error": {"code": code, "message": message}}
