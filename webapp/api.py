"""Somebody's own pictures over plain HTTP: `POST /api/predict`, and the description of all such calls.

What is sent is checked here and read by `picture_reader`; nothing of it is kept or logged. openapi.py tells it to the
authors of clients.
"""

import logging
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import IO, Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import parse_form_data

from webapp import openapi
from webapp.config import Settings
from webapp.core.bundle import NOTHING, Card
from webapp.core.frames import FrameError
from webapp.core.pictures import check_picture
from webapp.core.protocol import PictureWishes, ProtocolError, parse_picture_wishes
from webapp.core.refusal import RefusedError, error_reply
from webapp.hand_models import HandModelError
from webapp.picture_reader import BusyError, PictureReader, Seen

log = logging.getLogger(__name__)

RETRY_SECONDS = 2
LONGEST_NAME = 100
_MOST_PARTS, _MOST_FIELD_BYTES = 2000, 200_000
# Of a request that is too large so many times the limit is received and dropped before it is refused.
_MOST_DROPPED = 4

# The status of each code that a picture or a field may be refused with.
STATUS = {
    "no_picture": 400,
    "bad_field": 422,
    "unknown_model": 422,
    "too_many_pictures": 413,
    "too_many_bytes": 413,
    "too_large": 413,
    "not_a_picture": 415,
    "not_jpeg": 415,
    "truncated": 422,
    "too_small": 422,
    "not_square": 422,
    "foreign_page": 403,
    "busy": 503,
    "no_tracker": 503,
    "server_error": 500,
}


class ApiError(RefusedError):
    """A request that is refused; its code is one of STATUS."""


@dataclass(frozen=True)
class _Sent:
    """A picture as it came in."""

    name: str
    data: bytes


