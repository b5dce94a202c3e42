"""Notices that owe the gateway something: a pay code (draft), or being taken back (voiding).

First transaction: say that the gateway is being asked. Then the call, with none open. Second transaction: record what
came of it. Whoever finds a notice that was asked for before queries first, so that no bill is ever made twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from mangping.clock import BEIJING, Now
from mangping.contracts import SealedPayer
from mangping.db import Tx
from mangping.errors import NeedsHuman
from mangping.faults import crash_at
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.delivery import Delivery, Purpose, Way
from mangping_fees.domain.notice import CREDITED, Act, Line, Notice, Role, State
from mangping_fees.domain.payment import Confirmation
from mangping_fees.gateways.base import (
    Absent,
    BillItem,
    BillOrder,
    BillRef,
    Declined,
    Gateway,
    IssuedCode,
    Paid,
    Payer,
    Unknown,
    Unpaid,
    Voided,
)  # fmt: skip
from mangping_fees.services import telling
from mangping_fees.services.settlement import Settlement
from mangping_fees.services.telling import stream, tell
from mangping_fees.storage import deliveries, notices
from mangping_fees.storage.tariffs import Tariffs
from mangping_fees.tables import ledger

Gateways = Mapping[str, Gateway]  # by region code; "" serves the others


@dataclass(frozen=True, slots=True)
class Issuing:
    db: AsyncEngine
    vault: Vault
    now: Now
    tariffs: Tariffs
    gateways: Gateways
    settlement: Settlement

    async def issue(self, found: Notice) -> None:
        """One step towards a pay code. What stays unknown is looked at again later."""
        asked = await self._begin(found)
        if asked is None:
            return None
        notice, lines, first = asked
        crash_at("issue.reserved")
        gateway = self.gateway(notice)
        if not first:
            match await gateway.query(ref(notice)):
                case Absent():
                    pass
                case Unpaid(code):
                    return await self._issued(notice.id, code, ())
                case Paid(code, confirmations):
                    return await self._issued(notice.id, code, confirmations)
                case Voided():
                    return await self._declined(notice.id, "voided_there")
                case Unknown():
                    return None
        payer = SealedPayer.model_validate_json(await self.vault.get(notice.payer))
        answer = await gateway.issue(_order(notice, lines, payer))
        crash_at("issue.answered")
        match answer:
            case IssuedCode():
                await self._issued(notice.id, answer, ())
            case Declined(why):
                await self._declined(notice.id, why)
            case Unknown():
                pass
        return None

    async def void(self, found: Notice) -> None:
        """One step towards being void. Money that was first wins: then nothing is voided."""
        gateway = self.gateway(found)
        if found.asked_at is None:
            return await self._voided(found.id)
        if found.pay_code is None:
            match await gateway.query(ref(found)):
                case Voided():
                    return await self._voided(found.id)
                case Unpaid(code):
                    return await self._learnt(found.id, code, ())
                case Paid(code, confirmations):
                    return await self._learnt(found.id, code, confirmations)
                case Unknown():
                    return None
                case Absent():
                    pass  # a push may still be on its way there: only a voided number stays without a bill
        match await gateway.void(ref(found)):
            case Voided():
                await self._voided(found.id)
            case Paid(_, confirmations):
                await self.settle(confirmations)
            case Declined(why):
                async with self.db.begin() as tx:
                    await notices.find(tx, found.id, lock=True)  # whoever appends to its stream holds its row
                    facts = {"code": why}
                    await ledger.record(
                        tx, stream(found), "notice.void_declined", actor="gateway", at=self.now(), facts=facts
                    )
            case Unknown():
                pass
        return None

    async def settle(self, confirmations: Sequence[Confirmation]) -> None:
        for word in confirmations:
            await self.settlement.take(word)

    def gateway(self, notice: Notice) -> Gateway:
        """NeedsHuman when nobody has set one up for this region."""
        found = self.gateways.get(notice.region_code) or self.gateways.get("")
        if found is None:
            raise NeedsHuman("gateway.not_set_up")
        return found

    async def _begin(self, found: Notice) -> tuple[Notice, list[Line], bool] | None:
        """(the notice, its lines, whether the gateway is asked for the first time), or None: not yet, or no more."""
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, found.id, lock=True), self.now()
            if notice is None or notice.state is not State.DRAFT:
                return None
            if notice.replaces is not None:
                older = await notices.find(tx, notice.replaces)
                assert older is not None
                if older.state in CREDITED:
                    await self._decline(tx, notice, "replaced_was_paid", at)
                    return None
                if older.state is not State.VOIDED and older.state is not State.EXPIRED:
                    return None
            first = notice.asked_at is None
            if first:
                notice = replace(notice, asked_at=at)
                await notices.save(tx, notice)
            return notice, await notices.lines(tx, notice.id), first

    async def _issued(self, id: UUID, code: IssuedCode, confirmations: Sequence[Confirmation]) -> None:
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, id, lock=True), self.now()
            if notice is None or notice.pay_code is not None or notice.state is State.DECLINED:
                return  # of a declined one the gateway is asked again, and tells it then
            if not self.tariffs.of(notice.programme).payee.pay_code.fullmatch(code.pay_code):
                if notice.state is State.DRAFT:
                    await self._decline(tx, notice, "pay_code_malformed", at)
                return
            if notice.state is State.DRAFT:
                await self._issue(tx, notice, code, at)
            else:  # taken back meanwhile: the code is needed to void it there
                await self._know(tx, notice, code, at)
        crash_at("issue.recorded")
        await self.settle(confirmations)

    async def _issue(self, tx: Tx, notice: Notice, code: IssuedCode, at: datetime) -> None:
        tariff = self.tariffs.of(notice.programme)
        ends = None if tariff.due.relative else tariff.due.deadline(at, tariff.region)
        due = {"due_at": ends.end, "due_rule": ends.rule, "due_trace": ends.trace} if ends else {}
        issued, event = table.act(
            notice, Act.ISSUE, Role.GATEWAY, pay_code=code.pay_code, pay_url=code.pay_url, issued_at=at,
            step_at=None, **due,
        )  # fmt: skip
        await notices.save(tx, issued)
        await deliveries.add(tx, [Delivery(uuid4(), notice.id, way, Purpose.ISSUED, at, next_at=at) for way in Way])
        await tell(tx, telling.issued(issued, await telling.applications(tx, notice)), at)
        facts = {"region": notice.region_code, "bill_no": notice.bill_no}
        await ledger.record(tx, stream(notice), event, actor="gateway", at=at, facts=facts)
        await self.settlement.claim(tx, issued, at)

    async def _know(self, tx: Tx, notice: Notice, code: IssuedCode, at: datetime) -> None:
        """The code alone; money for it may have come before."""
        known = replace(notice, pay_code=code.pay_code, pay_url=code.pay_url)
        await notices.save(tx, known)
        await self.settlement.claim(tx, known, at)

    async def _declined(self, id: UUID, code: str) -> None:
        async with self.db.begin() as tx:
            notice = await notices.find(tx, id, lock=True)
            if notice is not None and notice.state is State.DRAFT:
                await self._decline(tx, notice, code, self.now())

    async def _decline(self, tx: Tx, notice: Notice, code: str, at: datetime) -> None:
        declined, event = table.act(notice, Act.DECLINE, Role.GATEWAY, decline_code=code, step_at=None)
        await notices.save(tx, declined)
        await tell(tx, telling.declined(declined, await telling.applications(tx, notice)), at)
        await ledger.record(tx, stream(notice), event, actor="gateway", at=at, facts={"code": code})

    async def _voided(self, id: UUID) -> None:
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, id, lock=True), self.now()
            if notice is None or notice.state is not State.VOIDING:
                return
            voided, event = table.act(notice, Act.CONFIRM_VOID, Role.GATEWAY, step_at=None)
            await notices.save(tx, voided)
            await ledger.record(tx, stream(notice), event, actor="gateway", at=at)

    async def _learnt(self, id: UUID, code: IssuedCode, confirmations: Sequence[Confirmation]) -> None:
        """The code of a bill that is being taken back: the next step voids it there."""
        async with self.db.begin() as tx:
            notice = await notices.find(tx, id, lock=True)
            if notice is not None and notice.pay_code is None:
                await self._know(tx, notice, code, self.now())
        await self.settle(confirmations)


def ref(notice: Notice) -> BillRef:
    return BillRef(notice.region_code, notice.year, notice.bill_no, notice.pay_code)


def _order(notice: Notice, lines: Sequence[Line], payer: SealedPayer) -> BillOrder:
    """Lines of one charge are one item with a quantity, as the bill's layout wants it."""
    items: dict[str, BillItem] = {}
    for line in lines:
        held = items.get(line.project_code)
        items[line.project_code] = BillItem(
            line.project_code, line.name, line.amount_fen + (held.amount_fen if held else 0),
            1 + (held.quantity if held else 0), line.unit, line.basis,
        )  # fmt: skip
    return BillOrder(
        notice.region_code, notice.year, notice.bill_no, notice.created_at.astimezone(BEIJING).date(),
        notice.unit_code, notice.unit_name, tuple(items.values()), notice.amount_fen,
        Payer(payer.name, payer.mobile, payer.credit_code), notice.due_at,
    )  # fmt: skip
