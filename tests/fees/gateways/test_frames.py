"""Any frame round-trips; cut, oversized, garbled and forged ones are refused, and nobody waits for what cannot come."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping_fees.gateways.frames import HEAD, MAX_FRAME, TRAILER, Frame, FrameRefused, pack, read, unpack

TOKEN = b"invented-token"
FRAMES = st.builds(Frame, st.from_regex(r"[0-9]{4}", fullmatch=True), st.binary(max_size=2000))
GOLDEN = (
    b"92      CNNONTAX1.05996<CFX>" + hashlib.sha256(b"invented-token<CFX>").hexdigest().encode()
)  # as the provincial code writes it: the length counts itself


def fault(data: bytes, token: bytes = TOKEN) -> str:
    with pytest.raises(FrameRefused) as refused:
        unpack(data, token)
    return refused.value.fault


async def from_stream(data: bytes, *, ended: bool = True) -> Frame | None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    if ended:
        reader.feed_eof()
    async with asyncio.timeout(5):
        return await read(reader, TOKEN)


def test_the_wire_form_is_the_published_one() -> None:
    assert pack(Frame("5996", b"<CFX>"), TOKEN) == GOLDEN
    assert unpack(GOLDEN, TOKEN) == Frame("5996", b"<CFX>")


def test_an_upper_case_trailer_is_the_same_number() -> None:
    assert unpack(GOLDEN[:-TRAILER] + GOLDEN[-TRAILER:].upper(), TOKEN) == Frame("5996", b"<CFX>")


@given(FRAMES)
def test_any_frame_comes_back(frame: Frame) -> None:
    assert unpack(pack(frame, TOKEN), TOKEN) == frame


@given(FRAMES, st.data())
def test_a_trailer_with_any_byte_changed_is_refused(frame: Frame, data: st.DataObject) -> None:
    whole = bytearray(pack(frame, TOKEN))
    place = data.draw(st.integers(len(whole) - TRAILER, len(whole) - 1))
    whole[place] = data.draw(st.sampled_from([byte for byte in b"0123456789abcdef\x00\xff" if byte != whole[place]]))
    assert fault(bytes(whole)) == "bad_mac"


@given(st.binary(min_size=1, max_size=500), st.data())
def test_a_body_with_any_byte_changed_is_refused(xml: bytes, data: st.DataObject) -> None:
    whole = bytearray(pack(Frame("5996", xml), TOKEN))
    place = data.draw(st.integers(HEAD, len(whole) - TRAILER - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    assert fault(bytes(whole)) == "bad_mac"


@given(FRAMES, st.binary(min_size=1, max_size=40).filter(lambda token: token != TOKEN))
def test_another_token_is_refused(frame: Frame, token: bytes) -> None:
    assert fault(pack(frame, token)) == "bad_mac"


@given(FRAMES, st.data())
def test_a_stream_that_ends_early_is_refused_at_once(frame: Frame, data: st.DataObject) -> None:
    whole = pack(frame, TOKEN)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    with pytest.raises(FrameRefused) as refused:
        asyncio.run(from_stream(cut))
    assert refused.value.fault == "cut_off"


async def test_a_stream_that_ends_between_frames_is_no_fault() -> None:
    assert await from_stream(b"") is None


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (f"{MAX_FRAME + 1:<8}".encode(), "too_large"),
        (b"99999999", "too_large"),
        (f"{HEAD + TRAILER - 1:<8}".encode(), "length"),
        (b"0       ", "length"),
        (b"     100", "length"),
        (b"100 1   ", "length"),
        (b"-100    ", "length"),
        (b"1e4     ", "length"),
        ("１００".encode()[:8], "length"),
        (b"\x00" * 8, "length"),
    ],
)
async def test_no_byte_is_awaited_behind_a_bad_length(field: bytes, said: str) -> None:
    with pytest.raises(FrameRefused) as refused:
        await from_stream(field, ended=False)
    assert refused.value.fault == said


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(FrameRefused):
        unpack(data, TOKEN)


@pytest.mark.parametrize(
    ("place", "bytes_", "said"),
    [(8, b"CNNONTAY", "magic"), (16, b"1.1", "magic"), (19, b"59a6", "number")],
)
def test_head_of_another_protocol(place: int, bytes_: bytes, said: str) -> None:
    assert fault(GOLDEN[:place] + bytes_ + GOLDEN[place + len(bytes_) :]) == said


def test_a_number_or_body_that_no_frame_can_tell() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        pack(Frame("59960", b""), TOKEN)
