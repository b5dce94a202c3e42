"""`python -m mangping_api.worker`: the second front door. Relay, the redaction workers' answers, deadlines, erasure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from mangping import logs
from mangping.contracts import (
    QUEUES,
    ApplicationEvent,
    FeeCancelled,
    FeeExpired,
    FeeIssued,
    FeeNotified,
    FeeRefunded,
    FeeRefused,
    FeeSettled,
    Message,
    ScanRedacted,
)
from mangping.ending import told_to_end
from mangping.logs import about
from mangping.queue import Handler, serve
from mangping.relay import relay
from mangping.rounds import every

from mangping_api.domain.charge import Answer
from mangping_api.settings import settings
from mangping_api.storage import turns
from mangping_api.tables import ledger
from mangping_api.wiring import Context, Factory

_log = logging.getLogger("mangping.api.worker")


async def scan_redacted(make: Factory, body: Mapping[str, Any]) -> None:
    message = ScanRedacted.model_validate(body)
    with about(job_id=message.job_id):
        await make.redaction_jobs().record(message)
        _log.info("redaction_job.recorded")


def fee_answer(kind: type[Answer]) -> Callable[[Factory, Mapping[str, Any]], Awaitable[None]]:
    async def consume(make: Factory, body: Mapping[str, Any]) -> None:
        message = kind.model_validate(body)
        with about(order_id=message.order_id):
            await make.charges().hear(message)
            _log.info("charge.heard")

    return consume


_ANSWERS: tuple[type[Answer], ...] = (
    FeeIssued, FeeRefused, FeeNotified, FeeSettled, FeeExpired, FeeRefunded, FeeCancelled
)  # fmt: skip
CONSUMES: dict[type[Message], Callable[[Factory, Mapping[str, Any]], Awaitable[None]]] = {
    ScanRedacted: scan_redacted,
    **{kind: fee_answer(kind) for kind in _ANSWERS},
}


# What this service says to itself, out of the outbox without any queue.
HEARD: dict[type[Message], Callable[[Factory], Awaitable[object]]] = {
    ApplicationEvent: lambda make: make.telling().hear(),
}


async def run(context: Context, stop: asyncio.Event) -> None:
    """Until `stop`. Several of these may run side by side."""
    make, s = Factory(context), context.settings
    await context.check_schema()
    handlers: dict[str, Handler] = {kind.__name__: partial(consume, make) for kind, consume in CONSUMES.items()}
    async with asyncio.TaskGroup() as group:
        timing = {"idle": s.relay_idle_seconds, "hold": s.relay_hold_seconds}
        turn = partial(turns.turn, ahead=s.scans_ahead)
        group.create_task(relay(context.db, ledger, context.queue, context.now, stop=stop, turn=turn, **timing))
        group.create_task(every(s.sweep_seconds, "deadlines", make.deadlines().sweep, stop))
        group.create_task(every(s.sweep_seconds, "lapses", make.lapses().sweep, stop))
        for name, round_ in (
            ("notifications", make.telling().sweep),
            ("reminders", make.telling().remind), ("webhooks", make.webhooks().sweep),
            ("old webhooks", make.webhooks().forget),
        ):  # fmt: skip
            group.create_task(every(s.sweep_seconds, name, round_, stop))
        for kind, hear in HEARD.items():
            group.create_task(every(s.relay_idle_seconds, kind.__name__, partial(hear, make), stop))
        group.create_task(every(s.sweep_seconds, "charges", make.charges().sweep, stop))
        group.create_task(every(s.duplicates_seconds, "duplicates", make.duplicates().sweep, stop))
        group.create_task(every(s.sweep_seconds, "erasure", make.erasure().sweep, stop))
        group.create_task(serve(s.valkey_url, QUEUES[ScanRedacted], handlers, stop=stop, at_once=4, patience=60))
        _log.info("worker.ready")


async def _main() -> None:
    stop = told_to_end()
    context = Context.open(settings(), name="mangping-api-worker")
    try:
        await run(context, stop)
    finally:
        await context.close()


if __name__ == "__main__":
    logs.to_stderr()
    asyncio.run(_main())
