"""A browser without a window: its cookies, and what the history page asks with them. Every answer is held to the description."""

import re
from functools import cached_property
from typing import Any

import requests

from tests.described import TIMEOUT_SECONDS, description_of, hold
from tests.replay import Client


class Visitor:
    """Keeps what a client spells, and reads it back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    @cached_property
    def _description(self) -> dict[str, Any]:
        return description_of(self.url)

    def keep(self, client: Client, on: bool = True) -> dict[str, Any]:
        """Switch keeping on or off for a connected client, as its page does."""
        answer = self.http.post(f"{self.url}/api/keep", json={"token": client.hello["token"], "on": on}, timeout=20)
        hold(answer, self._description, "/api/keep")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str = "", **query: Any) -> requests.Response:
        return self._ask("GET", path, params=query)

    def get_unless(self, etag: str) -> requests.Response:
        """The list, unless it is still what `etag` stands for."""
        return self._ask("GET", "", headers={"If-None-Match": etag})

    def delete(self, path: str = "", **options: Any) -> requests.Response:
        return self._ask("DELETE", path, **options)

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.http.request(method, f"{self.url}/api/history{path}", timeout=TIMEOUT_SECONDS, **options)
        named = re.sub(r"export\.\w+$", "export.{kind}", re.sub(r"^/(?!export\.)[^/]+", "/{id}", path))
        hold(answer, self._description, f"/api/history{named}")
        return answer

    def transcripts(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(**query)
        assert answer.status_code == 200, answer.text
        return answer.json()["transcripts"]

    def only(self) -> dict[str, Any]:
        """The one transcript that there is, with its entries."""
        (found,) = self.transcripts()
        return self.get(f"/{found['id']}").json()
