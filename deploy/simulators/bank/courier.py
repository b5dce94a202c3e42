"""Brings words to the fees service and brings them again until they are acknowledged."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial

import httpx
from mangping.clock import BEIJING
from mangping.webhooks.signature import Secret, sign
from mangping_fees.domain.payment import Confirmation
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.envelope import Message, read_message, write_message
from mangping_fees.gateways.markup import MarkupRefused
from mangping_fees.gateways.webhook_events import read_event

from deploy.simulators.bank.books import Books

_AT_ONCE = 16
_LOOK_S = 0.03
_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True)
class Targets:
    """Where words go; a carrier without a target keeps what it owes."""

    socket: tuple[str, int] | None
    webhook: str | None
    token: bytes = field(repr=False)
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    source: str = "K450300"
    fees: str = "F450300"


async def run(books: Books, targets: Targets) -> None:
    """For ever. What was under way when the process was killed is owed still."""
    under_way: dict[int, asyncio.Task[None]] = {}
    async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as http, asyncio.TaskGroup() as group:
        while True:
            for word, event_id, carrier, body, attempts in books.owed(time.time(), 4 * _AT_ONCE):
                if word not in under_way and len(under_way) < _AT_ONCE:
                    bringing = _bring(books, targets, http, word, event_id, carrier, body, attempts)
                    under_way[word] = group.create_task(bringing)
                    under_way[word].add_done_callback(partial(_forget, under_way, word))
            await asyncio.sleep(_LOOK_S)


def _forget(under_way: dict[int, asyncio.Task[None]], word: int, _: object) -> None:
    del under_way[word]


async def _bring(
    books: Books, targets: Targets, http: httpx.AsyncClient, word: int, event_id: str, carrier: str, body: bytes,
    attempts: int,
) -> None:  # fmt: skip
    try:
        async with asyncio.timeout(_ANSWER_S):
            if carrier == "socket":
                done = await _push(books, targets, event_id, body)
            else:
                done = await _post(books, targets, http, event_id, body)
    except (OSError, TimeoutError, httpx.HTTPError, frames.FrameRefused, MarkupRefused):
        done = False
    if done:
        books.told(word)
    else:
        books.try_again(word, time.time() + min(5.0, 0.1 * 2.0 ** min(attempts, 10)))


async def _push(books: Books, targets: Targets, event_id: str, body: bytes) -> bool:
    """5996, answered by a 5001 that refers to it and says 00000."""
    told = read_event(event_id, body)
    if targets.socket is None or not isinstance(told, Confirmation):
        return False
    day = f"{books.now().astimezone(BEIJING):%Y%m%d}"
    message = Message(
        vouchers.CONFIRM, event_id, event_id, targets.source, targets.fees, day, (vouchers.confirmed(told),),
        told.region_code, day[:4],
    )  # fmt: skip
    reader, writer = await asyncio.open_connection(*targets.socket)
    try:
        writer.write(frames.pack(frames.Frame(message.number, write_message(message)), targets.token))
        await writer.drain()
        frame = await frames.read(reader, targets.token)
    finally:
        writer.transport.abort()
    if frame is None:
        return False
    answer = read_message(frame.xml, frame.number)
    right = answer.number == vouchers.ANSWER and answer.ref == event_id and len(answer.vouchers) == 1
    return right and answer.vouchers[0].get("Result") == vouchers.OK


async def _post(books: Books, targets: Targets, http: httpx.AsyncClient, event_id: str, body: bytes) -> bool:
    if targets.webhook is None or not targets.secrets:
        return not isinstance(read_event(event_id, body), Confirmation)  # nobody asked to be told; money is kept
    headers = sign(targets.secrets, event_id, books.now(), body)
    answer = await http.post(targets.webhook, content=body, headers={**headers, "Content-Type": "application/json"})
    return answer.is_success
