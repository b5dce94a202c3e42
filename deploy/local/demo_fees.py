"""The part of `make demo` where money moves: one applicant pays by QR in time, one lapses after three days, a unit pays for
its list; the day is reconciled. The applications are put before it as the review leaves them: accepted."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import httpx
import pypdfium2
from mangping.clock import BEIJING
from mangping.rehearsal import set_to
from mangping_api.domain.access import Grant, Role
from mangping_api.domain.person import Person
from mangping_api.settings import Settings
from mangping_api.storage import applications, people
from mangping_api.wiring import Context
from markupsafe import Markup

from deploy.local.accepted import School
from deploy.local.fees import settings as fees_settings
from deploy.local.processes import ServiceFailed, Services
from deploy.local.stack import Stack
from deploy.local.templates import template
from deploy.simulators.sms.process import Sms

_PACKS = Path(__file__).resolve().parents[2] / "services/api/policy"
GUILIN, BAZHOU = "guilin-vice-senior-2024", "bazhou-technical-2024"
UNITS = {GUILIN: "桂林市测试中学", BAZHOU: "巴州测试技工学校"}
NOTIFIED = datetime(2024, 9, 10, 10, tzinfo=BEIJING)  # a Tuesday: three days end at 24:00 of Friday the 13th
LAPSED = datetime(2024, 9, 15, 9, tzinfo=BEIJING)
ROSTER = datetime(2024, 10, 18, 10, tzinfo=BEIJING)
ROSTER_CLOSED = datetime(2024, 10, 19, 9, tzinfo=BEIJING)
_PATIENCE_S = 180.0


@dataclass(frozen=True)
class Step:
    """One line of the report: when (by the clock of the play), who, and what happened."""

    at: str
    who: str
    what: str


@dataclass(frozen=True)
class Played:
    """What the report shows. Paths are relative to it."""

    steps: list[Step]
    pictures: list[tuple[str, str]]  # (title, picture)
    files: list[tuple[str, str]]  # (title, file)
    whole: bool  # the books add up


@dataclass(frozen=True)
class Payer:
    """Somebody whose application is accepted: the token's subject, and the application."""

    subject: str
    application: UUID


def play(stack: Stack, api_url: str, folder: Path, out: Path) -> Played:
    """Starts the fees service, a bank and an SMS provider beside the running api, and stops them; `folder` holds the clock
    of them all. ServiceFailed when something does not come about in time."""
    clock, shown = folder / "clock", out / "fees"
    shown.mkdir(parents=True, exist_ok=True)
    set_to(clock, NOTIFIED)
    env = stack.env | fees_settings(folder, {})
    reports = f"http://{env['MANGPING_FEES_BIND']}/v1/delivery-reports"
    with Sms.start(folder / "sms", report_url=reports, report_token=stack.token("sms", "fees:deliver")) as sms:
        env |= {
            "MANGPING_FEES_COURIER_URL": sms.url, "MANGPING_FEES_COURIER_TOKEN": "local-sms-token",
            "MANGPING_FEES_REHEARSAL_CLOCK": str(clock), "MANGPING_FEES_BACKOFF_SECONDS": "0.05",
        }  # fmt: skip
        with Services(env, out / "logs") as services:
            fees_url = services.start_fees()
            return _Play(stack, services, api_url, fees_url, clock, shown).all()


def told(played: Played) -> Markup:
    """The part of the report."""
    return Markup(template("report_fees.html.j2").render(fees=played))


