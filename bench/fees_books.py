"""`python -m bench.fees_books [LINES]`: settling beside its bare statements, and one day of three books beside a bare COPY of
the same file. Prints JSON.

The bare COPY lets PostgreSQL read the lines from memory as text; the service checks every line, joins and closes.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from mangping.clock import BEIJING
from mangping_fees.settings import Settings
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from bench import fees_settle
from deploy.local.stack import Stack

DAY, START = "2024-09-10", datetime(2024, 9, 10, 8, tzinfo=BEIJING)
_OURS = """
insert into fees.payments (id, region_code, bank_trans_no, pay_code, amount_fen, channel, paid_at, heard_at, doubt)
select gen_random_uuid(), '450300', 'T' || n, lpad(n::text, 20, '0'), 38000, 'qr', :start, :start, 'unknown_code'
from generate_series(1, :lines) n
"""


async def file(source: str, lines: int) -> AsyncIterator[bytes]:
    """A daily file as it would come in, in pieces."""
    yield f"H|1|{source}|{DAY}|450300|{lines}|{lines * 38000}\n".encode()
    at = START.isoformat()
    for first in range(1, lines + 1, 1000):
        numbers = range(first, min(first + 1000, lines + 1))
        yield "".join(f"D|{n:020d}|T{n}|38000|{at}|qr|paid\n" for n in numbers).encode()
    yield f"T|{lines}|{lines * 38000}\n".encode()


async def bare_copy(url: str, lines: int) -> float:
    """Seconds that PostgreSQL needs for the same columns without anybody looking at them."""
    connection: Any = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    await connection.execute("create table public.bare (trans text primary key, code text, fen bigint, at timestamptz)")
    at = START.isoformat()
    told = io.BytesIO("".join(f"T{n}\t{n:020d}\t38000\t{at}\n" for n in range(1, lines + 1)).encode())
    began = time.perf_counter()
    await connection.copy_to_table("bare", source=told)
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds


async def settling(url: str, count: int) -> dict[str, float]:
    """Then the tables are empty again."""
    context = Context.open(Settings(), name="bench")
    told = await fees_settle.measure(context, url, count)
    async with context.db.begin() as tx:
        await tx.execute(text("truncate fees.payments, fees.notices cascade"))
    await context.close()
    return told


async def measure(lines: int) -> dict[str, Any]:
    context = Context.open(Settings(), name="bench")
    make = Factory(context)
    async with context.db.begin() as tx:
        await tx.execute(text("set local statement_timeout = 0"))
        await tx.execute(text(_OURS), {"start": START, "lines": lines})
    for source in ("finance", "agent"):
        await make.statements().receive("bench", file(source, lines))
    began = time.perf_counter()
    await make.statements().sweep()
    taken = time.perf_counter()
    await make.reconciliation().sweep()
    closed = time.perf_counter()
    [run] = await make.reconciliation().runs(day=None, limit=2)
    assert run.verdicts["match"] == lines, run.verdicts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await context.close()
    return {
        "lines": lines, "take_s_per_file": round((taken - began) / 2, 2), "reconcile_s": round(closed - taken, 2),
        "peak_mb": round(peak),
    }  # fmt: skip


def main(lines: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mangping-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Stack.start(Path(folder) / "stack") as stack:
            os.environ.update(stack.env)
            subprocess.run([sys.executable, "-m", "mangping_fees.migrate"], check=True)
            settled = uvloop.run(settling(stack.env["DATABASE_URL"], min(lines, 4000)))
            print(json.dumps(settled), flush=True)
            told = asyncio.run(measure(lines))
            bare = asyncio.run(bare_copy(stack.env["DATABASE_URL"], lines))
    print(json.dumps({**told, "bare_copy_s": round(bare, 2), "take_to_bare": round(told["take_s_per_file"] / bare, 1)}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
