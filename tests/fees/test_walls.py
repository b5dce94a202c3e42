"""The outer walls: bills on their way while they are taken back, years without a calendar, secrets, TLS, couriers."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mangping import clock as clocks
from mangping.clock import BEIJING, Unscheduled, national
from mangping.webhooks.signature import Secret, sign
from mangping_fees.domain import tariff as tariffs
from mangping_fees.domain.delivery import Way
from mangping_fees.domain.notice import Act, State
from mangping_fees.gateways.base import BillOrder, BillRef, Declined, IssuedCode, Unknown
from mangping_fees.gateways.nontax import NonTax
from mangping_fees.gateways.webhook_events import write_event
from mangping_fees.main import build
from mangping_fees.settings import FinanceLine
from mangping_fees.storage import notices
from mangping_fees.wiring import Context, Factory, disbelieved, door, profile

from deploy.simulators.sms.process import Sms
from tests.conftest import Env
from tests.fees.bank import Bank, Clock, kinds, notice_of, ordered, steps
from tests.fees.conftest import settings_of


class SlowBank(Bank):
    """The push is heard only after the one who sent it has given up and asked."""

    held: BillOrder | None = None

    async def issue(self, order: BillOrder) -> IssuedCode | Declined | Unknown:
        if self.held is None:
            self.held = order
            return Unknown("timeout")
        return await super().issue(order)


async def test_a_bill_still_on_its_way_is_void_before_it_arrives(fees: Context, clock: Clock) -> None:
    bank = SlowBank()
    slow = replace(fees, gateways={"": bank})
    order = await ordered(slow)
    await Factory(slow).steps().sweep()
    notice = await notice_of(slow, order)
    async with slow.db.begin() as tx:
        await Factory(slow).notices().act(tx, notice.id, Act.VOID, "client:cashier", None)
    await steps(slow, clock, 2)
    assert (await notice_of(slow, order)).state is State.VOIDED
    assert bank.held is not None
    arrived = await bank.issue(bank.held)  # the push, at last
    assert (arrived, bank.bills) == (Declined("18000"), {})


async def test_an_end_that_nobody_can_count_yet_is_a_work_item_and_counted_later(
    fees: Context, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, counted = {2024}, clocks.after_days

    def count(started_at: datetime, *arguments: object, **more: object) -> object:
        if started_at.year not in published:
            raise Unscheduled(started_at.year)
        return counted(datetime(2024, 9, 10, 9, tzinfo=BEIJING), *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(tariffs, "after_days", count)
    order = await ordered(fees)
    await steps(fees, clock, 2)
    clock.at = datetime(2031, 9, 10, 9, tzinfo=BEIJING)
    make, issued = Factory(fees), await notice_of(fees, order)
    received = await make.deliveries().opened(issued.id, "sub:someone")
    assert (received.state, received.received_at, received.due_at) == (State.NOTIFIED, clock.at, None)
    assert received.due_trace == ("2031年放假安排尚未公布，公布后计算截止时刻",)
    async with fees.db.begin() as tx:
        listed = await notices.newest(
            tx, after=None, limit=9, applicant=None, state=None, application=None, undated=True
        )
    assert [one.id for one in listed] == [issued.id]
    await make.deliveries().date()
    assert (await kinds(fees, order)).count("FeeNotified") == 0
    published.add(2031)
    await make.deliveries().date()
    dated = await notice_of(fees, order)
    assert (dated.state, dated.due_at) == (State.NOTIFIED, datetime(2024, 9, 14, tzinfo=BEIJING))
    assert (await kinds(fees, order)).count("FeeNotified") == 1
    assert await make.deliveries().date() == 0


def test_a_printed_end_stands_whatever_the_calendar_says() -> None:
    last = date(2031, 10, 24)
    with pytest.raises(Unscheduled):
        national().named(last, "CN")
    ends = tariffs.Due("BZ-07", last_day=last).deadline(datetime(2031, 10, 1, tzinfo=BEIJING), "CN-XJ")
    assert ends.end == datetime(2031, 10, 25, tzinfo=BEIJING)


async def test_the_secret_of_one_region_says_nothing_of_anothers_money(
    fees_env: Env, fees: Context, bank: Bank, clock: Clock
) -> None:
    clock.at = datetime(2024, 9, 10, 9, tzinfo=BEIJING)
    own, other = ("whsec_" + text for text in ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4"))
    settings = settings_of(fees_env, webhook_secrets=f'{{"450300": ["{own}"], "652800": ["{other}"]}}')
    app = build(settings, context=replace(fees, settings=settings))
    order = await ordered(fees)
    await steps(fees, clock, 2)
    word = bank.pay(await notice_of(fees, order), event_id=f"msg_{uuid4().hex}")
    body, answers = write_event(word), []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fees") as client,
    ):
        for secret in (other, own):
            headers = sign([Secret.read(secret)], word.event_id, clock(), body)
            answers.append((await client.post("/v1/gateway-events", content=body, headers=headers)).status_code)
    assert (answers, (await notice_of(fees, order)).state) == ([401, 204], State.PAID)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed for 127.0.0.1, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, local = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(local, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    unlocked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + unlocked)
    return file


async def test_a_finance_line_speaks_tls_and_knows_the_form_of_its_codes(certificate: Path) -> None:
    def line(port: int, ca_file: str | None) -> FinanceLine:
        return FinanceLine.model_validate({
            "region_code": "450300", "host": "127.0.0.1", "port": port, "token": "t", "source": "F", "target": "K",
            "pay_code": r"\d{20}", "wait_s": 5, "tls": True, "ca_file": ca_file, "certificate": str(certificate),
        })  # fmt: skip

    heard: list[int] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(len(await reader.read(8)))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=door(line(0, None)))
    port = server.sockets[0].getsockname()[1]
    bill = BillRef("450300", 2024, "1", None)
    reasons: list[str] = []
    for known in (str(certificate), None):
        answer = await NonTax(profile(line(port, known)), lambda: datetime.now(UTC), reasons.append).query(bill)
        assert isinstance(answer, Unknown)
    server.close()
    assert (reasons, heard) == (["no_answer", "unreachable"], [8])
    assert profile(line(port, None)).pay_code.pattern == r"\d{20}"
    assert door(line(0, str(certificate))) is not None


def test_what_is_not_believed_of_a_gateway_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    disbelieved("bad_mac")
    assert [record.getMessage() for record in caplog.records] == ["gateway.disbelieved"]


@pytest.fixture(scope="module")
def sms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sms]:
    provider = Sms.start(tmp_path_factory.mktemp("sms"))
    try:
        yield provider
    finally:
        provider.stop()


async def test_the_courier_hands_over_once_a_key(fees_env: Env, sms: Sms) -> None:
    context = Context.open(settings_of(fees_env, courier_url=sms.url, courier_token="local-sms-token"), name="tests")
    send: Callable[..., object] = context.courier.send
    key, other = uuid4(), uuid4()
    told = [type(await send(one, Way.SMS, "13800000000", "您的缴款通知书已开具")).__name__ for one in (key, key)]  # type: ignore[misc]
    sms.switch(drop_answers=1)
    told += [type(await send(other, Way.EMAIL, "someone@example.com", "同上")).__name__ for _ in range(2)]  # type: ignore[misc]
    sms.switch(refuse=True)
    told.append(type(await send(uuid4(), Way.SMS, "13800000001", "同上")).__name__)  # type: ignore[misc]
    await context.close()
    assert told == ["Accepted", "Accepted", "Unclear", "Accepted", "Undeliverable"]
    assert [(one["key"], one["channel"]) for one in sms.messages()] == [(str(other), "email"), (str(key), "sms")]
