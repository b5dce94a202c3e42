"""One notice goes from order to receipt while its worker dies at every step on the way; the books are whole after."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from uuid import uuid4

import pytest
from mangping.clock import BEIJING
from mangping.contracts import QUEUES, FeeCancel, FeeOrder, SealedPayer
from mangping.faults import VARIABLE
from mangping.queue import Queue
from mangping_fees.domain.notice import State
from mangping_fees.wiring import Context, Factory

from deploy.local.servers import free_port
from deploy.simulators.bank.process import Bank
from tests.conftest import Env, sql
from tests.fees.bank import GL, line, upload
from tests.fees.conftest import rehearsed, settings_of
from tests.processes import running, wait_for

WORKER = ("-m", "mangping_fees.worker")
NOON = datetime(2024, 9, 10, 12, tzinfo=BEIJING)
ISSUING = ("order.committed", "issue.reserved", "issue.answered", "issue.recorded")
BOOKS = ("statement.spooled", "statement.taken", "reconciliation.heard", "reconciliation.closed")
RECEIPT = ("receipt.numbered", "receipt.sealed")
MIDNIGHT = ("midnight.heard", "midnight.settled")
RELAY = ("relay.claimed", "relay.pushed")


@pytest.fixture(scope="module")
def world(fees_env: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Env, Bank]]:
    listen = f"127.0.0.1:{free_port()}"
    bank = Bank.start(tmp_path_factory.mktemp("bank"), token="invented-token", confirm_to=listen)
    bank.set_now(NOON)
    host, port = bank.socket
    told = f'{{"region_code": "450300", "host": "{host}", "port": {port}, "token": "invented-token", '
    told += f'"source": "F450300", "target": "K450300", "listen": "{listen}"}}'
    env = {
        **fees_env, "MANGPING_FEES_GATEWAYS": f"[{told}]", "MANGPING_FEES_SWEEP_SECONDS": "0.1",
        "MANGPING_FEES_REHEARSAL_CLOCK": rehearsed(tmp_path_factory.mktemp("clock") / "clock", NOON),
        "MANGPING_FEES_BACKOFF_SECONDS": "0.1", "MANGPING_FEES_STEP_HOLD_SECONDS": "0.5",
        "MANGPING_FEES_RELAY_HOLD_SECONDS": "0.5",
    }  # fmt: skip
    try:
        yield env, bank
    finally:
        bank.stop()


def dies_at(step: str, env: Env) -> None:
    with running(WORKER, {**env, VARIABLE: step}) as process:
        wait_for(lambda: process.poll() is not None, f"the worker to die at {step}")
        assert process.returncode == 137, step


async def test_a_worker_that_dies_at_every_step_loses_nothing(world: tuple[Env, Bank]) -> None:
    env, bank = world
    context = Context.open(settings_of(env), name="tests")
    queue, make, payer, url = Queue(env["VALKEY_URL"]), Factory(context), uuid4(), env["DATABASE_URL"]
    await context.vault.put_new(payer, SealedPayer(name="测试甲", mobile="13800000000").model_dump_json().encode())
    order = FeeOrder(
        order_id=uuid4(), programme=GL, region="CN", lines=(line(),), payer=payer, applicant="sub:x", accepted_at=NOON
    )
    await queue.send(QUEUES[FeeOrder], "FeeOrder", order.model_dump(mode="json"), uuid4())
    for step in ISSUING:
        dies_at(step, env)
    [notice] = await make.notices().newest(after=None, limit=9)
    await make.deliveries().opened(notice.id, "sub:x")
    for step in RELAY:
        dies_at(step, env)
    bank.pay(notice.pay_code or "", "qr")
    dies_at("settlement.committed", env)
    for source in ("finance", "agent"):
        await upload(context, bank.file(source, date(2024, 9, 10)).encode())
    for step in (*BOOKS, *RECEIPT):
        dies_at(step, env)
    for source in ("finance", "agent"):
        await upload(context, bank.file(source, date(2024, 9, 11)).encode())
    for step in MIDNIGHT:
        dies_at(step, env)
    back = FeeCancel(order_id=order.order_id)  # called back after it was paid
    await queue.send(QUEUES[FeeCancel], "FeeCancel", back.model_dump(mode="json"), uuid4())
    dies_at("cancel.committed", env)
    with running(WORKER, env):
        wait_for(lambda: sql(url, "select state from fees.notices") == "receipted", "the receipt")
        wait_for(lambda: sql(url, "select count(*) from fees.outbox") == 0, "the messages to leave")
    whole, books = await make.notices().find(notice.id), await make.notices().books()
    assert (whole.notice.state, len(whole.payments), len(bank.bills())) == (State.RECEIPTED, 1, 1)
    assert (books.whole, books.bank, books.receipted, books.suspense) == (True, 38000, 38000, 0)
    assert len(bank.receipts()) == 1
    assert sql(url, "select count(*) from fees.refunds where requested_by = 'api'") == 1
    await queue.close()
    await context.close()


def test_the_steps_named_here_are_those_of_the_code() -> None:
    found = subprocess.run(
        ["grep", "-rhoE", r'crash_at\("[a-z.]+"\)', "services/fees/mangping_fees", "shared/mangping/relay.py"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    steps = {text.split('"')[1] for text in found.stdout.split()}
    assert steps - {*ISSUING, *RELAY, *BOOKS, *MIDNIGHT, *RECEIPT, "settlement.committed", "cancel.committed"} == {
        "expiry.queried",
        "expiry.committed",
    }
