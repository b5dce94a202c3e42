"""What a file is and whether all of it is there, told from its bytes alone: nothing is decompressed here."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import Literal

from mangping_redaction.refusals import refused
from mangping_redaction.stages.decode_limits import Limits, check_size

_BLOCK = 65_536
Kind = Literal["JPEG", "PNG", "TIFF", "BMP", "WEBP", "PDF"]
Buffer = mmap | bytes

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"BM", "BMP"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
)  # fmt: skip
# Known formats that are refused with a better answer than "unknown".
_UNSUPPORTED = (
    b"GIF8", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"8BPS", b"{\\rtf", b"<svg", b"<?xml", b"\0\0\0\x0cjP  ",
    b"\xffO\xffQ", b"\x00\x00\x01\x00", b"AT&TFORM", b"\xff\x0a", b"%!PS",
)  # fmt: skip


def kind_of(data: Buffer) -> Kind:
    """The format by content. Refused: SCAN_EMPTY, SCAN_TYPE_UNKNOWN, SCAN_TYPE_UNSUPPORTED."""
    if not len(data):
        raise refused("SCAN_EMPTY")
    head = bytes(data[:1024])
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if b"%PDF-" in head:  # viewers accept a little junk before it
        return "PDF"
    if head.startswith(_UNSUPPORTED) or head[4:8] == b"ftyp":
        raise refused("SCAN_TYPE_UNSUPPORTED")
    raise refused("SCAN_TYPE_UNKNOWN")


def check_whole(kind: Kind, data: Buffer, limits: Limits) -> None:
    """Refuse what is cut off, damaged in transit or animated. Raises SCAN_TRUNCATED, SCAN_BROKEN, SCAN_ANIMATED."""
    match kind:
        case "JPEG":
            _check_jpeg(data)
        case "PNG":
            _check_png(data)
        case "WEBP":
            _check_webp(data, limits)
        case "TIFF":
            _check_tiff(data)
        case "PDF":
            # A cut PDF is silently repaired by every reader, losing pages: the end marker must be there.
            end = _written(data)
            if b"%%EOF" not in bytes(data[max(0, end - 4096) : end]):
                raise refused("SCAN_TRUNCATED")


def _written(data: Buffer) -> int:
    """Where a file ends but for the zeros that some systems fill it up with."""
    end = len(data)
    while end and not (block := bytes(data[max(0, end - _BLOCK) : end])).strip(b"\0"):
        end -= len(block)
    return end - (len(block) - len(block.rstrip(b"\0"))) if end else 0


def _check_jpeg(data: Buffer) -> None:
    """An end marker behind the first start of scan: that of an embedded thumbnail lies before it and does not count."""
    at = 2
    while data[at : at + 1] == b"\xff":
        if data[at + 1 : at + 2] == b"\xda":
            if data.find(b"\xff\xd9", at) < 0:
                raise refused("SCAN_TRUNCATED")
            return
        at += 1 if data[at + 1 : at + 2] == b"\xff" else 2 + int.from_bytes(data[at + 2 : at + 4])
    raise refused("SCAN_TRUNCATED" if at >= len(data) else "SCAN_BROKEN")


def _check_png(data: Buffer) -> None:
    """Every chunk whole and true to its CRC, IEND at the end, no animation."""
    view = memoryview(data)
    at = 8
    while True:
        if at + 12 > len(data):
            raise refused("SCAN_TRUNCATED")
        size, name = struct.unpack(">I4s", data[at : at + 8])
        if at + 12 + size > len(data):
            raise refused("SCAN_TRUNCATED")
        if name == b"acTL":
            raise refused("SCAN_ANIMATED")
        (crc,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        if zlib.crc32(view[at + 4 : at + 8 + size]) != crc:
            raise refused("SCAN_BROKEN")
        if name == b"IEND":
            return
        at += 12 + size


def _chunks(data: Buffer) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _check_webp(data: Buffer, limits: Limits) -> None:
    """Size is read here because Pillow makes room for the whole canvas as soon as it opens the file."""
    if len(data) < 30 or struct.unpack("<I", data[4:8])[0] + 8 > len(data) + 1:
        raise refused("SCAN_TRUNCATED")
    for name, body in _chunks(data):
        if name == b"VP8X" and len(body) >= 10:
            if body[0] & 0x02:
                raise refused("SCAN_ANIMATED")
            width, height = (int.from_bytes(body[i : i + 3], "little") + 1 for i in (4, 7))
        elif name == b"VP8L" and len(body) >= 5:
            bits = int.from_bytes(body[1:5], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif name == b"VP8 " and len(body) >= 10:
            width, height = (value & 0x3FFF for value in struct.unpack("<HH", body[6:10]))
        elif name == b"ANIM":
            raise refused("SCAN_ANIMATED")
        else:
            continue
        check_size(width, height, limits)
        if name != b"VP8X":
            return
    raise refused("SCAN_BROKEN")


def _check_tiff(data: Buffer) -> None:
    """The directory often lies at the end: where it points behind the file, the file was cut."""
    if len(data) < 16:
        raise refused("SCAN_TRUNCATED")
    order: Literal["little", "big"] = "little" if data[0] == 0x49 else "big"
    big = int.from_bytes(data[2:4], order) == 43
    offset = int.from_bytes(data[8:16] if big else data[4:8], order)
    count_bytes, entry_bytes = (8, 20) if big else (2, 12)
    entries = int.from_bytes(data[offset : offset + count_bytes], order)
    if offset + count_bytes + entries * entry_bytes > len(data):
        raise refused("SCAN_TRUNCATED")
