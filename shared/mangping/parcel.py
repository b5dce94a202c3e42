"""A rendition and its record in one piece, so that a picture can never be vouched for by another run's record."""

from __future__ import annotations

from collections.abc import AsyncIterator

from mangping.errors import MangpingError

_LENGTH = 4  # bytes of the record's length, big-endian
_LIMIT = 16 * 1024 * 1024


class NotAParcel(MangpingError):
    """The bytes are not what `pack` made."""


def pack(record: bytes, image: bytes) -> bytes:
    return len(record).to_bytes(_LENGTH) + record + image


def unpack(parcel: bytes) -> tuple[bytes, bytes]:
    """(record, image). Raises NotAParcel."""
    end = _LENGTH + int.from_bytes(parcel[:_LENGTH])
    if not _LENGTH < end <= len(parcel):
        raise NotAParcel
    return parcel[_LENGTH:end], parcel[end:]


async def image_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The image alone, as it streams by. Raises NotAParcel before the first byte."""
    held, record = b"", True
    async for chunk in chunks:
        if record:
            held += chunk
            end = _LENGTH + int.from_bytes(held[:_LENGTH])
            if len(held) >= _LENGTH and end > _LIMIT:
                raise NotAParcel
            if len(held) < max(end, _LENGTH):
                continue
            chunk, record = held[end:], False
        if chunk:
            yield chunk
    if record:
        raise NotAParcel
