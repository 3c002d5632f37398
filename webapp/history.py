"""The history page and what it asks for: transcripts of the browser whose key the cookie holds, and of no other.

Whoever has no key, or one that is unknown, has no history; an id of somebody else's transcript is as unknown as one that
never was. What changes something is taken from our own pages alone.
"""

import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from webapp import keeping
from webapp.core import exports
from webapp.core.refusal import RefusedError, error_reply
from webapp.core.transcript import Entry
from webapp.origins import same_origin, set_secret
from webapp.sessions import Sessions
from webapp.storage.keeper import DatabaseAway, Keeper
from webapp.storage.store import Filter, Store

COOKIE = "handspell_key"
# Browsers keep no cookie longer; every visit of the history renews it.
COOKIE_SECONDS = 400 * 86400
PAGE_LENGTH = 20
MOST_SEARCHED = 200
MOST_BODY_BYTES = 4096


Everything = Iterator[tuple[exports.Transcript, list[Entry]]]


class HistoryError(RefusedError):
    """A request that cannot be answered, with its HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status


def blueprint(sessions: Sessions, keeper: Keeper) -> Blueprint:
    """The routes, answering from what `keeper` keeps."""
    history = Blueprint("history", __name__)

    def owner() -> str | None:
        return keeping.owner_of(request.cookies.get(COOKIE))

    def transcript(id: str) -> tuple[exports.Transcript, list[Entry]]:
        key = owner()
        found = keeper.ask(lambda store: store.read(key, _storable(id))) if key else None
        if found is None:
            raise HistoryError(404, "no_transcript", "This browser has no such transcript. Perhaps it was deleted.")
        return found

    @history.get("/history")
    def page() -> str:
        return render_template("history.html")

    @history.app_context_processor
    def promise() -> dict[str, int]:
        # For every page that says how long something is kept.
        return {"retention_days": keeper.retention_days}

    @history.post("/api/keep")
    def keep() -> Response:
        body = _body()
        visitor = sessions.find(body.get("token"))
        if not isinstance(body.get("on"), bool):
            raise HistoryError(400, "bad_request", "Send {token: the resume token, on: true or false}.")
        if visitor is None:
            raise HistoryError(404, "no_session", "This page's connection is unknown here. Reload it, and try again.")
        if body["on"] and visitor.seat:
            message = "In a class only the teacher decides what is kept. Leave the class to keep your own text."
            raise HistoryError(409, "in_class", message)
        key = request.cookies.get(COOKIE)
        if body["on"] and keeping.owner_of(key) is None:
            key = keeping.new_key()
        keeping.switch(visitor, keeping.owner_of(key) if body["on"] else None, keeper)
        answer = jsonify(keeping.state_of(visitor, keeper))
        return _with_key(answer, key) if body["on"] and key else answer

    @history.get("/api/history")
    def find() -> Response:
        key = owner()
        if key is None:
            return jsonify(has_key=False, transcripts=[], total=0, page=1, pages=1)
        wanted = _filter()
        number = _number("page", 1, 1)
        offset = (number - 1) * PAGE_LENGTH
        found, total = keeper.ask(lambda store: store.find(key, wanted, offset, PAGE_LENGTH))
        answer = jsonify(
            has_key=True,
            transcripts=[exports.summary(one) for one in found],
            total=total,
            page=number,
            pages=max(1, -(-total // PAGE_LENGTH)),
        )
        # The page asks every two seconds, and seldom is there anything new.
        answer.add_etag()
        answer.make_conditional(request)
        return _with_key(answer, request.cookies[COOKIE])

    @history.get("/api/history/<id>")
    def read(id: str) -> Response:
        known = _number("after", 0, 0)
        whole = exports.as_json(*transcript(id))
        return jsonify({**whole, "entries": whole["entries"][known:]})

    @history.delete("/api/history/<id>")
    def delete(id: str) -> Response:
        return _delete(id)

    @history.delete("/api/history")
    def delete_all() -> Response:
        return _delete(None)

    def _delete(id: str | None) -> Response:
        _refuse_other_sites()
        key = owner()
        if key is None:
            raise HistoryError(404, "no_transcript", "Nothing is kept from this browser.")
        # First, so that nothing can write the deleted one again.
        keeping.begin_anew(sessions, key)
        count = keeper.ask(lambda store: store.delete(key, id and _storable(id)))
        # And once more: what was begun meanwhile may have lost its beginning with the rest.
        keeping.begin_anew(sessions, key)
        if id is not None and not count:
            raise HistoryError(
                404, "no_transcript", "This browser has no such transcript. Perhaps it was deleted before."
            )
        return jsonify(deleted=count)

    @history.get("/api/history/<id>/export.<kind>")
    def export(id: str, kind: str) -> Response:
        if kind not in EXPORTS:
            raise HistoryError(404, "no_format", f"Transcripts are exported as {', '.join(EXPORTS)}.")
        head, entries = transcript(id)
        mime_type, write = EXPORTS[kind]
        name = f"handspell-{head.started.astimezone(UTC):%Y-%m-%d-%H%M}.{kind}"
        return _download(write(head, entries), mime_type, name)

    @history.get("/api/history/export.<kind>")
    def export_all(kind: str) -> Response:
        if kind not in EXPORTS_OF_ALL:
            raise HistoryError(404, "no_format", f"All transcripts are exported as {', '.join(EXPORTS_OF_ALL)}.")
        key = owner()
        ids = keeper.ask(lambda store: store.ids(key)) if key else []
        if key is None or not ids:
            raise HistoryError(
                404, "no_transcript", "Nothing is kept from this browser, so there is nothing to export."
            )

        def every() -> Everything:
            # One after the other: a long history need not fit into the memory, nor keep others waiting.
            for id in ids:
                found = keeper.ask(partial(Store.read, owner=key, id=id))
                if found:  # it may have been deleted meanwhile
                    yield found

        mime_type, write = EXPORTS_OF_ALL[kind]
        return _download(write(every()), mime_type, f"handspell-history.{kind}")

    @history.after_request
    def private(answer: Response) -> Response:
        # Neither a proxy nor the browser may keep what somebody else could then read.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    @history.errorhandler(DatabaseAway)
    def away(error: DatabaseAway) -> tuple[Response, int]:
        message = "The history cannot be reached, because its database is away. What is spelled meanwhile waits for it."
        return jsonify(error_reply("database_away", message)), 503

    @history.errorhandler(HistoryError)
    def refused(error: HistoryError) -> tuple[Response, int]:
        return jsonify(error.reply), error.status

    return history


def _body() -> dict[str, Any]:
    """The request's JSON; from our own pages alone."""
    _refuse_other_sites()
    request.max_content_length = MOST_BODY_BYTES
    try:
        body = request.get_json()
    except HTTPException as error:
        raise HistoryError(error.code or 400, "bad_request", "Send a small JSON object.") from None
    if not isinstance(body, dict):
        raise HistoryError(400, "bad_request", "Send a small JSON object.")
    return body


