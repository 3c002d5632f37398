"""The calls that are plain HTTP, described as OpenAPI 3.1: the one document of them, served at `/api/openapi.json`.

A call joins `paths`, and what it answers joins `_SCHEMAS`; tests hold the real answers to them.
"""

from collections.abc import Mapping
from typing import Any, get_args

from webapp.config import Settings
from webapp.core.bundle import Card
from webapp.core.protocol import FARTHEST, LANDMARK_NUMBERS, VERSION, Operation
from webapp.core.transcript import DRAWN, FOUND, PAUSE, SIGN
from webapp.history import COOKIE, EXPORTS, EXPORTS_OF_ALL, MOST_SEARCHED, PAGE_LENGTH

OPENAPI = "3.1.0"


def document(cards: Mapping[str, Card], settings: Settings) -> dict[str, Any]:
    """The description, with the models that are served and the limits in force."""
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Handspell",
            "version": str(VERSION),
            "summary": "Reads the letters and digits of the manual alphabet in pictures of hands.",
            "description": (
                "Fingerspelling spells words letter by letter; it is not sign language. Live cameras use the Socket.IO "
                "protocol beside this (docs/protocol.md). Pictures are never kept, and text only where somebody asks for it."
            ),
        },
        "paths": {
            "/api/predict": _predict(cards, settings),
            "/api/keep": _KEEP,
            "/api/history": _history(cards),
            "/api/history/{id}": _TRANSCRIPT,
            "/api/history/{id}/export.{kind}": _export(EXPORTS, "exportOne", "One transcript as a file", _ID),
            "/api/history/export.{kind}": _export(EXPORTS_OF_ALL, "exportAll", "All transcripts as a file"),
            "/api/openapi.json": _DESCRIPTION,
            "/healthz": _HEALTH,
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": "A browser's own key, set by its first `keep`; nothing else opens its history.",
                }
            },
        },
    }


def _predict(cards: Mapping[str, Card], settings: Settings) -> dict[str, Any]:
    megapixels = settings.predict_pixels / 1e6
    return {
        "post": {
            "operationId": "predict",
            "summary": "Read the sign in one or more pictures",
            "description": (
                "In each picture the largest hand is found, cut out and read as the page reads its camera. A bad picture "
                "refuses the whole request, and the message names it. J and Z are movements: a picture shows one moment "
                "of them at most."
            ),
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["picture"],
                            "properties": {
                                "picture": {
                                    "description": (
                                        f"JPEG, PNG or WebP files of at most {megapixels:g} megapixels, "
                                        f"{settings.predict_bytes:,} bytes in all; repeat the field for each."
                                    ),
                                    "type": "array",
                                    "minItems": 1,
                                    "maxItems": settings.predict_pictures,
                                    "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                                },
                                "model": {
                                    "description": "Which signs to look for; letters where it is left out.",
                                    "enum": list(cards),
                                },
                                "hand": {
                                    "description": "Which hand it is; where it is left out, that is found as well.",
                                    "enum": ["right", "left"],
                                },
                                "cropped": {
                                    "description": (
                                        "true: the pictures are square crops of the hand already, JPEG of 48 to 640 "
                                        "pixels a side, unmirrored, and are read whole."
                                    ),
                                    "enum": ["true", "false"],
                                },
                                "landmarks": {
                                    "description": (
                                        "For one crop: x, y, z of MediaPipe's 21 hand landmarks in its order, in "
                                        "fractions of the crop. Includes `cropped`."
                                    ),
                                    "type": "array",
                                    "minItems": LANDMARK_NUMBERS,
                                    "maxItems": LANDMARK_NUMBERS,
                                    "items": {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST},
                                },
                            },
                        },
                        "encoding": {
                            "picture": {"contentType": "image/jpeg, image/png, image/webp"},
                            "landmarks": {"contentType": "application/json"},
                        },
                    }
                },
            },
            "responses": {
                "200": _json("What was read, in the order of the pictures.", "Predictions"),
                "400": _json("`no_picture`: there is none.", "Error"),
                "403": _json("`foreign_page`: a page of another site asked.", "Error"),
                "413": _json("`too_many_pictures`, `too_many_bytes` or `too_large`: above a limit.", "Error"),
                "415": _json("`not_a_picture` or `not_jpeg`: a file that cannot be read.", "Error"),
                "422": _json(
                    "`unknown_model` or `bad_field`: a field's value; `truncated`, `too_small` or `not_square`: a picture.",
                    "Error",
                ),
                "500": _json("`server_error`: the server's own fault; it has been logged.", "Error"),
                "503": {
                    **_json("`busy`: come again; `no_tracker`: this server cannot look for hands.", "Error"),
                    "headers": {
                        "Retry-After": {"description": "Seconds, where it is busy.", "schema": {"type": "integer"}}
                    },
                },
            },
        }
    }


