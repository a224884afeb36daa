"""Completes the description of the API: refusals, headers, and bodies that are no JSON."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from apps.api.models import MOST_KEY
from apps.catalog.exports.bill import MEDIA_TYPE

Json = dict[str, Any]

PROBLEM = "application/problem+json"
PLAIN = "application/octet-stream"
READING = "get"
MAKING = "post"

_WRITTEN: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value", "note", "stamp"],
    "properties": {
        "value": {
            "anyOf": [
                {"type": "string"},
                {"type": "boolean"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ]
        },
        "note": {"type": "string"},
        "stamp": {"type": "string", "description": "What says that this answer was seen"},
    },
}
_REFUSAL: Json = {
    "title": "Refusal",
    "description": "Why something was refused (RFC 9457).",
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What kind of refusal it is, for programs"},
        "detail": {"type": "string", "description": "What was refused and what would help"},
        "faults": {
            "type": "array",
            "description": "The fields at fault",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["place", "says"],
                "properties": {"place": {"type": "string"}, "says": {"type": "string"}},
            },
        },
        "closed": {
            "type": "array",
            "description": "What keeps a gate shut",
            "items": {"$ref": "#/components/schemas/ClosedAnswer"},
        },
        "conflicts": {
            "type": "array",
            "description": "Answers that somebody else wrote meanwhile, with both texts",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["question", "by", "at", "theirs", "yours"],
                "properties": {
                    "question": {"type": "string"},
                    "by": {"type": "string"},
                    "at": {"type": "string"},
                    "theirs": _WRITTEN,
                    "yours": _WRITTEN,
                },
            },
        },
    },
}
_WHEN = {
    304: "It is as the caller's If-None-Match says.",
    400: "What was sent cannot be read, or does not hold what it may.",
    401: "There is no API token, or one that no longer holds.",
    403: "The caller may see this, but not do it.",
    404: "There is nothing here that the caller can see.",
    409: "A rule forbids this now; the detail says which, and what would help.",
    410: "The file was disposed of.",
    412: "It is not as the caller's If-Match says.",
    416: "The file has no such range.",
    422: "The idempotency key came with another request.",
    503: "It decides something, and waits until the record can be sealed.",
}


def _header(name: str, says: str, **more: Any) -> Json:
    schema = {"type": "string", **more}
    return {"in": "header", "name": name, "required": False, "description": says, "schema": schema}


_KEY = _header(
    "Idempotency-Key",
    "The same key with the same request is answered alike for a day, and done once",
    pattern="^[ -~]+$",
    minLength=1,
    maxLength=MOST_KEY,
)
_IF_MATCH = _header("If-Match", "Do it only while the thing has this ETag")
_IF_NONE_MATCH = _header("If-None-Match", "Answer only if the thing has another ETag")
_RANGE = _header("Range", "Send only this part, as bytes=first-last")
_BINARY: Json = {"type": "string", "format": "binary"}


def _refused(status: int) -> Json:
    return {
        "description": _WHEN[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Refusal"}}},
    }


def _text(media_type: str, schema: Mapping[str, Any]) -> Json:
    return {"content": {media_type: {"schema": dict(schema)}}}


FILE: Json = {
    "parameters": [_RANGE],
    "responses": {
        200: _text(PLAIN, _BINARY),
        206: {"description": "The range asked for."} | _text(PLAIN, _BINARY),
        403: _refused(403),
        410: _refused(410),
        416: {"description": _WHEN[416]},
    },
}
"""An answer that is a file."""

BYTES: Json = {
    "parameters": [
        _header("X-Content-SHA256", "The SHA-256 of the file", pattern="^[0-9A-Fa-f]{64}$")
    ],
    "requestBody": {"required": True} | _text(PLAIN, _BINARY),
}
"""A body that is a file."""

_EXPORT: dict[int, Json] = {503: _refused(503)}
BILL: Json = {"responses": {200: _text(MEDIA_TYPE, {"type": "object"}), **_EXPORT}}
CARD: Json = {
    "responses": {200: _text("text/markdown; charset=utf-8", {"type": "string"}), **_EXPORT}
}
JSON_LINES = "application/x-ndjson"
LINES: Json = {"responses": {200: _text(JSON_LINES, {"type": "string"}), **_EXPORT}}
YAML: Json = {
    "responses": {200: _text("application/yaml; charset=utf-8", {"type": "object"})},
}
DOSSIER: Json = {"responses": {200: _text("application/json", {"type": "object"}), **_EXPORT}}
TILE: Json = {"responses": {200: _text(PLAIN, _BINARY)}}
NOTE: Json = {
    "responses": {
        200: _text("text/plain; charset=utf-8", {"type": "string"}),
        404: _refused(404),
    }
}
METRICS: Json = {
    "responses": {200: _text("text/plain; version=0.0.4; charset=utf-8", {"type": "string"})}
}
ABSENT: Json = {"responses": {404: _refused(404)}}
ADMISSION: Json = {"responses": {status: _refused(status) for status in (403, 404, 409)}}
SIGNING: Json = {"responses": {409: _refused(409)}}


def complete(schema: Json) -> None:
    """Say of every operation how it refuses, and which headers it knows."""
    schema["components"]["schemas"]["Refusal"] = _REFUSAL
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            for status in _refusals(path, method, item):
                operation["responses"].setdefault(status, _refused(status))
            operation["parameters"] = [*operation["parameters"], *_headers(path, method, item)]
            if method == READING and _is_json(operation):
                operation["responses"][304] = {"description": _WHEN[304]}
                operation["parameters"].append(_IF_NONE_MATCH)


def is_conditional(method: str, item: Mapping[str, Any]) -> bool:
    """Say whether a method changes a thing that a GET of the same address shows."""
    return method not in {READING, MAKING} and READING in item


def takes_key(path: str, method: str) -> bool:
    """Say whether a method is done once for an idempotency key: those that take files are not."""
    return method != READING and not path.endswith("/files/{path}")


def _refusals(path: str, method: str, item: Mapping[str, Any]) -> Iterator[int]:
    yield from (400, 401)
    if "{" in path:
        yield 404
    if method != READING:
        yield from (403, 409, 503)
    if is_conditional(method, item):
        yield 412
    if takes_key(path, method):
        yield 422


def _headers(path: str, method: str, item: Mapping[str, Any]) -> Iterator[Json]:
    if takes_key(path, method):
        yield _KEY
    if is_conditional(method, item):
        yield _IF_MATCH


def _is_json(operation: Mapping[str, Any]) -> bool:
    return "application/json" in operation["responses"][HTTPStatus.OK].get("content", {})