def blueprint(
    reader: PictureReader, admitted: Callable[[str | None, dict[str, Any]], bool], settings: Settings
) -> Blueprint:
    """The calls, answered by `reader`; `admitted` says whether a page from an origin may make them."""
    api = Blueprint("api", __name__, url_prefix="/api")
    cards = reader.recogniser.cards
    description = openapi.document(cards, settings)

    @api.get("/openapi.json")
    def describe() -> Response:
        return jsonify(description)

    @api.post("/predict")
    def predict() -> Response:
        origin = request.headers.get("Origin")
        if origin is not None and not admitted(origin, request.environ):
            raise ApiError("foreign_page", "Pages of other sites may not ask this server (HANDSPELL_ALLOWED_ORIGINS).")
        try:
            with reader.place():
                wishes, pictures = _received(settings, tuple(cards))
                seen = [_read(reader, picture, wishes) for picture in pictures]
        except BusyError:
            message = f"As many pictures are being read as this server can. Come again in {RETRY_SECONDS} seconds."
            raise ApiError("busy", message) from None
        card = cards[wishes.model]
        answers = [_answer(picture.name, one, card) for picture, one in zip(pictures, seen, strict=True)]
        return jsonify(model={"name": wishes.model, "version": card.version}, pictures=answers)

    @api.after_request
    def share(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store" if request.method == "POST" else "no-cache"
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin in settings.allowed_origins:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    @api.errorhandler(ApiError)
    def refuse(error: ApiError) -> tuple[Response, int]:
        response = jsonify(error.reply)
        if error.code == "busy":
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response, STATUS[error.code]

    @api.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        log.error("%s %s", request.method, request.path, exc_info=error)
        return refuse(ApiError("server_error", "The server made a mistake with this request. It has been logged."))

    @api.errorhandler(HTTPException)
    @api.app_errorhandler(HTTPException)
    def explain(error: HTTPException) -> Any:
        if not request.path.startswith("/api/"):
            return error
        response = error.get_response()
        code = (error.name or "error").lower().replace(" ", "_")
        response.data = jsonify(error_reply(code, error.description or code)).data
        response.content_type = "application/json"
        return response

    return api


def _received(settings: Settings, models: tuple[str, ...]) -> tuple[PictureWishes, list[_Sent]]:
    """The request's fields and pictures, checked as far as they can be without decoding. Raises ApiError."""
    fields, files = _form(settings)
    pictures = [_Sent(clean_name(file.filename), file.read()) for file in files.getlist("picture")]
    if not pictures:
        raise ApiError("no_picture", "Send one or more files in the field `picture` of a multipart/form-data request.")
    if len(pictures) > settings.predict_pictures:
        message = f"There are {len(pictures)} pictures. Send at most {settings.predict_pictures} at once."
        raise ApiError("too_many_pictures", message)
    try:
        wishes = parse_picture_wishes(fields, models)
    except ProtocolError as error:
        raise ApiError(error.code, error.message) from None
    if wishes.landmarks is not None and len(pictures) > 1:
        raise ApiError("bad_field", "landmarks belong to one crop: send one picture with them.")
    for picture in pictures:
        with _naming(picture):
            if not wishes.cropped:
                check_picture(picture.data, settings.predict_pixels)
    return wishes, pictures


def _form(settings: Settings) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    # Both servers end a chunked body for us; eventlet's does not say so, and without that word werkzeug reads none.
    chunked = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    ended = {"wsgi.input_terminated": True} if chunked else {}
    try:
        _, fields, files = parse_form_data(
            {**request.environ, **ended},
            stream_factory=_in_memory,
            max_form_memory_size=_MOST_FIELD_BYTES,
            max_content_length=settings.predict_bytes,
            max_form_parts=_MOST_PARTS,
        )
    except RequestEntityTooLarge:
        _drop(request.environ["wsgi.input"], min(request.content_length or 0, _MOST_DROPPED * settings.predict_bytes))
        message = f"The request is too large. Send at most {settings.predict_bytes:,} bytes at once, in few fields."
        raise ApiError("too_many_bytes", message) from None
    return fields, files


def _in_memory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    """Where a file is received: werkzeug's own choice would write a large one to the disk."""
    return BytesIO()


def _drop(body: Any, length: int) -> None:
    """Receive what nobody will read, so that a client which sends before it listens hears why it was refused."""
    while length > 0 and (piece := body.read(min(length, 65_536))):
        length -= len(piece)


def _read(reader: PictureReader, picture: _Sent, wishes: PictureWishes) -> Seen | None:
    with _naming(picture):
        if wishes.cropped:
            return reader.read_crop(picture.data, wishes.model, wishes.hand, wishes.landmarks)
        return reader.read_picture(picture.data, wishes.model, wishes.hand)


@contextmanager
def _naming(picture: _Sent) -> Iterator[None]:
    """Says which picture it is that cannot be read. Raises ApiError."""
    try:
        yield
    except FrameError as error:
        raise ApiError(error.code, f"{picture.name}: {error.message}") from None
    except HandModelError as error:
        message = f"This server cannot look for hands: {error} Until then, send crops (`cropped`)."
        raise ApiError("no_tracker", message) from None


def clean_name(given: str | None) -> str:
    """A file's name fit to be shown: its last part, without control characters, not too long."""
    last = unicodedata.normalize("NFC", given or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = " ".join("".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in last).split())
    return shown[:LONGEST_NAME] or "picture"


def _answer(name: str, seen: Seen | None, card: Card) -> dict[str, Any]:
    """What is told of one picture."""
    if seen is None:
        return {
            "name": name,
            "sign": None,
            "believed": False,
            "reason": {"code": "no_hand", "message": "No hand was found."},
            "reliability": None,
            "probabilities": None,
            "hand": None,
            "crop": None,
            "landmarks": None,
        }
    sign, probability = seen.reading.likeliest
    shown = None if sign == NOTHING else sign
    believed = shown is not None and seen.reading.observed == shown
    return {
        "name": name,
        "sign": shown,
        "believed": believed,
        "reason": None if believed else _doubt(shown, probability, seen.reading.floors[sign]),
        "reliability": card.raw.get("reliability", {}).get(shown) if believed else None,
        "probabilities": {label: round(share, 4) for label, share in seen.reading.ranked()},
        "hand": seen.hand,
        "crop": {side: round(part, 4) for side, part in asdict(seen.crop).items()},
        "landmarks": seen.landmarks and [[round(number, 4) for number in joint] for joint in seen.landmarks],
    }


def _doubt(sign: str | None, probability: float, floor: float) -> dict[str, str]:
    if sign is None:
        return {"code": "no_sign", "message": "There is no sign in the picture that this model knows."}
    message = f"The likeliest sign has a probability of {probability:.2f}, and {floor:.2f} is needed to be believed."
    return {"code": "unsure", "message": message}
