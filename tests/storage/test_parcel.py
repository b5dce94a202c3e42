"""A picture and its record travel in one piece."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.parcel import NotAParcel, image_of, pack, unpack


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=300), st.integers(1, 50))
async def test_what_is_packed_comes_apart_again(record: bytes, image: bytes, size: int) -> None:
    parcel = pack(record, image)
    assert unpack(parcel) == (record, image)
    assert b"".join([chunk async for chunk in image_of(pieces(parcel, size))]) == image


@pytest.mark.parametrize("parcel", [b"", b"\0\0", b"\0\0\0\0image", b"\0\0\0\x09short", b"\xff\xff\xff\xff" + b"x" * 9])
async def test_anything_else_is_no_parcel(parcel: bytes) -> None:
    with pytest.raises(NotAParcel):
        unpack(parcel)
