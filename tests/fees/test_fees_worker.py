"""The worker as a real process between the real queue, the real database and a bank that speaks its own protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from mangping.clock import BEIJING
from mangping.contracts import QUEUES, FeeOrder, SealedPayer
from mangping.queue import Queue
from mangping_fees.domain.notice import State
from mangping_fees.wiring import Context, Factory

from deploy.local.servers import free_port
from deploy.simulators.bank.process import Bank
from tests.conftest import Env, sql
from tests.fees.bank import GL, line, upload
from tests.fees.conftest import rehearsed, settings_of
from tests.processes import running, wait_for

NOON = datetime(2024, 9, 10, 12, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def listen() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def finance(tmp_path_factory: pytest.TempPathFactory, listen: str) -> Iterator[Bank]:
    bank = Bank.start(tmp_path_factory.mktemp("bank"), token="invented-token", confirm_to=listen)
    try:
        bank.set_now(NOON)
        yield bank
    finally:
        bank.stop()


@pytest.fixture(scope="module")
def worker_env(fees_env: Env, finance: Bank, listen: str, tmp_path_factory: pytest.TempPathFactory) -> Env:
    host, port = finance.socket
    line = f'{{"region_code": "450300", "host": "{host}", "port": {port}, "token": "invented-token", '
    line += f'"source": "F450300", "target": "K450300", "listen": "{listen}"}}'
    clock = rehearsed(tmp_path_factory.mktemp("clock") / "clock", NOON)
    return {
        **fees_env, "MANGPING_FEES_GATEWAYS": f"[{line}]", "MANGPING_FEES_REHEARSAL_CLOCK": clock,
        "MANGPING_FEES_SWEEP_SECONDS": "0.2", "MANGPING_FEES_BACKOFF_SECONDS": "0.2",
    }  # fmt: skip


async def test_from_the_order_to_the_receipt_over_sockets(worker_env: Env, finance: Bank) -> None:
    context = Context.open(settings_of(worker_env), name="tests")
    queue, make, payer = Queue(worker_env["VALKEY_URL"]), Factory(context), uuid4()
    await context.vault.put_new(payer, SealedPayer(name="测试甲", mobile="13800000000").model_dump_json().encode())
    good, bad = (
        FeeOrder(
            order_id=uuid4(), programme=programme, region="CN", lines=(line(),), payer=payer, applicant="sub:x",
            accepted_at=NOON,
        )
        for programme in (GL, "korla-primary-2024")
    )  # fmt: skip
    url = worker_env["DATABASE_URL"]

    def standing() -> str | None:
        return str(sql(url, f"select max(state) from fees.notices where order_id = '{good.order_id}'"))

    with running(("-m", "mangping_fees.worker"), worker_env):
        for order in (good, bad):
            for _ in range(2):  # the queue may deliver twice
                await queue.send(QUEUES[FeeOrder], "FeeOrder", order.model_dump(mode="json"), uuid4())
        wait_for(lambda: standing() == "issued", "the pay code")
        [notice] = await make.notices().newest(after=None, limit=9, application=good.lines[0].application_id)
        assert [bill["pay_code"] for bill in finance.bills()] == [notice.pay_code]
        opened = await make.deliveries().opened(notice.id, "sub:x")
        assert opened.due_at == datetime(2024, 9, 14, tzinfo=BEIJING)

        finance.pay(notice.pay_code or "", "qr")
        wait_for(lambda: standing() == "paid", "the confirmation")
        for source in ("finance", "agent"):
            await upload(context, finance.file(source, date(2024, 9, 10)).encode())
        wait_for(lambda: standing() == "receipted", "the receipt")
        wait_for(lambda: sql(url, "select count(*) from fees.outbox") == 0, "the api's messages to leave")

    whole = await make.notices().find(notice.id)
    assert (whole.notice.state, len(whole.payments)) == (State.RECEIPTED, 1)
    assert b"".join([part async for part in await make.receipts().open(notice.id)])[:4] == b"%PDF"
    assert await make.notices().newest(after=None, limit=9, application=bad.lines[0].application_id) == []
    assert (await make.notices().books()).whole
    await queue.close()
    await context.close()


def test_tariffs_can_come_from_a_folder_and_a_bad_one_stops_the_start(fees_env: Env, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("programme: p\ncolour: red\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"p\.yaml: tariff: unknown \['colour'\]"):
        Context.open(settings_of(fees_env, tariff_folder=str(tmp_path)), name="tests")
