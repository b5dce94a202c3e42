"""What the handlers share: parameters, headers, pages, and the problems every operation may answer with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header
from mangping import cursor
from mangping.cursor import Place
from mangping.errors import Refused
from mangping.tokens import Bearer

from mangping_fees.wire import Problem
from mangping_fees.wiring import Factory, caller, factory

Me = Annotated[Bearer, Depends(caller)]
Make = Annotated[Factory, Depends(factory)]
IF_MATCH = Annotated[
    str | None, Header(alias="If-Match", max_length=40, description="the ETag you have seen; 412 when it has changed")
]
IF_NONE_MATCH = Annotated[str | None, Header(alias="If-None-Match", max_length=40, description="304 while it is this")]
T = TypeVar("T")

_WORDS = {
    400: "The body is not what its Content-Type says", 401: "No valid token or signature",
    403: "The token lacks the scope, or this person may not", 404: "Not there for this caller",
    409: "Not possible in this state, or the Idempotency-Key has another body",
    412: "It has changed since you saw it", 413: "The body is too large", 422: "A field breaks a rule",
    503: "Try again later with the same Idempotency-Key",
}  # fmt: skip
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words, "content": {"application/problem+json": {}}}
    for status, words in _WORDS.items()
}
TAGGED: dict[int | str, dict[str, Any]] = {
    **PROBLEMS,
    200: {"headers": {"ETag": {"schema": {"type": "string"}}}},
    304: {"description": "It is still what you have seen"},
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def given(media_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation that gives a file."""
    return {**PROBLEMS, 200: {"description": words, "content": {media_type: {}}}}


PDF = given("application/pdf", "The receipt")


def page(found: Sequence[T], limit: int, place: Callable[[T], Place]) -> tuple[Sequence[T], str | None]:
    """(the items of this page, the cursor of the next), when one more than `limit` was asked for."""
    if len(found) <= limit:
        return found, None
    return found[:limit], cursor.write(place(found[limit - 1]))


def place_of(after: str | None) -> Place | None:
    return cursor.read(after) if after else None


def version_of(if_match: str | None) -> int | None:
    """The version an If-Match names; None for none or `*`. Refused (412) for anything else: it cannot be ours.

    Apart from `mangping.headers.version_of`: here the header may be left out, and callers know this code.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    told = if_match.strip().removeprefix("W/").strip('"')
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise Refused("etag.unknown", "If-Match 不是本系统的 ETag。", "请重新查询后再操作。", status=412)
    return int(told)
