"""The teacher's key: set, or made once and kept in the data folder; shown on the server's own terminal and nowhere else."""

import hashlib
import hmac
import secrets
from pathlib import Path

from webapp.class_store import write_private

TEACHER_COOKIE = "handspell_teacher"
KEY_FILE = "teacher.key"


class Teacher:
    """Knows the teacher by the key in an address, and from then on by a cookie that says nothing of the key."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.cookie = hmac.new(key.encode(), b"cookie", hashlib.sha256).hexdigest()

    def has_key(self, key: str) -> bool:
        return hmac.compare_digest(self.key.encode(), key.encode())

    def has_cookie(self, cookie: str | None) -> bool:
        return hmac.compare_digest(self.cookie.encode(), (cookie or "").encode())


def kept_teacher(folder: Path, key: str = "") -> Teacher:
    """The teacher whose key is `key`, else the one in `folder`; a new one where none lies there. Raises OSError."""
    if key:
        return Teacher(key)
    path = folder / KEY_FILE
    try:
        key = path.read_text("utf-8").strip()
    except FileNotFoundError:
        key = ""
    if len(key) < 32:
        key = secrets.token_urlsafe(32)
        write_private(path, key)
    return Teacher(key)
