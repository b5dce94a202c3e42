"""`python -m mangping_fees.worker`: relay, the api's orders, half-done steps, deliveries, due dates, books, finance."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import uvloop
from mangping import logs
from mangping.contracts import QUEUES, FeeCancel, FeeOrder, Message
from mangping.ending import told_to_end
from mangping.logs import about
from mangping.queue import Handler, serve
from mangping.relay import relay
from mangping.rounds import every

from mangping_fees.gateways.confirmations import ConfirmationServer
from mangping_fees.settings import settings
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory, door, profile

_log = logging.getLogger("mangping.fees.worker")


async def fee_order(make: Factory, body: Mapping[str, Any]) -> None:
    message = FeeOrder.model_validate(body)
    with about(order_id=message.order_id):
        await make.orders().take(message)
        _log.info("order.taken")


async def fee_cancel(make: Factory, body: Mapping[str, Any]) -> None:
    message = FeeCancel.model_validate(body)
    with about(order_id=message.order_id):
        await make.orders().cancel(message)
        _log.info("order.cancelled")


CONSUMES: dict[type[Message], Callable[[Factory, Mapping[str, Any]], Awaitable[None]]] = {
    FeeOrder: fee_order,
    FeeCancel: fee_cancel,
}


def rounds(make: Factory) -> dict[str, Callable[[], Awaitable[object]]]:
    """Each is safe to run at any time, in any number of workers."""
    return {
        "steps": make.steps().sweep,
        "expiry": make.expiry().sweep,
        "dating": make.deliveries().date,
        "deliveries": make.deliveries().sweep,
        "statements": make.statements().sweep,
        "reconciliation": make.reconciliation().sweep,
        "receipts": make.receipts().reconcile,
        "keys": make.once().forget,
        "webhooks": make.webhooks().sweep,
        "old webhooks": make.webhooks().forget,
    }


async def run(context: Context, stop: asyncio.Event) -> None:
    """Until `stop`. Several of these may run side by side; only one of them can listen on a given port."""
    make, s = Factory(context), context.settings
    await context.check_schema()
    handlers: dict[str, Handler] = {kind.__name__: partial(consume, make) for kind, consume in CONSUMES.items()}
    async with asyncio.TaskGroup() as group:
        idle, hold = s.relay_idle_seconds, s.relay_hold_seconds
        group.create_task(relay(context.db, ledger, context.queue, context.now, stop=stop, idle=idle, hold=hold))
        for name, round_ in rounds(make).items():
            group.create_task(every(s.sweep_seconds, name, round_, stop))
        group.create_task(serve(s.valkey_url, QUEUES[FeeOrder], handlers, stop=stop, at_once=4, patience=60))
        group.create_task(_listen(make, stop))
        _log.info("worker.ready")


async def _listen(make: Factory, stop: asyncio.Event) -> None:
    """Hear the confirmations of every finance system that pushes them over a socket."""
    servers = []
    for line in make.context.settings.gateways:
        if line.listen is not None:
            host, _, port = line.listen.rpartition(":")
            server = ConfirmationServer(profile(line), make.settlement(), make.context.now, _refused, tls=door(line))
            await server.start(host.strip("[]"), int(port))
            servers.append(server)
    await stop.wait()
    for server in servers:
        await server.stop()


def _refused(reason: str) -> None:
    _log.warning("confirmation.refused", extra={"facts": {"reason": reason}})


async def _main() -> None:
    stop = told_to_end()
    context = Context.open(settings(), name="mangping-fees-worker")
    try:
        await run(context, stop)
    finally:
        await context.close()


if __name__ == "__main__":
    logs.to_stderr()
    uvloop.run(_main())