def _refuse_other_sites() -> None:
    if not same_origin(request.environ):
        raise HistoryError(403, "other_site", "Only a page of this server may do this.")


def _with_key(answer: Response, key: str) -> Response:
    set_secret(answer, COOKIE, key, COOKIE_SECONDS, "Strict")
    return answer


def _filter() -> Filter:
    search = " ".join(_storable(request.args.get("search", "")).split())
    model = _storable(request.args.get("model", "")) or None
    return Filter(search[:MOST_SEARCHED], model, _moment("since"), _moment("until"))


def _storable(text: str) -> str:
    """Without what PostgreSQL has in no text."""
    return text.replace("\0", "")


def _moment(name: str) -> datetime | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the second: in UTC it would lie before the year 1, or after 9999
        pass
    raise HistoryError(400, "bad_request", f"{name} must be a moment with its zone, as 2026-11-21T00:00:00Z.")


def _number(name: str, default: int, least: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]):
        raise HistoryError(400, "bad_request", f"{name} must be a whole number from {least} up.")
    return int(text[:9])


def _download(content: str | Iterator[str] | Iterator[bytes], mime_type: str, name: str) -> Response:
    answer = Response(content, content_type=mime_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _all_json(everything: Everything) -> Iterator[str]:
    opening = "["
    for head, entries in everything:
        yield f"{opening}\n{exports.json_text(exports.as_json(head, entries))}"
        opening = ","
    yield "\n]\n"


def _all_csv(everything: Everything) -> Iterator[str]:
    yield exports.csv_heading()
    for head, entries in everything:
        yield exports.as_csv(head, entries)


def _all_text(everything: Everything) -> Iterator[str]:
    for head, _ in everything:
        yield f"{exports.as_text(head)}\n\n"


class _Outlet:
    """What a zip file is written to piece by piece; nobody can go back in it, so that each piece may leave at once."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    close = flush

    def take(self) -> bytes:
        """What has been written since the last time."""
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def _all_vtt(everything: Everything) -> Iterator[bytes]:
    """A file for each: captions of different sessions have no time in common."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, (head, entries) in enumerate(everything, 1):
            name = f"handspell-{number:04}-{head.started.astimezone(UTC):%Y-%m-%d-%H%M}.vtt"
            packed.writestr(name, exports.as_vtt(head, entries))
            yield outlet.take()
    yield outlet.take()


EXPORTS: dict[str, tuple[str, Callable[[exports.Transcript, list[Entry]], str]]] = {
    "txt": ("text/plain; charset=utf-8", lambda head, entries: exports.as_text(head)),
    "csv": ("text/csv; charset=utf-8", lambda head, entries: exports.csv_heading() + exports.as_csv(head, entries)),
    "json": ("application/json", lambda head, entries: exports.json_text(exports.as_json(head, entries))),
    "vtt": ("text/vtt; charset=utf-8", exports.as_vtt),
}
EXPORTS_OF_ALL: dict[str, tuple[str, Callable[[Everything], Any]]] = {
    "txt": ("text/plain; charset=utf-8", _all_text),
    "csv": ("text/csv; charset=utf-8", _all_csv),
    "json": ("application/json", _all_json),
    "zip": ("application/zip", _all_vtt),
}
