"""The api's orders become notices: one a (application, item, attempt), reserved before any gateway hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from mangping.clock import BEIJING, Now
from mangping.contracts import FeeCancel, FeeCancelled, FeeOrder, FeeRefused
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.money import total
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.notice import CREDITED, Act, Line, Notice, Role, State
from mangping_fees.domain.tariff import Tariff
from mangping_fees.services import refunds
from mangping_fees.services.telling import answer, retell, stream, tell
from mangping_fees.storage import notices as storage
from mangping_fees.storage.tariffs import Tariffs
from mangping_fees.tables import ledger


@dataclass(frozen=True, slots=True)
class Orders:
    db: AsyncEngine
    now: Now
    tariffs: Tariffs

    async def take(self, order: FeeOrder) -> None:
        """Placed once, told of as often as it is sent. What cannot be billed is answered with FeeRefused; an officer must
        look, and when the cause is gone the same order, sent again, goes through."""
        async with self.db.begin() as tx:
            at = self.now()
            await storage.lock_applications(tx, (order.order_id,))
            new = await ledger.receive(tx, "api", str(order.order_id), at=at)
            if not new and (notice := await storage.of_order(tx, order.order_id)) is not None:
                await retell(tx, notice, at)
                return
            try:
                async with tx.begin_nested():
                    if await ledger.received(tx, "api", _cancelling(order.order_id)):
                        raise Refused("fee.cancelled", "该申报已取消资格或无效，不再收费。", "无需办理。", status=409)
                    await self._place(tx, order, at)
            except Refused as refusal:
                refused = FeeRefused(order_id=order.order_id, applications=_applications(order), code=refusal.code)
                await tell(tx, refused, at)
                if new:
                    facts, stream_ = {"code": refusal.code}, f"order:{order.order_id}"
                    await ledger.record(tx, stream_, "order.refused", actor="fees", at=at, facts=facts)
        crash_at("order.committed")

    async def cancel(self, asked: FeeCancel) -> None:
        """What is not paid is taken back; money that was first is put up for refund, which two people then decide on.
        Whatever comes first, order or cancelling, nothing is charged in the end."""
        async with self.db.begin() as tx:
            at = self.now()
            await storage.lock_applications(tx, (asked.order_id,))
            await ledger.receive(tx, "api", _cancelling(asked.order_id), at=at)
            found = await storage.of_order(tx, asked.order_id)
            notice = await storage.find(tx, found.id, lock=True) if found else None
            paid = notice is not None and notice.state in CREDITED
            if notice is not None and table.MACHINE.may(notice.state, Act.VOID):
                await self._void(tx, notice, at)
            elif notice is not None and paid and notice.state is not State.REFUNDED:
                await refunds.put_up(tx, notice, at)
            told = FeeCancelled(order_id=asked.order_id, outcome="refund" if paid else "withdrawn")
            await answer(tx, told, at)
        crash_at("cancel.committed")

    async def _void(self, tx: Tx, notice: Notice, at: datetime) -> None:
        """What the gateway declined ends here; of the rest it owes an answer."""
        step_at = None if notice.state is State.DECLINED else at
        voiding, event = table.act(notice, Act.VOID, Role.API, step_at=step_at)
        await storage.save(tx, voiding)
        await ledger.record(tx, stream(notice), event, actor="api", at=at)

    async def _place(self, tx: Tx, order: FeeOrder, at: datetime) -> None:
        tariff = self.tariffs.of(order.programme)
        lines = _charged(order, tariff, at)
        await storage.lock_applications(tx, _applications(order))
        claims = await storage.claims(tx, _applications(order))
        wanted = {(line.application_id, line.item, line.attempt) for line in lines}
        for application, item, attempt in wanted:
            if any(held >= attempt for (other, of, held) in claims if (other, of) == (application, item)):
                raise Refused(
                    "fee.attempt_taken",
                    "该申报的此次缴款已开具通知书。",
                    "请查看已有的通知书；确需重开的，以新的缴款次数下达。",
                    status=409,
                )
        asked = {(application, item) for application, item, _ in wanted}
        older = {claims[one] for one in claims if (one[0], one[1]) in asked}
        replaced = await self._take_back(tx, older, asked, at)
        await self._reserve(tx, order, tariff, lines, replaced, at)

    async def _take_back(self, tx: Tx, older: set[UUID], asked: set[tuple[UUID, str]], at: datetime) -> UUID | None:
        """Void what these lines had before. Paid money stays where it is: then nothing new may be charged."""
        open_one: UUID | None = None
        for id in sorted(older):
            held = await storage.find(tx, id, lock=True)
            assert held is not None
            if held.state in CREDITED:
                raise Refused(
                    "fee.already_paid", "该申报已缴款，不能重新开具通知书。", "缴款有误的，请先办理退付。", status=409
                )
            if {(line.application_id, line.item) for line in await storage.lines(tx, id)} - asked:
                raise Refused(
                    "fee.roster_split", "花名册须整体作废后重新开具。", "请把原花名册上的申报一并下达。", status=409
                )
            if table.MACHINE.may(held.state, Act.VOID):
                if open_one is not None:
                    raise Refused(
                        "fee.two_open", "存在多份未作废的通知书。", "请先作废多余的通知书，再重新下达。", status=409
                    )
                await self._void(tx, held, at)
                open_one = id
            elif held.state is State.VOIDING:
                open_one = id
            await storage.retire_lines(tx, id)
        return open_one

    async def _reserve(
        self, tx: Tx, order: FeeOrder, tariff: Tariff, lines: Sequence[Line], replaces: UUID | None, at: datetime
    ) -> None:
        serial = await storage.next_serial(tx)
        year = at.astimezone(BEIJING).year
        opens = tariff.due.opening()
        notice = Notice(
            id=uuid4(), order_id=order.order_id, programme=tariff.programme, region_code=tariff.payee.division,
            year=year, bill_no=f"{year}{serial:010d}", unit_code=tariff.payee.unit_code,
            unit_name=tariff.payee.unit_name, channels=tuple(sorted(tariff.channels)), state=State.DRAFT,
            amount_fen=total(line.amount_fen for line in lines), payer=order.payer, applicant=order.applicant,
            created_at=at, step_at=max(at, opens) if opens else at, replaces=replaces,
        )  # fmt: skip
        await storage.add(tx, notice, serial, lines)
        facts = {"amount_fen": notice.amount_fen, "lines": len(lines), "order": str(order.order_id)}
        await ledger.record(tx, stream(notice), "notice.ordered", actor="api", at=at, facts=facts)


def _charged(order: FeeOrder, tariff: Tariff, at: datetime) -> list[Line]:
    """Every line with its approved charge, or none at all."""
    if tariff.payer == "applicant" and len(order.lines) != 1:
        raise Refused("fee.no_roster", "该批次由申报人个人缴款，不支持花名册缴款。", "请逐份申报下达。", status=409)
    if len({(line.application_id, line.item) for line in order.lines}) != len(order.lines):
        raise Refused("fee.line_twice", "花名册中同一申报出现两次。", "请去掉重复的申报后重新下达。", status=409)
    if not tariff.due.relative and tariff.due.deadline(at, tariff.region).passed(at):
        raise Refused(
            "fee.window_closed", "该批次缴费时间已截止。", "逾期的按通知规定处理，不再开具通知书。", status=409
        )
    on = at.astimezone(BEIJING).date()
    found = []
    for line in order.lines:
        charge = tariff.standard(line.item, line.kind, line.level, on)
        found.append(
            Line(
                line.application_id, line.item, line.attempt, line.kind, line.level, charge.project_code, charge.name,
                charge.unit, charge.basis, charge.amount_fen,
            )
        )  # fmt: skip
    return found


def _cancelling(order_id: UUID) -> str:
    """The name under which the inbox knows that an order was called back."""
    return f"cancel:{order_id}"


def _applications(order: FeeOrder) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(line.application_id for line in order.lines))
