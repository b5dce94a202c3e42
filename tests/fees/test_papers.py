"""The notice on paper and the report of a day: what they say, and the same bytes every time."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import openpyxl
import pypdfium2
import pytest
import zxingcpp
from mangping_fees.domain.delivery import Purpose, words
from mangping_fees.domain.notice import State
from mangping_fees.main import build
from mangping_fees.wiring import Context, Factory

from tests.conftest import Env
from tests.fees.bank import BZ, Bank, Clock, line, notice_of, ordered, statement, steps, upload
from tests.fees.conftest import settings_of


@pytest.fixture
async def door(fees_env: Env, fees: Context) -> AsyncIterator[httpx.AsyncClient]:
    app = build(settings_of(fees_env), context=fees)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fees") as client,
    ):
        yield client


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in document))


def codes_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [found.text for page in document for found in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]


async def test_a_notice_says_all_that_it_must_and_its_code_leads_to_the_pay_page(fees: Context, clock: Clock) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    papers = Factory(fees).papers()
    notice = await notice_of(fees, order)
    before = await papers.notice(notice.id)
    assert "收到本通知之日的次日起3日内" in text_of(before)
    await Factory(fees).deliveries().opened(notice.id, "sub:someone")
    pdf = await papers.notice(notice.id)
    assert pdf == await papers.notice(notice.id)
    assert notice.pay_code is not None
    said = text_of(pdf)
    for word in (
        "非税收入缴款通知书", notice.bill_no, notice.pay_code, "桂林市职称评审收费单位", "测试甲", "138****0000", "￥380.00",
        "叁佰捌拾元整", "2024年9月13日（星期五）24:00", "桂价费字〔2006〕359号", "当日不计，第3日为2024年9月13日",
        "逾期不缴款者视为放弃本次职称申报",
    ):  # fmt: skip
        assert word in said, word
    assert "13800000000" not in said
    assert codes_of(pdf) == [notice.pay_url]


async def test_a_paid_notice_invites_nobody_to_pay_again(fees: Context, bank: Bank, clock: Clock) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    notice = await notice_of(fees, order)
    await Factory(fees).settlement().take(bank.pay(notice))
    pdf = await Factory(fees).papers().notice(notice.id)
    assert ("已缴款" in text_of(pdf), codes_of(pdf)) == (True, [])


async def test_a_roster_is_one_bill_with_a_quantity_a_charge(fees: Context, clock: Clock) -> None:
    clock.forward(days=40)
    lines = [line(level="中级"), line(level="中级"), line(level="初级")]
    order = await ordered(fees, programme=BZ, lines=lines)
    await steps(fees, clock, 2)
    said = text_of(await Factory(fees).papers().notice((await notice_of(fees, order)).id))
    for word in ("380.00760.00", "220.00220.00", "合计（3人）980.00", "玖佰捌拾元整", "2024年10月24日（星期四）24:00"):
        assert word in said, word


async def test_a_notice_is_given_to_its_applicant_and_to_cashiers_only(
    door: httpx.AsyncClient, token: Callable[..., str], fees: Context, clock: Clock
) -> None:
    order = await ordered(fees)
    first = await notice_of(fees, order)

    async def get(subject: str, scope: str, path: str) -> httpx.Response:
        bearer = token(subject, scope, client_id="", azp="")
        return await door.get(path, headers={"Authorization": f"Bearer {bearer}"})

    early = await get("someone", "fees:own", f"/v1/my/notices/{first.id}/pdf")
    assert (early.status_code, early.json()["code"]) == (409, "notice.not_issued")
    await steps(fees, clock, 2)
    mine, qr, other, cashier = [
        await get(*asked)
        for asked in (
            ("someone", "fees:own", f"/v1/my/notices/{first.id}/pdf"),
            ("someone", "fees:own", f"/v1/my/notices/{first.id}/qr"),
            ("another", "fees:own", f"/v1/my/notices/{first.id}/pdf"),
            ("clerk", "fees:read", f"/v1/notices/{first.id}/pdf"),
        )
    ]
    assert (mine.status_code, mine.headers["content-type"], mine.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert (qr.status_code, qr.headers["content-type"], qr.text[:4]) == (200, "image/svg+xml", "<svg")
    assert (other.status_code, cashier.content) == (404, mine.content)
    assert (await notice_of(fees, order)).state is State.ISSUED  # looking starts no clock


def test_a_message_ends_at_24_of_the_last_day_with_the_words_of_its_notice(clock: Clock) -> None:
    due = clock.at.replace(day=14, hour=0)
    told = words(Purpose.ISSUED, "380.00", "http://pay.example/1", due, "逾期不予受理")
    assert (
        told
        == "您的职称评审缴款通知书已开具，金额380.00元，请于9月13日24:00前缴款，逾期不予受理。缴款：http://pay.example/1"
    )
    assert words(Purpose.ISSUED, "1.00", "u", due.replace(hour=18), "").endswith("请于9月14日18:00前缴款。缴款：u")


async def test_the_report_of_a_day_is_a_page_and_a_table(
    door: httpx.AsyncClient, token: Callable[..., str], fees: Context, bank: Bank, clock: Clock
) -> None:
    clock.forward(days=1)
    make, paid = Factory(fees), []
    for _ in range(3):
        order = await ordered(fees)
        await steps(fees, clock, 2)
        paid.append(bank.pay(await notice_of(fees, order), paid_at=clock.at))
        await make.settlement().take(paid[-1])
    await upload(fees, statement("finance", "2024-09-11", paid))
    await upload(fees, statement("agent", "2024-09-11", paid[:2]))
    await steps(fees, clock)
    [run] = [run for run in await make.reconciliation().runs(day=None, limit=9) if run.verdicts["match"] == 2]
    headers = {"Authorization": f"Bearer {token('clerk', 'fees:read fees:cashier')}"}
    where = f"/v1/reconciliations/{run.id}/report"
    page, table = await door.get(where, headers=headers), await door.get(f"{where}.xlsx", headers=headers)
    assert page.text == (await door.get(where, headers=headers)).text
    assert table.content == (await door.get(f"{where}.xlsx", headers=headers)).content
    said = re.sub(r"<[^>]+>|\s+", " ", page.text)
    for word in ("2024-09-11 三方对账", "有 1 项差异待处理", paid[2].bank_trans_no, "对方无记录", "1140.00", "760.00"):
        assert word in said, word
    assert "script" not in page.text
    book = openpyxl.load_workbook(io.BytesIO(table.content))
    sheet: Any = book["差异"]
    assert [cell.value for cell in sheet[3]][:6] == [
        paid[2].bank_trans_no, "对方无记录", paid[2].pay_code, 380, 380, ""
    ]  # fmt: skip
    assert [[cell.value for cell in row] for row in book["合计"].iter_rows(min_row=3)] == [
        ["我方账", 3, 1140], ["财政文件", 3, 1140], ["代收银行文件", 2, 760],
    ]  # fmt: skip
    done = f"/v1/reconciliations/{run.id}/differences/{paid[2].bank_trans_no}/resolve"
    assert (await door.post(done, json={"resolution": "next_day"}, headers=headers)).status_code == 204
    assert "1 项差异均已处理" in (await door.get(where, headers=headers)).text
    unknown = await door.get("/v1/reconciliations/0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d/report", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "reconciliation.unknown")