class _Play:
    def __init__(self, stack: Stack, services: Services, api_url: str, fees_url: str, clock: Path, shown: Path) -> None:
        self.stack, self.services, self.clock, self.shown = stack, services, clock, shown
        self.api_url, self.fees_url = api_url, fees_url
        self.bank_url = f"http://{services.env['BANK_HTTP']}"
        self.steps: list[Step] = []
        self.now = NOTIFIED

    def all(self) -> Played:
        self._time(NOTIFIED)
        self._told("系统", "两份桂林副高级申报材料审核通过，应缴评审费各380.00元")
        in_time, too_late = asyncio.run(_accepted(self.stack, GUILIN, 2))
        notice = self._paid_by_qr(in_time)
        self._lapses(in_time, too_late, notice)
        run = self._roster()
        books = self._fees("cashier", "fees:read").get("/v1/books").json()
        report = f"/v1/reconciliations/{run}/report"
        self._save(report, "reconciliation.html", "cashier", "fees:read")
        self._save(f"{report}.xlsx", "reconciliation.xlsx", "cashier", "fees:read")
        pictures = [
            ("缴款通知书", self._picture("notice")), ("财政电子票据", self._picture("receipt")),
            ("花名册缴款通知书", self._picture("roster-notice")),
        ]  # fmt: skip
        files = [
            ("对账报告（网页）", "fees/reconciliation.html"), ("对账报告（电子表格）", "fees/reconciliation.xlsx"),
            ("缴款通知书（PDF）", "fees/notice.pdf"), ("财政电子票据（PDF）", "fees/receipt.pdf"),
        ]  # fmt: skip
        return Played(self.steps, pictures, files, books["whole"])

    def _paid_by_qr(self, payer: Payer) -> dict[str, Any]:
        """Told by SMS, read, paid on the page behind the QR code."""
        notice = self._notice(payer.subject, "notified")
        end = datetime.fromisoformat(notice["due_at"]).astimezone(BEIJING) - timedelta(seconds=1)
        self._told("短信", f"缴款通知送达，三日期限起算：{end:%m月%d日}24:00截止")
        self._save(f"/v1/my/notices/{notice['id']}/pdf", "notice.pdf", payer.subject, "fees:own")
        self._time(NOTIFIED + timedelta(days=1))
        with httpx.Client(trust_env=False, timeout=30) as phone:
            phone.get(notice["pay_url"]).raise_for_status()
            phone.post(notice["pay_url"], data={"act": "pay"}).raise_for_status()
        self._told("申报人甲", "扫二维码，一次交清380.00元")
        self._until(lambda: self._state(payer.subject) == "paid", "the payment to be heard of")
        self._until(lambda: self._charge(payer)["state"] == "paid", "the api to hear of it")
        self._told("系统", "收到缴款确认，申报进入下一环节")
        return notice

    def _lapses(self, in_time: Payer, too_late: Payer, notice: dict[str, Any]) -> None:
        """Time goes on; the books of every day come in; who did not pay is abandoned."""
        self._until(lambda: self._state(too_late.subject) == "notified", "the second notice")
        self._time(LAPSED)
        self._told("系统", "三日已过，申报人乙未缴款；等候对账")
        for days in range(5):
            self._books("450300", date(2024, 9, 10) + timedelta(days=days))
        self._told("出纳", "上传9月10日至14日的财政文件和代收银行文件，逐日对账")
        self._until(lambda: self._state(too_late.subject) == "expired", "the notice to expire")
        self._until(lambda: self._stands(too_late) == "abandoned", "the application to be abandoned")
        self._told("系统", "对账未见申报人乙的款项：通知书到期，视为放弃本次职称申报")
        self._until(lambda: self._state(in_time.subject) == "receipted", "the receipt")
        self._save(f"/v1/my/notices/{notice['id']}/receipt", "receipt.pdf", in_time.subject, "fees:own")
        self._told("系统", "三方账目一致，为申报人甲开具财政电子票据")

    def _roster(self) -> str:
        """A unit pays for its list as one bill. The id of that day's reconciliation."""
        self._time(ROSTER)
        people_ = asyncio.run(_accepted(self.stack, BAZHOU, 3))
        unit, programme, officer = asyncio.run(_unit_of(self.stack, people_[0]))
        body = {"programme": str(programme), "applications": [str(one.application) for one in people_]}
        made = self._api(officer).post(f"/v1/organisations/{unit}/rosters", json=body).raise_for_status().json()
        self._told("学校人事", f"按花名册为{len(people_)}人缴费，合计{made['amount_fen'] / 100:.2f}元，一张通知书")
        notice = self._notice(officer, "notified")
        self._save(f"/v1/my/notices/{notice['id']}/pdf", "roster-notice.pdf", officer, "fees:own")
        self._bank("POST", "pay", {"pay_code": notice["pay_code"], "channel": "counter"})
        self._until(lambda: self._state(officer) == "paid", "the list to be paid")
        self._told("学校人事", "在银行柜面一次交清")
        self._time(ROSTER_CLOSED)
        self._books("652800", ROSTER.date())
        self._until(lambda: self._state(officer) == "receipted", "the list's receipt")
        self._told("系统", "对账一致，开具票据；花名册上每一份申报都已缴费")
        [run] = (
            self._fees("cashier", "fees:read")
            .get("/v1/reconciliations", params={"day": str(ROSTER.date())})
            .json()["items"]
        )
        return str(run["id"])

    def _books(self, region: str, day: date) -> None:
        cashier = self._fees("cashier", "fees:cashier")
        for source in ("finance", "agent"):
            told = self._bank("GET", f"files/{source}/{day}?region={region}").content
            cashier.post("/v1/statements", content=told).raise_for_status()

    def _notice(self, subject: str, state: str) -> dict[str, Any]:
        self._until(lambda: self._state(subject) == state, f"a notice to be {state}")
        [told] = self._fees(subject, "fees:own").get("/v1/my/notices").json()["items"]
        return dict(told)

    def _state(self, subject: str) -> str:
        items = self._fees(subject, "fees:own").get("/v1/my/notices").raise_for_status().json()["items"]
        return items[0]["state"] if items else ""

    def _charge(self, payer: Payer) -> dict[str, Any]:
        return dict(self._api(payer.subject).get(f"/v1/applications/{payer.application}/charge").json())

    def _stands(self, payer: Payer) -> str:
        return str(self._api(payer.subject).get(f"/v1/applications/{payer.application}").json()["state"])

    def _api(self, subject: str) -> httpx.Client:
        return self._client(self.api_url, subject, "review:read review:write")

    def _fees(self, subject: str, scope: str) -> httpx.Client:
        return self._client(self.fees_url, subject, scope)

    def _client(self, url: str, subject: str, scope: str) -> httpx.Client:
        token = self.stack.token(subject, scope, client_id="", azp="")
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)

    def _bank(self, method: str, path: str, told: object = None) -> httpx.Response:
        key = self.services.env["BANK_CONTROL_KEY"]
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=self.bank_url, headers=headers, timeout=60, trust_env=False) as client:
            return client.request(method, f"/control/{path}", json=told).raise_for_status()

    def _save(self, path: str, name: str, subject: str, scope: str) -> None:
        (self.shown / name).write_bytes(self._fees(subject, scope).get(path).raise_for_status().content)

    def _picture(self, name: str) -> str:
        with pypdfium2.PdfDocument(self.shown / f"{name}.pdf") as document:
            document[0].render(scale=1.4).to_pil().save(self.shown / f"{name}.png")
        return f"fees/{name}.png"

    def _time(self, now: datetime) -> None:
        """The fees service and the bank believe that it is now."""
        self.now = now
        set_to(self.clock, now)
        self._bank("POST", "clock", {"now": now.isoformat()})

    def _told(self, who: str, what: str) -> None:
        self.steps.append(Step(f"{self.now:%m月%d日 %H:%M}", who, what))

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not happened():
            self.services.check()
            if time.monotonic() > end:
                raise ServiceFailed(f"waited in vain for {what}")
            time.sleep(0.3)


