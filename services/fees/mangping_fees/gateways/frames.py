"""Frames of the socket protocol: bounded, and believed only when their trailer is right.

    <8: length of the whole frame, left-justified> CNNONTAX 1.0 <4: message number> <XML> <64: hex SHA-256(token + XML)>

The trailer hashes the token first, so a stranger who has seen a frame can append to its XML and still compute a valid
trailer. What he appends begins with a zero-padded block, which no XML document may hold behind its root: the parser in
`envelope` refuses it. The protocol knows no better trailer; carry it over TLS or a private line.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Literal

MAGIC = b"CNNONTAX"
VERSION = b"1.0"
HEAD = 8 + len(MAGIC) + len(VERSION) + 4  # bytes before the XML
TRAILER = 64
MAX_FRAME = 256 * 1024  # bytes; what a peer may send unasked
_LENGTH = re.compile(rb"([1-9][0-9]{0,7}) *")
_NUMBER = re.compile(rb"[0-9]{4}")

Fault = Literal["length", "too_large", "magic", "number", "cut_off", "bad_mac"]


class FrameRefused(Exception):
    """This is no frame of a peer who knows the token. `fault` is stable; the bytes are never shown."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class Frame:
    number: str  # of the message, 4 digits
    xml: bytes


def trailer(xml: bytes, token: bytes) -> bytes:
    """64 lower-case hex digits."""
    return hashlib.sha256(token + xml).hexdigest().encode()


def pack(frame: Frame, token: bytes) -> bytes:
    """The bytes on the wire. ValueError for a number that is not 4 digits or a body that no length field can tell."""
    number = frame.number.encode()
    size = HEAD + len(frame.xml) + TRAILER
    if not _NUMBER.fullmatch(number) or size >= 10**8:
        raise ValueError("not a frame")
    return str(size).ljust(8).encode() + MAGIC + VERSION + number + frame.xml + trailer(frame.xml, token)


def told_length(field: bytes, limit: int) -> int:
    """What the first 8 bytes say. FrameRefused when that is no length, too short for any frame, or above `limit`."""
    read = _LENGTH.fullmatch(field) if len(field) == 8 else None
    if read is None or int(read[1]) < HEAD + TRAILER:
        raise FrameRefused("length")
    if int(read[1]) > limit:
        raise FrameRefused("too_large")
    return int(read[1])


def unpack(data: bytes, token: bytes, *, limit: int = MAX_FRAME) -> Frame:
    """Exactly one frame. FrameRefused for anything else; the trailer is compared in constant time."""
    if told_length(data[:8], limit) != len(data):
        raise FrameRefused("cut_off")
    magic, number, xml = data[8:19], data[19:HEAD], data[HEAD:-TRAILER]
    if magic != MAGIC + VERSION:
        raise FrameRefused("magic")
    if not _NUMBER.fullmatch(number):
        raise FrameRefused("number")
    if not hmac.compare_digest(data[-TRAILER:].lower(), trailer(xml, token)):
        raise FrameRefused("bad_mac")
    return Frame(number.decode(), xml)


async def read(reader: asyncio.StreamReader, token: bytes, *, limit: int = MAX_FRAME) -> Frame | None:
    """The next frame of a stream; None when the peer ended between two frames. Bounds bytes; the caller bounds time.

    Nothing beyond the 8 bytes is awaited before the length is known to be within `limit`.
    """
    try:
        field = await reader.readexactly(8)
    except asyncio.IncompleteReadError as end:
        if not end.partial:
            return None
        raise FrameRefused("cut_off") from None
    size = told_length(field, limit)
    try:
        rest = await reader.readexactly(size - 8)
    except asyncio.IncompleteReadError:
        raise FrameRefused("cut_off") from None
    return unpack(field + rest, token, limit=limit)
