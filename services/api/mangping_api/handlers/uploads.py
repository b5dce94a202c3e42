"""Reading a multipart body as it arrives: the file goes on as a stream, the small fields are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from mangping.errors import Refused
from mangping.web import body_of
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

T = TypeVar("T")
_MAX_FIELDS, _MAX_FIELD_BYTES = 16, 64 * 1024
_Event = tuple[str, Any]  # ("part", (name, is_file)), ("bytes", b"…"), ("end", None)


def malformed() -> Refused:
    return Refused(
        "form.malformed", "表单格式有误。", "请用 multipart/form-data 提交一个 file 字段及其说明字段。", status=400
    )


def media_type(request: Request) -> str:
    """Lower case, without parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def read_form(
    request: Request, store: Callable[[AsyncIterator[bytes]], Awaitable[T]]
) -> tuple[dict[str, str], T]:
    """(the text fields, what `store` made of the one file). File names that people gave are never looked at."""
    fields: dict[str, str] = {}
    stored: T | None = None
    events = _events(request)
    async for kind, value in events:
        if kind != "part":
            continue
        name, is_file = value
        if is_file:
            if stored is not None or name != "file":
                raise malformed()
            stored = await store(_part(events))
        elif name in fields or len(fields) == _MAX_FIELDS:
            raise malformed()
        else:
            fields[name] = await _text(_part(events))
    if stored is None:
        raise malformed()
    return fields, stored


async def _part(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    async for kind, value in events:
        if kind == "end":
            return
        yield value


async def _text(part: AsyncIterator[bytes]) -> str:
    held = b""
    async for chunk in part:
        held += chunk
        if len(held) > _MAX_FIELD_BYTES:
            raise malformed()
    try:
        return held.decode()
    except UnicodeDecodeError:
        raise malformed() from None


async def _events(request: Request) -> AsyncIterator[_Event]:
    boundary = parse_options_header(request.headers.get("Content-Type", ""))[1].get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:
        raise malformed()
    parsed = _Parsed()
    parser = MultipartParser(boundary, parsed.callbacks())
    try:
        async for chunk in body_of(request):
            parser.write(chunk)
            for event in parsed.take():
                yield event
        parser.finalize()
    except FormParserError as error:
        raise malformed() from error
    if not parsed.ended:
        raise malformed()


class _Parsed:
    """Collects what the push parser says between two chunks."""

    def __init__(self) -> None:
        self._events: list[_Event] = []
        self._header = [b"", b""]
        self._disposition = b""
        self.ended = False

    def take(self) -> list[_Event]:
        taken, self._events = self._events, []
        return taken

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin, "on_header_field": self._field, "on_header_value": self._value,
            "on_header_end": self._header_end, "on_headers_finished": self._headers_finished,
            "on_part_data": lambda data, start, end: self._events.append(("bytes", bytes(data[start:end]))),
            "on_part_end": lambda: self._events.append(("end", None)), "on_end": self._end,
        }  # fmt: skip

    def _begin(self) -> None:
        self._disposition, self._header = b"", [b"", b""]

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self._events.append(("part", (name, b"filename" in options)))

    def _end(self) -> None:
        self.ended = True