async def _accepted(stack: Stack, pack: str, count: int) -> list[Payer]:
    """So many accepted applications of one unit, with a personnel officer; what is owed for them is owed."""
    context, at = _context(stack), NOTIFIED
    try:
        async with context.db.begin() as tx:
            school = await School.found(tx, UNITS[pack], pack, at)
            officer = Person(uuid4(), f"sub:hr-{school.unit}", school.unit, name="测试人事", phone="13900000000")
            await people.add(tx, context.vault.keys, officer, at)
            await people.grant(tx, officer.id, Grant(Role.UNIT, school.unit), at)
            made = []
            for number in range(count):
                subject, name, phone = f"{pack}-{number}", f"测试申报人{'甲乙丙丁'[number]}", f"1380000000{number}"
                id = await school.accept(tx, context.vault.keys, subject, name, phone, kind=number)
                made.append(Payer(subject, id))
            return made
    finally:
        await context.close()


async def _unit_of(stack: Stack, payer: Payer) -> tuple[UUID, UUID, str]:
    """(unit, programme, the subject of its personnel officer)."""
    context = _context(stack)
    try:
        async with context.db.begin() as tx:
            found = await applications.find(tx, payer.application)
        assert found is not None
        return found.unit, found.programme, f"hr-{found.unit}"
    finally:
        await context.close()


def _context(stack: Stack) -> Context:
    with patch.dict(os.environ, stack.env):
        return Context.open(Settings(), name="demo")
