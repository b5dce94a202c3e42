"""Signed callbacks of a gateway: their words, what is none of ours, and what is taken twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping.errors import Refused, Transient
from mangping.webhooks.signature import Secret, sign
from mangping_fees.domain.payment import Channel, Confirmation, DeductionFailed, GatewayEvent, PayPageOpened
from mangping_fees.gateways.webhook import receive
from mangping_fees.gateways.webhook_events import read_event, write_event

SECRET = Secret.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
AT = datetime.fromtimestamp(1614265330, UTC)
OTHER = Secret(b"another secret of enough bytes")

WORDS: list[GatewayEvent] = [
    Confirmation(
        "e1", "450300", "4503", "T1", 38000, Channel.QR, datetime(2024, 9, 10, 10, tzinfo=BEIJING), "450300072001"
    ),
    DeductionFailed("e1", "450300", "4503", datetime(2024, 9, 10, 10, tzinfo=BEIJING)),
    PayPageOpened("e1", "450300", "4503", datetime(2024, 9, 10, 10, tzinfo=BEIJING)),
]


@pytest.mark.parametrize("word", WORDS)
def test_words_come_back(word: GatewayEvent) -> None:
    assert read_event("e1", write_event(word)) == word


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"38000", b"380.5"), (b"38000", b"38000.0"), (b"38000", b'"38000"'), (b"38000", b"true"), (b"38000", b"0"),
        (b"38000", b"-1"), (b"38000", b"1e400"), (b"qr", b"cash"), (b"+08:00", b""), (b"payment.confirmed", b"payment.x"),
        (b'"pay_code":"4503",', b""), (b"{", b"[" * 9000), (b"4503", b"\xff"),
    ],
)  # fmt: skip
def test_a_body_that_is_none_of_ours_is_refused(was: bytes, becomes: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_event("e1", write_event(WORDS[0]).replace(was, becomes, 1))
    assert refused.value.code == "webhook.body"


@given(st.binary(max_size=300))
def test_any_other_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read_event("e1", body)


class Kept:
    """An inbox and a sink, as the ledger would be both."""

    def __init__(self, *, busy: bool = False) -> None:
        self.words: list[GatewayEvent] = []
        self.busy = busy

    async def seen(self, message_id: str) -> bool:
        return any(word.event_id == message_id for word in self.words)

    async def take(self, event: GatewayEvent) -> None:
        if self.busy:
            raise Transient
        self.words.append(event)


async def test_a_callback_is_taken_once_and_its_replay_does_nothing() -> None:
    kept, body = Kept(), write_event(WORDS[0])
    told = sign([SECRET], "e1", AT, body)
    took = [await receive([SECRET], told, body, now=AT, seen=kept.seen, sink=kept) for _ in range(3)]
    assert took == [True, False, False]
    assert kept.words == [WORDS[0]]


async def test_a_busy_sink_lets_the_sender_repeat() -> None:
    kept, body = Kept(busy=True), write_event(WORDS[0])
    told = sign([SECRET], "e1", AT, body)
    with pytest.raises(Transient):
        await receive([SECRET], told, body, now=AT, seen=kept.seen, sink=kept)
    kept.busy = False
    assert await receive([SECRET], told, body, now=AT, seen=kept.seen, sink=kept)


async def test_a_forged_callback_is_not_even_looked_up() -> None:
    kept, body = Kept(), write_event(WORDS[0])
    with pytest.raises(Refused):
        await receive([OTHER], sign([SECRET], "e1", AT, body), body, now=AT, seen=kept.seen, sink=kept)
    assert kept.words == []
