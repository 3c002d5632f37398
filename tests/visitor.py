"""A browser without a window: its cookies, and what the history page asks with them."""

from typing import Any

import requests

from tests.replay import Client

TIMEOUT_SECONDS = 20


class Visitor:
    """Keeps what a client spells, and reads it back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def keep(self, client: Client, on: bool = True) -> dict[str, Any]:
        """Switch keeping on or off for a connected client, as its page does."""
        answer = self.http.post(f"{self.url}/api/keep", json={"token": client.hello["token"], "on": on}, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str = "", **query: Any) -> requests.Response:
        return self.http.get(f"{self.url}/api/history{path}", params=query, timeout=TIMEOUT_SECONDS)

    def delete(self, path: str = "", **options: Any) -> requests.Response:
        return self.http.delete(f"{self.url}/api/history{path}", timeout=TIMEOUT_SECONDS, **options)

    def transcripts(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(**query)
        assert answer.status_code == 200, answer.text
        return answer.json()["transcripts"]

    def only(self) -> dict[str, Any]:
        """The one transcript that there is, with its entries."""
        (found,) = self.transcripts()
        return self.get(f"/{found['id']}").json()
