"""Pieces of the OpenAPI description that the framework cannot infer."""

from __future__ import annotations

from typing import Any

from mangping_api.wire import Problem

_WORDS = {
    400: "The body is not what its Content-Type says", 401: "No valid token", 403: "The token lacks the scope",
    404: "Not there for this caller", 409: "Not possible in this state, or the Idempotency-Key has another body",
    413: "The body is too large", 415: "The Content-Type is not supported",
    422: "A field breaks a rule, or a reference is unknown", 503: "Try again later with the same Idempotency-Key",
}  # fmt: skip
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words, "content": {"application/problem+json": {}}}
    for status, words in _WORDS.items()
}

EDITING: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words, "content": {"application/problem+json": {}}}
    for status, words in {412: "Changed meanwhile: read it again", 428: "If-Match is missing"}.items()
}
STALE: dict[int | str, dict[str, Any]] = {412: EDITING[412]}
ETAG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The section", "headers": {"ETag": {"schema": {"type": "string"}}}}
}

_BYTES = "(the bytes of the file)"
_FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, TIFF, BMP, WebP or PDF"}
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}},
                "example": {"file": _BYTES},
            },
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1},
                "example": _BYTES,
            },
        },
    }
}
JOB_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object", "required": ["file"], "additionalProperties": False,
                    "properties": {
                        "file": _FILE,
                        "identity": {"type": "string", "contentMediaType": "application/json"},
                        "classes": {"type": "string", "description": "comma list", "example": "name,unit,seal"},
                        "third_parties": {"type": "string", "enum": ["true", "false"]},
                        "image_format": {"type": "string", "enum": ["jpg", "png"]},
                    },
                },
                "example": {"file": _BYTES, "identity": '{"names": ["古丽·买买提"], "units": ["某市第三中学"]}'},
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/JobIn"}},
        },
    }
}  # fmt: skip
RENDITION: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The image", "content": {"image/jpeg": {}, "image/png": {}},
        "headers": {"Mangping-Verified": {"schema": {"type": "string", "enum": ["true", "false"]}}},
    }
}  # fmt: skip
PIECE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1}, "example": _BYTES,
            }
        },
    }
}  # fmt: skip
ORIGINAL: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"image/jpeg": {}, "image/png": {}, "application/pdf": {}}}
}
XLSX: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table",
        "content": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {}},
    }
}  # fmt: skip
SVG: dict[int | str, dict[str, Any]] = {200: {"description": "The boxes", "content": {"image/svg+xml": {}}}}
_EVENT = {
    "type": "object", "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string"}, "event": {"type": "string", "enum": ["progress"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}  # fmt: skip
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "`progress` events", "content": {"text/event-stream": {"schema": _EVENT}}}
}
PHOTO: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The photo", "content": {"image/jpeg": {}, "image/png": {}, "application/octet-stream": {}},
    }
}  # fmt: skip
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}}
}
_FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["basic"],
    "properties": {"basic": {"title": "基本信息", "type": "object", "required": ["sex"], "properties": {"sex": {
        "title": "性别", "description": "没有内容的填“无”", "enum": ["男", "女", "无"], "x-type": "choice",
        "x-rules": [{"rule": "KP-14", "article": "四(二)", "quote": "不得留有空格"}],
    }}}},
}  # fmt: skip
FORM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JSON Schema",
        "content": {"application/schema+json": {"schema": {"type": "object"}, "example": _FORM}},
    }
}
