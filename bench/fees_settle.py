"""How fast money is settled: confirmations through the service, beside its very statements from a bare loop.

The bare loop sends what one confirmation sends over one prepared asyncpg connection a worker: the same rows locked,
written and read, nothing checked and nothing built. Both run in this process, one after the other, on the same database
and on the event loop that the front door runs on; both find their connections open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from asyncpg.connection import LoggedQuery
from mangping.clock import BEIJING
from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.wiring import Context, Factory
from sqlalchemy import event, text

START = datetime(2024, 9, 10, 8, tzinfo=BEIJING)
AT_ONCE = 8
_NOTICES = """
insert into fees.notices (id, serial, order_id, programme, region_code, year, bill_no, unit_code, unit_name, channels,
    state, amount_fen, payer, applicant, created_at, tries, version, pay_code, pay_url, issued_at, due_trace)
select gen_random_uuid(), n, gen_random_uuid(), 'p', '450300', 2024, :mark || n, 'U', 'U', array['qr'], 'notified', 38000,
    gen_random_uuid(), 'sub:a', :start, 0, 1, :mark || lpad(n::text, 18, '0'), 'http://pay.example/', :start, '{}'
from generate_series(cast(:first as bigint), cast(:last as bigint)) n
"""
_LINES = """
insert into fees.notice_lines select id, 0, gen_random_uuid(), 'review', 1, true, '评审', '副高级', 'p', 'n', 'u', 'b', 38000
from fees.notices where bill_no like :mark || '%'
"""


async def seed(context: Context, mark: str, first: int, count: int) -> list[str]:
    """Notices that wait for their money; their pay codes."""
    async with context.db.begin() as tx:
        told = {"mark": mark, "start": START, "first": first, "last": first + count - 1}
        await tx.execute(text(_NOTICES), told)
        await tx.execute(text(_LINES), {"mark": mark})
        await tx.execute(text("analyze fees.notices, fees.notice_lines"))
    return [f"{mark}{n:018d}" for n in range(first, first + count)]


def word(code: str) -> Confirmation:
    return Confirmation(f"e-{code}", "450300", code, f"T{code}", 38000, Channel.QR, START)


async def service(context: Context, codes: Sequence[str]) -> tuple[float, float]:
    """(wall seconds, CPU seconds of this process)."""
    settlement, left = Factory(context).settlement(), iter(codes)

    async def worker() -> None:
        for code in left:
            await settlement.take(word(code))

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return time.perf_counter() - began, time.process_time() - cpu


async def recorded(context: Context, code: str) -> list[tuple[str, tuple[Any, ...]]]:
    """The statements, with their parameters, that one confirmation sends."""
    found: list[tuple[str, tuple[Any, ...]]] = []

    def hear(query: LoggedQuery) -> None:
        if query.args and "fees." in query.query:  # neither begin nor commit, nor the driver's asking after types
            found.append((query.query, tuple(query.args)))

    def listen(_: object, record: Any, __: object) -> None:
        record.driver_connection.add_query_logger(hear)

    def leave(_: object, record: Any) -> None:
        record.driver_connection.remove_query_logger(hear)

    pool = context.db.sync_engine
    event.listen(pool, "checkout", listen)
    event.listen(pool, "checkin", leave)
    await Factory(context).settlement().take(word(code))
    event.remove(pool, "checkout", listen)
    event.remove(pool, "checkin", leave)
    return found


async def bare(
    url: str, sample: str, told: Sequence[tuple[str, tuple[Any, ...]]], codes: Sequence[str]
) -> tuple[float, float]:
    """The same statements for other codes: the sample's code, numbers and ids are replaced, nothing else is looked at."""
    plain = url.replace("postgresql+asyncpg", "postgresql")
    connections = [await asyncpg.connect(plain) for _ in range(AT_ONCE)]
    rows = await connections[0].fetch("select id, pay_code, bill_no from fees.notices")
    ids = {row["pay_code"]: row["id"] for row in rows}
    bills = {row["pay_code"]: row["bill_no"] for row in rows}
    ready = []  # built before the clock starts: the loop does nothing but send
    for code in codes:
        fresh: dict[Any, Any] = {
            ids[sample]: ids[code], str(ids[sample]): str(ids[code]), bills[sample]: bills[code],
        }  # fmt: skip
        ready.append([(one, [_other(value, sample, code, fresh) for value in parameters]) for one, parameters in told])
    left = iter(ready)

    async def worker(connection: Any) -> None:
        for statements in left:
            async with connection.transaction():
                for statement, parameters in statements:
                    await connection.fetch(statement, *parameters)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker(connection) for connection in connections))
    seconds = time.perf_counter() - began, time.process_time() - cpu
    for connection in connections:
        await connection.close()
    return seconds


def _other(value: Any, sample: str, code: str, fresh: dict[Any, Any]) -> Any:
    if isinstance(value, UUID):
        return fresh.setdefault(value, uuid4())
    if isinstance(value, str):
        for old, new in fresh.items():
            value = value.replace(str(old), str(new))
        return value.replace(sample, code)
    return value


async def measure(context: Context, url: str, count: int) -> dict[str, float]:
    """Settled a second by the service and by the bare loop, and the ratio of the two."""
    own, floor = await seed(context, "10", 1, count + 1), await seed(context, "20", count + 2, count)
    async with AsyncExitStack() as open_ones:
        for _ in range(AT_ONCE):
            await open_ones.enter_async_context(context.db.connect())
    sample = own.pop()
    told = await recorded(context, sample)
    half = count // 2
    times = [await service(context, own[:half]), await bare(url, sample, told, floor[:half])]
    times += [await bare(url, sample, told, floor[half:]), await service(context, own[half:])]
    ours, theirs = ([a + b for a, b in zip(times[one], times[two], strict=True)] for one, two in ((0, 3), (1, 2)))
    async with context.db.begin() as tx:
        paid = (await tx.execute(text("select count(*) from fees.notices where state = 'paid'"))).scalar_one()
        credited = (await tx.execute(text("select count(*) from fees.payments where doubt is null"))).scalar_one()
    assert paid == credited == 2 * count + 1, (paid, credited)
    return {
        "settled": count, "statements_each": len(told), "service_a_second": round(count / ours[0]),
        "bare_a_second": round(count / theirs[0]), "ratio": round(theirs[0] / ours[0], 2),
        "cpu_ratio": round(theirs[1] / ours[1], 2),
    }  # fmt: skip
