"""`python -m bench.applications [SIZE ...]`: what an application costs among ten thousand and among a million.

One real application, made through the api's own services, is copied by COPY until there are SIZE of them, with their
attachments, jobs, pages and reviews; then the same requests are timed on real ones spread among them. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
from mangping import rehearsal
from mangping_api.main import build
from mangping_api.settings import Settings
from mangping_api.wiring import Context

from bench.applications_copies import Copies, copy_of, sample
from bench.applications_load import throughput
from bench.applications_office import NOW, Office, Token, office_of, open_office
from deploy.local.stack import Stack

SMALL, LARGE, MEASURED = 10_000, 1_000_000, 4
Acts = dict[str, Callable[[int], Awaitable[httpx.Response]]]
RESULTS = Path(__file__).with_name("results") / "applications.json"


def _acts(office: Office, size: int) -> Acts:
    bureau, chance = office.bureau, random.Random(size)

    def any_of_them() -> str:
        return copy_of(office.model, chance.randint(1, size))

    return {
        "read": lambda n: office.get(n, ""), "findings": lambda n: office.get(n, "/findings"),
        "read, any of them": lambda n: bureau.look(any_of_them()),
        "attachments, any of them": lambda n: bureau.look(any_of_them(), "/attachments"),
        "list": lambda n: office.list(n), "officer's list": lambda n: office.officers_list(),
        "submit": lambda n: office.submit(n), "withdraw": lambda n: office.withdraw(n),
        "queue": lambda n: bureau.first_page(), "queue, next page": lambda n: bureau.next_page(),
        "queue, overdue": lambda n: bureau.queue(overdue="true"), "queue, mine": lambda n: bureau.queue(claimed="me"),
        "queue, a school's": lambda n: bureau.queue(unit=bureau.school),
        "claim": lambda n: bureau.claim(n), "sheet": lambda n: bureau.sheet(n), "verdict": lambda n: bureau.judge(n),
        "sign": lambda n: bureau.sign(n),
        "timeline": lambda n: bureau.history(n, "timeline"), "returns": lambda n: bureau.history(n, "returns"),
    }  # fmt: skip


async def one_round(acts: dict[int, Acts]) -> AsyncIterator[tuple[int, str, float]]:
    """(size, what, milliseconds) of each act on each draft and each file before the bureau: whole requests, without a
    socket. The same request goes to one size and then to the other, each time another first: what else the machine does
    meets both."""
    sizes = list(acts)
    for name in acts[sizes[0]]:
        for number in range(MEASURED):
            for size in sizes if number % 2 else reversed(sizes):
                began = time.perf_counter()
                answer = await acts[size][name](number)
                yield size, name, 1000 * (time.perf_counter() - began)
                assert answer.status_code == 200, (name, answer.text)


def _quantiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {"p50": round(statistics.median(times), 2), "p95": round(cuts[18], 2)}


@asynccontextmanager
async def peopled(
    settings: Settings, token: Token, size: int, attachments: int, loaded: Path
) -> AsyncIterator[tuple[Office, Any]]:
    """An office in a database of its own, among `size` applications; and what loading them took. `loaded` remembers it."""
    context = Context.open(settings, name="bench")
    app = build(settings, context=context)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api", timeout=120) as client,
    ):
        if kept := _kept(loaded):
            yield office_of(client, context, token, kept["office"]), kept["load"]
            return
        office = await open_office(client, context, token, MEASURED, attachments)
        copies = Copies(await sample(settings.database_url, office.model), settings.database_url)
        began = time.perf_counter()
        await copies.make(size)
        load = {"load_s": round(time.perf_counter() - began, 1), "database_gb": await copies.gigabytes()}
        _keep(loaded, {"office": office.told(), "load": load})
        yield office, load


def _kept(loaded: Path) -> dict[str, Any] | None:
    return json.loads(loaded.read_text("utf-8")) if loaded.exists() else None


def _keep(loaded: Path, told: dict[str, Any]) -> None:
    loaded.write_text(json.dumps(told), "utf-8")


async def run(
    offered: dict[int, Settings], token: Token, attachments: int, rounds: int, folder: Path
) -> tuple[dict[str, Any], Office]:
    """All sizes stand side by side, each with its office, and are asked in turn."""
    told: dict[str, Any] = {"attachments": attachments, "sizes": {}}
    times: dict[int, dict[str, list[float]]] = {size: defaultdict(list) for size in offered}
    async with AsyncExitStack() as all_of_them:
        offices = {}
        for size, settings in offered.items():
            peopling = peopled(settings, token, size, attachments, folder / f"{size}.json")
            offices[size], told["sizes"][size] = await all_of_them.enter_async_context(peopling)
            print(json.dumps({size: told["sizes"][size]}), file=sys.stderr, flush=True)
        gc.collect()
        gc.freeze()  # as the api's own process does
        acts = {size: _acts(office, size) for size, office in offices.items()}
        for turn in range(rounds + 1):
            async for size, name, spent in one_round(acts):
                if turn:  # the first round warms up
                    times[size][name].append(spent)
        for size, told_of in times.items():
            told["sizes"][size] |= {name: _quantiles(spent) for name, spent in told_of.items()}
        return told, offices[max(offices)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-api", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[SMALL, LARGE])
    parser.add_argument("--attachments", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="a folder for the databases, which are taken as they are next time")
    options = parser.parse_args()
    with _folder(options.keep) as folder:
        folder.chmod(0o755)
        clock = folder / "clock"
        rehearsal.set_to(clock, NOW)
        with Stack.start(folder / "stack", durable=False) as stack:
            asyncio.run(_without_copies_in_the_log(stack))
            os.environ.update({**stack.env, "MANGPING_REHEARSAL_CLOCK": str(clock)})
            offered = {size: _database(stack.env["DATABASE_URL"], size) for size in sorted(options.sizes)}
            token = cache(lambda who: stack.token(who, "review:read review:write", client_id="", azp=""))
            told, office = asyncio.run(run(offered, token, options.attachments, options.rounds, folder))
            os.environ["DATABASE_URL"] = offered[max(offered)].database_url
            told["throughput"] = throughput(dict(os.environ), office.tokens[0], office.drafts[0])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(table(told))


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="mangping-bench-", ignore_cleanup_errors=True) as made:
        yield Path(made)


async def _without_copies_in_the_log(stack: Stack) -> None:
    """A table that is filled in the transaction that emptied it needs no log, where no replica wants one."""
    assert stack.postgres is not None
    connection: Any = await asyncpg.connect(stack.postgres.url())
    for setting in ("wal_level = minimal", "max_wal_senders = 0", "max_wal_size = '2GB'"):
        await connection.execute(f"alter system set {setting}")
    await connection.close()
    stack.postgres.stop()
    stack.postgres.start()


def _database(url: str, size: int) -> Settings:
    """A migrated database; the settings of an api that keeps it."""
    asyncio.run(_create(url, f"bench_{size}"))
    head, _, query = url.partition("?")
    own = f"{head.rpartition('/')[0]}/bench_{size}?{query}"
    env = {**os.environ, "DATABASE_URL": own}
    subprocess.run([sys.executable, "-m", "mangping_api.migrate"], check=True, env=env)
    with patch.dict(os.environ, env):
        return Settings()


async def _create(url: str, name: str) -> None:
    connection: Any = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    if not await connection.fetchval("select true from pg_database where datname = $1", name):
        await connection.execute(f"create database {name}")
    await connection.close()


def table(told: dict[str, Any]) -> str:
    """As the README shows it."""
    sizes = list(told["sizes"])
    first, last = told["sizes"][sizes[0]], told["sizes"][sizes[-1]]
    acts = [name for name, value in first.items() if isinstance(value, dict)]
    head = "| request, ms | " + " | ".join(f"{size:,}: p50 / p95" for size in sizes) + " | p50 ratio |"
    lines = [head, "|---" * (len(sizes) + 2) + "|"]
    for act in acts:
        cells = " | ".join(f"{told['sizes'][size][act]['p50']} / {told['sizes'][size][act]['p95']}" for size in sizes)
        lines.append(f"| {act} | {cells} | {last[act]['p50'] / first[act]['p50']:.2f} |")
    served = told["throughput"]
    lines.append(
        f"\n{served['api_per_s']:.0f} reads a second from two processes; a bare route with one SELECT: "
        f"{served['bare_per_s']:.0f}; ratio {served['api_per_s'] / served['bare_per_s']:.2f}, of the CPU they take "
        f"{served['bare_cpu_ms'] / served['api_cpu_ms']:.2f}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
