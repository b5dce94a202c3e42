"""The door for pushed confirmations: strangers, liars, sluggards and our own faults leave it standing."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.confirmations import Bounds, ConfirmationServer
from mangping_fees.gateways.envelope import Message, read_message, write_message
from mangping_fees.gateways.nontax import Profile

from tests.fees.gateways.conftest import TOKEN, Door, Sink, now, opened

WORD = Confirmation(
    "K450300:m1", "450300", "45030024300000000001", "202409100000000001", 38000, Channel.COUNTER,
    datetime(2024, 9, 10, 10, tzinfo=BEIJING), "450300072001",
)  # fmt: skip


def push(
    message_id: str = "m1", number: str = "5996", token: bytes = TOKEN, fields: tuple[dict[str, str], ...] | None = None
) -> bytes:
    told = fields if fields is not None else (dict(vouchers.confirmed(WORD)),)
    message = Message(number, message_id, message_id, "K450300", "F450300", "20240910", told, "450300", "2024")
    return frames.pack(frames.Frame(number, write_message(message)), token)


async def send(door: Door, data: bytes, *, end: bool = True) -> tuple[list[str], str]:
    """The results that came back, in order, and what they referred to."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    results: list[str] = []
    ref = ""
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(5):
            while frame := await frames.read(reader, TOKEN):
                answer = read_message(frame.xml, frame.number)
                assert answer.number == vouchers.ANSWER
                results, ref = [*results, answer.vouchers[0]["Result"]], answer.ref
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return results, ref


async def test_a_word_is_taken_and_then_acknowledged(door: Door) -> None:
    assert await send(door, push()) == ([vouchers.OK], "m1")
    assert door.sink.words == [WORD]


async def test_many_words_on_one_connection_and_in_one_message(door: Door) -> None:
    second = {**vouchers.confirmed(WORD), "TraNoBus": "202409100000000002"}
    assert await send(door, push() + push("m2", fields=(dict(vouchers.confirmed(WORD)), second))) == (
        [vouchers.OK] * 2,
        "m2",
    )
    assert [(word.event_id, word.bank_trans_no[-1]) for word in door.sink.money] == [
        ("K450300:m1", "1"), ("K450300:m2", "1"), ("K450300:m2:1", "2"),
    ]  # fmt: skip


async def test_a_forged_word_gets_no_answer_and_is_counted(door: Door) -> None:
    assert await send(door, push(token=b"guessed")) == ([], "")
    assert (door.sink.words, door.counts) == ([], {"bad_mac": 1})


async def test_nothing_is_taken_behind_a_forged_word(door: Door) -> None:
    assert await send(door, push(token=b"guessed") + push()) == ([], "")
    assert door.sink.words == []


async def test_markup_of_one_who_knows_the_token_is_refused(door: Door) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><CFX>&e;</CFX>'
    assert await send(door, frames.pack(frames.Frame("5996", bomb), TOKEN)) == ([], "")
    assert door.counts == {"markup": 1}


async def test_a_voucher_that_means_nothing_is_not_acknowledged(door: Door) -> None:
    good = dict(vouchers.confirmed(WORD))
    assert await send(door, push(fields=(good, {**good, "Amt": "380.005"}))) == ([vouchers.UNREADABLE], "m1")
    assert (door.sink.words, door.counts) == ([], {"field": 1})


async def test_another_number_is_refused(door: Door) -> None:
    assert await send(door, push(number="8994")) == ([vouchers.FAILED], "m1")
    assert door.sink.words == []


async def test_a_busy_or_broken_sink_acknowledges_nothing(door: Door) -> None:
    door.sink.busy = 1
    assert await send(door, push()) == ([vouchers.TRY_LATER], "m1")
    door.sink.broken = 1
    assert await send(door, push()) == ([], "")
    assert await send(door, push()) == ([vouchers.OK], "m1")
    assert (door.sink.words, door.counts) == ([WORD], {"later": 1, "fault": 1})


@pytest.mark.parametrize("data", [b"", b"92  ", push()[:50], push()[:-1]])
async def test_a_sluggard_is_let_go(data: bytes) -> None:
    async with opened(0, Bounds(frame_s=0.2)) as door:
        assert await send(door, data, end=False) == ([], "")
        assert door.counts == {"slow": 1}


async def test_a_sink_that_hangs_is_not_waited_for() -> None:
    async with opened(0, Bounds(take_s=0.2)) as door:
        door.sink.hangs = True
        assert await send(door, push()) == ([vouchers.TRY_LATER], "m1")
        assert door.counts == {"later": 1}


async def test_more_connections_than_bounded_are_closed_at_once(door: Door) -> None:
    held = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(4)]
    assert await send(door, push()) == ([], "")
    assert door.counts["too_many"] == 1
    for _, writer in held:
        writer.transport.abort()
    async with asyncio.timeout(10):
        while await send(door, push()) != ([vouchers.OK], "m1"):
            await asyncio.sleep(0.02)
    assert door.sink.words == [WORD]


@settings(max_examples=60, deadline=None)
@given(inner=st.binary(max_size=200), known=st.booleans(), cut=st.integers(0, 300))
def test_fuzz_never_ends_the_door(inner: bytes, known: bool, cut: int) -> None:
    """Raw bytes, well-framed garbage, messages with garbage inside: afterwards a good word is still taken."""

    async def run() -> None:
        sink, counts = Sink(), Counter[str]()
        server = ConfirmationServer(
            Profile("450300", "", 0, TOKEN), sink, now, lambda reason: counts.update([reason]), Bounds(frame_s=2)
        )
        door = Door(await server.start("127.0.0.1", 0), sink, counts, server)
        framed = frames.pack(frames.Frame("5996", inner), TOKEN)
        xml = write_message(Message("5996", "f", "f", "K", "F", "20240910", (dict(vouchers.confirmed(WORD)),)))
        broken = frames.pack(frames.Frame("5996", xml[:cut] + inner + xml[cut:]), TOKEN)
        for hostile in (inner, framed if known else framed[:-1] + b"!", broken):
            await send(door, hostile)
        taken = len(sink.words)
        assert await send(door, push()) == ([vouchers.OK], "m1")
        assert sink.words[taken:] == [WORD]
        assert "fault" not in counts
        await server.stop()

    asyncio.run(run())
