"""`python -m bench.applications [SIZE ...]`: what an application costs among ten thousand and among a million.

One real application, made through the api's own services, is copied by COPY until there are SIZE of them, with their
attachments, jobs and pages; then the same requests are timed on real ones spread among them. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from mangping import rehearsal
from mangping_api.main import build
from mangping_api.settings import Settings
from mangping_api.wiring import Context

from bench.applications_copies import Copies, sample
from bench.applications_load import throughput
from bench.applications_office import NOW, Office, Token, open_office
from deploy.local.stack import Stack

SMALL, LARGE, MEASURED = 10_000, 1_000_000, 8
RESULTS = Path(__file__).with_name("results") / "applications.json"


async def measured(office: Office, rounds: int) -> dict[str, dict[str, float]]:
    """{what: {p50, p95}} in milliseconds, whole requests without a socket; submissions are the real ones' only."""
    acts: dict[str, Callable[[int], Awaitable[httpx.Response]]] = {
        "read": lambda n: office.get(n, ""), "findings": lambda n: office.get(n, "/findings"),
        "list": lambda n: office.list(n), "officer's list": lambda n: office.officers_list(),
        "submit": lambda n: office.submit(n), "withdraw": lambda n: office.withdraw(n),
    }  # fmt: skip
    told: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds + 1):
        for name, act in acts.items():
            for number in range(len(office.drafts)):
                began = time.perf_counter()
                answer = await act(number)
                spent = time.perf_counter() - began
                assert answer.status_code == 200, (name, answer.text)
                if turn:  # the first round warms up
                    told[name].append(1000 * spent)
    return {name: _quantiles(times) for name, times in told.items()}


def _quantiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {"p50": round(statistics.median(times), 2), "p95": round(cuts[18], 2)}


async def run(env: dict[str, str], token: Token, sizes: list[int], attachments: int, rounds: int) -> dict[str, Any]:
    context = Context.open(Settings(), name="bench")
    app = build(Settings(), context=context)
    told: dict[str, Any] = {"attachments": attachments, "sizes": {}}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=120) as client:
            office = await open_office(client, context, token, MEASURED, attachments)
            copies = Copies(await sample(env["DATABASE_URL"], office.model), env["DATABASE_URL"])
            have = 0
            for size in sizes:
                began = time.perf_counter()
                await copies.make(have, size)
                loaded = time.perf_counter() - began
                have = size
                told["sizes"][size] = {
                    "load_s": round(loaded, 1), "database_gb": await copies.gigabytes(),
                    **await measured(office, rounds),
                }  # fmt: skip
                print(json.dumps({size: told["sizes"][size]}), file=sys.stderr)
    told["throughput"] = await asyncio.to_thread(throughput, env, office.tokens[0], office.drafts[0])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-api", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[SMALL, LARGE])
    parser.add_argument("--attachments", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mangping-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        clock = Path(folder) / "clock"
        rehearsal.set_to(clock, NOW)
        with Stack.start(Path(folder) / "stack", durable=False) as stack:
            env = {**stack.env, "MANGPING_REHEARSAL_CLOCK": str(clock)}
            os.environ.update(env)
            subprocess.run([sys.executable, "-m", "mangping_api.migrate"], check=True)
            token = cache(lambda who: stack.token(who, "review:read review:write", client_id="", azp=""))
            told = asyncio.run(run(env, token, sorted(options.sizes), options.attachments, options.rounds))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(table(told))


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
        f"{served['bare_per_s']:.0f}; ratio {served['api_per_s'] / served['bare_per_s']:.2f}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