def _history(cards: Mapping[str, Card]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": "find",
            "summary": "The transcripts of this browser that fit, newest first",
            "security": _KEY_OR_NONE,
            "parameters": [
                _query("search", {"type": "string"}, f"Words of the text; {MOST_SEARCHED} characters count."),
                _query("model", {"enum": list(cards)}, "Only what was read with it."),
                _query("since", _MOMENT, "Not before this moment, with its zone."),
                _query("until", _MOMENT, "Before this moment, with its zone."),
                _query("page", {"type": "integer", "minimum": 1}, f"{PAGE_LENGTH} a page."),
            ],
            "responses": {
                "200": _json("What was found; nothing where this browser has no key.", "Found"),
                "304": {"description": "The same as what the ETag in If-None-Match stands for."},
                "400": _json("`bad_request`: a parameter that says nothing.", "Error"),
                "503": _AWAY,
            },
        },
        "delete": _deletion("deleteAll", "Delete all transcripts of this browser for good"),
    }


def _deletion(operation: str, summary: str) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "security": _KEY,
        "responses": {
            "200": _json("They are gone.", "Deleted"),
            "403": _json("`other_site`: a page of another site asked.", "Error"),
            "404": _NO_TRANSCRIPT,
            "503": _AWAY,
        },
    }


def _export(
    kinds: Mapping[str, tuple[str, Any]], operation: str, summary: str, *parameters: dict[str, Any]
) -> dict[str, Any]:
    contents: dict[str, Any] = {mime_type.partition(";")[0]: {"schema": {}} for mime_type, _ in kinds.values()}
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"enum": list(kinds)}}
    return {
        "parameters": [*parameters, kind],
        "get": {
            "operationId": operation,
            "summary": summary,
            "security": _KEY,
            "responses": {
                "200": {"description": "The file.", "content": contents},
                "404": _json("`no_transcript`: this browser has none; `no_format`: no such kind of file.", "Error"),
                "503": _AWAY,
            },
        },
    }


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _json(description: str, schema: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


_DESCRIPTION = {
    "get": {
        "operationId": "describe",
        "summary": "This document",
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }
}

_HEALTH = {
    "get": {
        "operationId": "health",
        "summary": "Whether frames can be answered, and by which models",
        "responses": {
            "200": _json("They can.", "Health"),
            "503": _json("Not yet.", "Health"),
        },
    }
}

_KEY: list[dict[str, list[str]]] = [{"key": []}]
_KEY_OR_NONE = [*_KEY, {}]
_MOMENT = {"type": "string", "format": "date-time"}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_AWAY = _json("`database_away`: come back later.", "Error")
_NO_TRANSCRIPT = _json("`no_transcript`: this browser has no such transcript.", "Error")

_KEEP = {
    "post": {
        "operationId": "keep",
        "summary": "Keep what a live session spells from now on, or keep nothing more",
        "security": _KEY_OR_NONE,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Keep"}}},
        },
        "responses": {
            "200": {
                **_json("How keeping fares now.", "Keeping"),
                "headers": {
                    "Set-Cookie": {
                        "description": f"The browser's key, `{COOKIE}`, where something is to be kept.",
                        "schema": {"type": "string"},
                    }
                },
            },
            "400": _json("`bad_request`: not this object.", "Error"),
            "403": _json("`other_site`: a page of another site asked.", "Error"),
            "404": _json("`no_session`: no page of this server has the token.", "Error"),
            "409": _json("`in_class`: a pupil's page in a class keeps nothing.", "Error"),
            "413": _json("`bad_request`: too long.", "Error"),
            "415": _json("`bad_request`: not JSON.", "Error"),
        },
    }
}

