"""The calls that are plain HTTP, described as OpenAPI 3.1: the one document of them, served at `/api/openapi.json`.

A call joins `_PATHS`, and what it answers joins `_SCHEMAS`; tests hold the real answers to them.
"""

from collections.abc import Mapping
from typing import Any

from webapp.config import Settings
from webapp.core.bundle import Card
from webapp.core.protocol import FARTHEST, LANDMARK_NUMBERS, VERSION

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
                "protocol beside this (docs/protocol.md). Nothing that is sent here is kept."
            ),
        },
        "paths": {
            "/api/predict": _predict(cards, settings),
            "/api/openapi.json": _DESCRIPTION,
            "/healthz": _HEALTH,
        },
        "components": {"schemas": _SCHEMAS},
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
}
