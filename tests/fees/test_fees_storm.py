"""200 applications pay while api worker, fees api, fees worker, bank and Valkey are killed at every step; then the books
are whole, and nobody is abandoned who paid in time, or confirmed who did not."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from mangping.clock import BEIJING
from mangping_api.wiring import Context as ApiContext
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from deploy.local.servers import free_port
from deploy.local.stack import Stack
from deploy.simulators.bank.process import Bank, BankSaidNo
from tests.conftest import Env, NewEnv
from tests.conftest import settings_of as api_settings
from tests.fees.conftest import rehearsed, settings_of
from tests.fees.storm import Mortal, accepted, plagues, somewhere

COUNT, SEED = 200, 20240910
NOON = datetime(2024, 9, 10, 12, tzinfo=BEIJING)
AFTER = datetime(2024, 9, 15, 9, tzinfo=BEIJING)  # the last of them was due at 24:00 of the 13th
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
API_STEPS = ("charge.sealed", "charge.asked", "charge.heard", "relay.claimed", "relay.pushed")
ISSUING = ("order.committed", "issue.reserved", "issue.answered", "issue.recorded", "relay.claimed", "relay.pushed")
BOOKS = ("statement.spooled", "statement.taken", "reconciliation.heard", "reconciliation.closed")
LAST = ("receipt.numbered", "receipt.sealed", "expiry.queried", "expiry.committed")
# How many of the 200 do what; the others pay once, right and in time.
WAYS = {
    "never": 25, "short": 10, "late": 10, "transfer": 5, "twice": 10, "lost_word": 15, "doubled_word": 15,
    "fails_first": 10,
}  # fmt: skip
IN_TIME = {"right", "twice", "lost_word", "doubled_word", "fails_first"}
SUSPENSE = {"short", "late", "transfer", "twice"}


@pytest.fixture
def env(new_env: NewEnv) -> Env:
    found = new_env()
    subprocess.run([sys.executable, "-m", "mangping_fees.migrate"], env=found, check=True)
    return {
        **found, "MANGPING_SWEEP_SECONDS": "0.2", "MANGPING_RELAY_HOLD_SECONDS": "1", "MANGPING_CHARGE_ASK_SECONDS": "0.5",
        "MANGPING_FEES_SWEEP_SECONDS": "0.2", "MANGPING_FEES_BACKOFF_SECONDS": "0.2",
        "MANGPING_FEES_STEP_HOLD_SECONDS": "1", "MANGPING_FEES_RELAY_HOLD_SECONDS": "1",
        "MANGPING_FEES_WEBHOOK_SECRETS": f'{{"450300": ["{SECRET}"]}}',
        "MANGPING_FEES_BIND": f"127.0.0.1:{free_port()}",
    }  # fmt: skip


@pytest.fixture
def bank(env: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    listen = f"127.0.0.1:{free_port()}"
    started = Bank.start(
        tmp_path_factory.mktemp("bank"), token="invented-token", confirm_to=listen, webhook_secret=SECRET,
        webhook_url=f"http://{env['MANGPING_FEES_BIND']}/v1/gateway-events",
    )  # fmt: skip
    host, port = started.socket
    env["MANGPING_FEES_GATEWAYS"] = (
        f'[{{"region_code": "450300", "host": "{host}", "port": {port}, "token": "invented-token", "source": "F450300", '
        f'"target": "K450300", "listen": "{listen}", "wait_s": 5}}]'
    )
    try:
        yield started
    finally:
        started.stop()


def at(env: Env, instant: datetime) -> Env:
    """The same environment with the fees service's clock moved."""
    file = Path(env["OBJECT_STORE_URL"].removeprefix("file://")).with_suffix(f".{instant:%m%d}")
    return {**env, "MANGPING_FEES_REHEARSAL_CLOCK": rehearsed(file, instant)}


@pytest.fixture
async def fees(env: Env, bank: Bank) -> AsyncIterator[Context]:
    opened = Context.open(settings_of(at(env, NOON)), name="tests")
    yield opened
    await opened.close()


async def until(happened: Callable[[], Awaitable[bool]], what: str, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not await happened():
        assert time.monotonic() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.2)


async def counted(context: Context, query: str) -> dict[str, int]:
    async with context.db.begin() as tx:
        return {row[0]: row[1] for row in await tx.execute(text(query))}