_TRANSCRIPT = {
    "parameters": [_ID],
    "get": {
        "operationId": "read",
        "summary": "One transcript, step by step",
        "security": _KEY,
        "parameters": [_query("after", {"type": "integer", "minimum": 0}, "Only the steps after so many.")],
        "responses": {
            "200": _json("All of it.", "WholeTranscript"),
            "400": _json("`bad_request`: a parameter that says nothing.", "Error"),
            "404": _NO_TRANSCRIPT,
            "503": _AWAY,
        },
    },
    "delete": _deletion("deleteOne", "Delete one transcript for good"),
}

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def _object(**properties: Any) -> dict[str, Any]:
    """An object that has all of these properties and no other."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "null"}]}


_COUNT = {"type": "integer", "minimum": 0}
_HEAD: dict[str, Any] = {
    "id": {"type": "string"},
    "started": _MOMENT,
    "ended": _MOMENT,
    "models": {"type": "array", "items": {"type": "string"}},
    "text": {"type": "string", "description": "Its lines: a text that was cleared is a line that was finished."},
}

_SCHEMAS: dict[str, Any] = {
    "Error": _object(
        error=_object(
            code={"type": "string", "description": "For programs."},
            message={"type": "string", "description": "For people: what is wrong and what mends it."},
        )
    ),
    "Health": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"enum": ["ok", "starting"]},
            "protocol": {"const": VERSION},
            "models": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
    "Predictions": _object(
        model=_object(name={"type": "string"}, version={"type": "string"}),
        pictures={"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
    ),
    "Prediction": _object(
        name={"type": "string", "description": "The file's name, fit to be shown."},
        sign=_or_null({"type": "string", "description": "The likeliest sign; null where none is seen."}),
        believed={"type": "boolean", "description": "Whether it is probable enough for the page to write it."},
        reason=_or_null(
            _object(
                code={"enum": ["no_hand", "no_sign", "unsure"]},
                message={"type": "string", "description": "Why it is not believed."},
            )
        ),
        reliability=_or_null(
            {**_SHARE, "description": "Which share of believed readings of this sign were right, on strangers."}
        ),
        probabilities=_or_null(
            {
                "type": "object",
                "description": "Of every label of the model; null where no hand was found, and nothing was read.",
                "additionalProperties": _SHARE,
            }
        ),
        hand=_or_null({"enum": ["right", "left"]}),
        crop=_or_null({"$ref": "#/components/schemas/Extent"}),
        landmarks=_or_null(
            {
                "type": "array",
                "description": (
                    "MediaPipe's 21 landmarks in its order: x and y in fractions of the upright picture's width and "
                    "height, z of its width."
                ),
                "minItems": 21,
                "maxItems": 21,
                "items": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
            }
        ),
    ),
    "Extent": {
        **_object(**{side: {"type": "number"} for side in ("left", "top", "width", "height")}),
        "description": "The square that was read, in fractions of the upright picture; it may reach over the edge.",
    },
    "Keep": _object(
        token={"type": "string", "description": "The session's resume token, from its `hello`."},
        on={"type": "boolean"},
    ),
    "Keeping": _object(
        on={"type": "boolean"},
        waiting={"type": "boolean", "description": "The database is away, and steps wait in memory."},
        lost={**_COUNT, "description": "How many steps this server could not keep since its start."},
    ),
    "Found": _object(
        has_key={"type": "boolean", "description": "Whether this browser has a key."},
        transcripts={"type": "array", "items": {"$ref": "#/components/schemas/Transcript"}},
        total=_COUNT,
        page={"type": "integer", "minimum": 1},
        pages={"type": "integer", "minimum": 1},
    ),
    "Deleted": _object(deleted={**_COUNT, "description": "How many transcripts."}),
    "Transcript": _object(**_HEAD),
    "WholeTranscript": _object(**_HEAD, entries={"type": "array", "items": {"$ref": "#/components/schemas/Entry"}}),
    "Entry": _object(
        number=_COUNT,
        seconds={"type": "number", "minimum": 0, "description": "Since the first."},
        kind={
            "enum": [SIGN, DRAWN, PAUSE, FOUND, *get_args(Operation), "take"],
            "description": (
                "A sign that was held or drawn, the space that a pause wrote, what stood there before it was kept, or an edit."
            ),
        },
        model={"type": "string"},
        sign=_or_null({"type": "string"}),
        confidence=_or_null(_SHARE),
        candidates={
            "type": "array",
            "description": "The likeliest signs with their probabilities, likeliest first.",
            "items": {"type": "array", "prefixItems": [{"type": "string"}, _SHARE], "minItems": 2, "maxItems": 2},
        },
        text={"type": "string", "description": "The text after it."},
    ),
}
