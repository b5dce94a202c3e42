"""Log lines are JSON and hold no identity: an exception is told by its type and its frames, never by its text."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039 - never mutated, only replaced


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Every line written inside carries these random ids (request_id, job_id, attempt_id)."""
    token = _about.set({**_about.get(), **{key: str(value) for key, value in ids.items()}})
    try:
        yield
    finally:
        _about.reset(token)


class _JsonLines(logging.Formatter):
    """`event` is the message; what `extra={"facts": {...}}` holds is added to the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Other people's loggers put values into their messages: their template is told, without its arguments.
            "event": record.getMessage() if record.name.startswith("mangping") else str(record.msg),
            **_about.get(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def describe(error: BaseException) -> dict[str, Any]:
    """The error's type, its stable code if it has one, its frames and its cause: nothing a caller could have typed."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "frames": [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(code := getattr(error, "code", getattr(error, "reason", None)), str):
        told["code"] = code
    if error.__cause__ is not None:
        told["cause"] = describe(error.__cause__)
    return told


def to_stderr(level: int = logging.INFO) -> None:
    """Send every logger of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("arq", "httpx", "httpcore", "uvicorn", "uvicorn.error", "sqlalchemy", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