async def states(context: Context) -> dict[str, int]:
    return await counted(context, "select state, count(*) from fees.notices group by state")


class Payers:
    """Everyone's money, through a bank that dies under them: what was booked is told again, never booked twice."""

    def __init__(self, bank: Bank, dice: random.Random) -> None:
        self.bank, self.dice = bank, dice

    async def _ask(self, act: Callable[[], object]) -> None:
        for _ in range(400):
            with suppress(httpx.TransportError, RuntimeError, AssertionError):
                try:
                    await asyncio.to_thread(act)
                except BankSaidNo as no:
                    if no.code not in ("known_transaction", "bill_paid"):
                        raise
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the bank never came back")

    async def pay(self, number: int, code: str, way: str) -> None:
        told: dict[str, Any] = {"bank_trans_no": f"T{number:06d}", "paid_at": (NOON + timedelta(hours=1)).isoformat()}
        channel = self.dice.choice(("counter", "qr", "mobile_bank"))
        if way == "fails_first":
            await self._ask(lambda: self.bank.fail(code))
        if way == "short":
            told["amount_fen"] = 30000
        if way == "late":
            told["paid_at"] = datetime(2024, 9, 14, 1, tzinfo=BEIJING).isoformat()
        if way == "transfer":
            channel, told["amount_fen"] = "transfer", 38000
        await self._ask(lambda: self.bank.pay(code, channel, **told))
        if way == "twice":
            again = {**told, "bank_trans_no": f"U{number:06d}", "race": True}
            await self._ask(lambda: self.bank.pay(code, "counter", **again))


async def upset(bank: Bank, stack: Stack, dice: random.Random, times: int, *, lose_data: bool) -> None:
    """The bank and Valkey die and come back."""
    for _ in range(times):
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        await asyncio.to_thread(bank.kill)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(bank.restart)
    await asyncio.to_thread(stack.kill_valkey, lose_data=lose_data)
    await asyncio.sleep(0.3)
    await asyncio.to_thread(stack.restart_valkey)


