"""Answers over HTTP, held to the server's own description of its calls."""

from typing import Any

import requests
from jsonschema import Draft202012Validator

TIMEOUT_SECONDS = 20


def description_of(url: str) -> dict[str, Any]:
    """What a server says of its calls, as OpenAPI 3.1."""
    return requests.get(f"{url}/api/openapi.json", timeout=TIMEOUT_SECONDS).json()


def hold(answer: requests.Response, description: dict[str, Any], path: str) -> None:
    """Raises where an answer of the call at `path`, as the description writes it, is not as described."""
    calls = description["paths"][path]
    said = calls[(answer.request.method or "").lower()]["responses"][str(answer.status_code)].get("content")
    if said is None:
        assert answer.content == b""
        return
    mime_type = answer.headers["Content-Type"].partition(";")[0]
    schema = {**said[mime_type]["schema"], "components": description["components"]}
    if mime_type == "application/json":
        Draft202012Validator(schema).validate(answer.json())