async def test_the_books_are_whole_after_the_storm(
    env: Env, bank: Bank, fees: Context, stack: Stack, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    bank.set_now(NOON)
    api = ApiContext.open(api_settings(env), name="tests")
    ids = await accepted(api, "guilin-vice-senior-2024", COUNT, NOON)
    ways = [way for way, count in WAYS.items() for _ in range(count)]
    ways += ["right"] * (COUNT - len(ways))
    dice.shuffle(ways)

    early = at(env, NOON)
    clerk = Mortal("mangping_api.worker", env, tmp_path / "clerk.log")
    worker = Mortal("mangping_fees.worker", early, tmp_path / "worker.log")
    door = Mortal("mangping_fees", early, tmp_path / "door.log")

    # Ordered and issued, while everyone dies.
    with plagues(
        (clerk, somewhere(dice, API_STEPS[:2], 3) + somewhere(dice, API_STEPS[2:], 2)),
        (worker, [f"{step}@{dice.randint(1, 3)}" for step in ISSUING]), (door, ()),
    ) as died:  # fmt: skip
        await upset(bank, stack, dice, 2, lose_data=True)

        async def issued() -> bool:
            return (await states(fees)).get("issued", 0) == COUNT

        await until(issued, "200 pay codes")
        died()
    codes = await _codes(fees, [str(id) for id in ids])

    # Read, paid and told, in random order, while everyone dies.
    payers, order = Payers(bank, dice), list(range(COUNT))
    dice.shuffle(order)
    twice = somewhere(dice, ("settlement.committed",), 20) + somewhere(dice, ("settlement.committed",), 5)
    with plagues((clerk, somewhere(dice, ("charge.heard",), 9)), (worker, twice), (door, twice)) as died:
        for number in order:
            await Factory(fees).deliveries().opened(codes[number][0], f"sub:{number}")
        bank.switch(carrier="both", jitter_ms=300)
        storm = asyncio.create_task(upset(bank, stack, dice, 3, lose_data=False))
        for way, switches in (
            ("lost_word", {"lose": True}), ("doubled_word", {"carrier": "both", "duplicates": 2}),
            ("", {"carrier": "both", "jitter_ms": 300}),
        ):  # fmt: skip
            await payers._ask(lambda switches=switches: bank.switch(**switches))  # type: ignore[misc]
            turn = [
                n
                for n in order
                if ways[n] == way or (not way and ways[n] not in ("never", "lost_word", "doubled_word"))
            ]
            gate = asyncio.Semaphore(20)

            async def one(number: int, gate: asyncio.Semaphore = gate) -> None:
                async with gate:
                    await payers.pay(number, codes[number][1], ways[number])

            await asyncio.gather(*(one(number) for number in turn))
        await storm

        async def told() -> bool:
            words = await asyncio.to_thread(bank.words)
            return set(words) <= {"told", "lost"} or words.get("owed", 0) == 0

        await until(told, "the bank's words to be heard")
        died()

    # Past the end: files, books, receipts, lapses, while everyone dies.
    late = at(env, AFTER)
    worker, door = replace(worker, env=late), replace(door, env=late)
    later = replace(fees, now=Context.open(settings_of(late), name="clock").now)
    with plagues((clerk, ["charge.heard@3"]), (worker, [*BOOKS, *somewhere(dice, LAST, 2)]), (door, ())) as died:
        files = [(source, date(2024, 9, 10) + timedelta(days=n)) for source in ("finance", "agent") for n in range(5)]
        dice.shuffle(files)
        for source, day in files:
            await _hand_in(later, bank.file(source, day).encode())
        await until(lambda: _settled(later), "everything to settle")
        died()
        await until(lambda: _settled(later), "everything to settle again")
    await _check(later, api, bank, ids, ways)
    # Each died at each step that it takes, by itself; the bank and Valkey died whenever `upset` says.
    assert set(clerk.deaths) == set(API_STEPS)
    assert set(worker.deaths) == {*ISSUING, "settlement.committed", *BOOKS, *LAST}
    assert set(door.deaths) == {"settlement.committed"}
    await api.close()


async def _codes(context: Context, applications: list[str]) -> list[tuple[Any, str]]:
    """(notice, pay code) by application."""
    query = "select l.application_id::text, n.id, n.pay_code from fees.notice_lines l join fees.notices n on n.id = l.notice_id"
    async with context.db.begin() as tx:
        found = {row[0]: (row[1], row[2]) for row in await tx.execute(text(query))}
    return [found[id] for id in applications]


async def _hand_in(context: Context, content: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    await Factory(context).statements().receive("client:cashier", chunks())


async def _settled(context: Context) -> bool:
    """Nothing is on its way any more: every notice ended, every message left, every charge knows."""
    left = await states(context)
    open_ones = {state for state in left if state not in ("receipted", "expired")}
    owed = await counted(
        context, "select 'fees', count(*) from fees.outbox union select 'api', count(*) from review.outbox"
    )
    charges = await counted(context, "select state, count(*) from review.charges group by state")
    return not open_ones and set(charges) <= {"paid", "expired"} and owed == {"fees": 0, "api": 0}


async def _check(context: Context, api: ApiContext, bank: Bank, ids: list[Any], ways: list[str]) -> None:
    paid = [way for way in ways if way in IN_TIME]
    books, booked = await Factory(context).notices().books(), bank.payments()
    assert books.whole
    assert books.bank == sum(one["amount_fen"] for one in booked)
    assert len(booked) == COUNT - WAYS["never"] + WAYS["twice"]
    assert books.paid == books.receipted == 38000 * len(paid)
    assert (books.bank, books.receipt_owed) == (books.receipted + books.suspense, 0)
    assert len(bank.receipts()) == len(paid)
    credits = await counted(
        context, "select notice_id::text, count(*) from fees.payments where doubt is null group by notice_id"
    )
    assert (len(credits), set(credits.values())) == (len(paid), {1})
    doubts = await counted(context, "select doubt, count(*) from fees.payments where doubt is not null group by doubt")
    assert doubts == {"short": 10, "late": 10, "channel": 5, "second": 10}
    # The review knows who paid in time, and of nobody else.
    stands = await counted(
        context, "select a.id::text || ' ' || a.state || ' ' || c.state, 1 from review.applications a "
        "join review.charge_lines l on l.application_id = a.id join review.charges c on c.id = l.charge_id",
    )  # fmt: skip
    expected = {
        f"{id} {'accepted paid' if way in IN_TIME else 'abandoned expired'}" for id, way in zip(ids, ways, strict=True)
    }
    assert set(stands) == expected
    orders = await counted(context, "select 'orders', count(distinct order_id) from fees.notices")
    assert orders == {"orders": COUNT}
    assert len(bank.bills()) == COUNT
