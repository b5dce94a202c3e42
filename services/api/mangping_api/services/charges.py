"""Charges: owed when an application is accepted, ordered of the fees service, and what it answers taken in, once each.

Accepting only reserves (no network inside a transaction). A sweep seals the payer's contact and orders; the same sweep
asks again for whatever is still open, so that a lost queue loses no payment.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mangping.contracts import (
    FeeCancel,
    FeeCancelled,
    FeeExpired,
    FeeIssued,
    FeeLine,
    FeeNotified,
    FeeOrder,
    FeeRefunded,
    FeeRefused,
    FeeSettled,
    SealedPayer,
)
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.money import total
from mangping.policy import Policy
from mangping.sweeping import sparing_others
from mangping.vault import Keys, Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import application as course
from mangping_api.domain import charge as domain
from mangping_api.domain.access import Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.charge import MACHINE, Act, Answer, Charge, Line, Party, State
from mangping_api.domain.course import ON_UNPAID
from mangping_api.domain.facts import Groups, called
from mangping_api.services import contacts, moves
from mangping_api.services.applications import unknown
from mangping_api.services.notifications import notify
from mangping_api.services.once import Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import charges as storage
from mangping_api.storage import deadlines, organisations, people
from mangping_api.storage import programmes as packs
from mangping_api.storage.applications import Whole
from mangping_api.tables import ledger

_log = logging.getLogger("mangping.api.charges")
_FEES = "fees"
_LIMIT = 100
_TOLD: dict[type[Answer], str] = {
    FeeIssued: "fee.issued", FeeNotified: "fee.notified", FeeSettled: "fee.settled", FeeExpired: "fee.expired",
    FeeRefunded: "fee.refunded",
}  # fmt: skip
_HOLD = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Shown:
    """A charge as one application, or its unit, sees it. `pays`: the viewer is who pays, so they get the link."""

    charge: Charge
    lines: Sequence[Line]
    pays: bool


@dataclass(frozen=True, slots=True)
class Charges:
    db: AsyncEngine
    vault: Vault
    once: Once
    patience: timedelta

    async def of_application(self, viewer: Viewer, id: UUID) -> Shown:
        """Refused (404) when the viewer may not know the application, or nothing is charged for it (yet)."""
        async with self.db.begin() as tx:
            application = await rooms.find(tx, id)
            if application is None:
                raise unknown()
            policy = await packs.policy(tx, application.programme)
            viewer.admit(replace(application.thing(), paid_by_unit=domain.by_unit(policy)), unknown())
            found = await storage.of_application(tx, id)
            if found is None:
                raise none_yet()
            mine = [line for line in await storage.lines(tx, found.id) if line.application_id == id]
            return Shown(found, mine, pays=found.unit is None and viewer.person == application.person)

    async def sweep(self) -> int:
        """Order what is due, ask again for what is open; returns how many were dealt with."""
        async with self.db.begin() as tx:
            due = await storage.claim_due(tx, at=self.once.now(), hold=_HOLD, limit=_LIMIT)
        for charge in due:
            await self._try(charge)
        return len(due)

    async def _try(self, charge: Charge) -> None:
        with sparing_others(_log, "charge.held_up", charge=charge.id):  # its hold ends by itself
            if charge.state is State.DUE:
                await self._seal(charge)
                crash_at("charge.sealed")
            await self._ask(charge.id)

    async def hear(self, answer: Answer) -> None:
        """Take in one answer, once. What makes no sense any more changes nothing."""
        async with self.db.begin() as tx:
            at = self.once.now()
            charge = await _locked(tx, answer.order_id)
            if charge is None or not await ledger.receive(tx, _FEES, _name(answer), at=at):
                return
            heard, event = domain.hear(charge, answer)
            heard = replace(heard, ask_at=domain.next_asking(heard, at, self.patience))
            await storage.save(tx, heard)
            if event is not None:
                told = {"from": charge.state, "amount_fen": charge.amount_fen, "code": heard.refusal}
                await ledger.record(tx, _stream(charge), event, actor=_FEES, at=at, facts=told)
                await self._follow(tx, charge, heard, at)
                await self._tell(tx, heard, answer, at)
        crash_at("charge.heard")

    async def _follow(self, tx: Tx, before: Charge, heard: Charge, at: datetime) -> None:
        """What a move of the charge brings about for its applications."""
        lines = await storage.lines(tx, heard.id)
        if heard.state is State.EXPIRED:
            fees = (await packs.policy(tx, heard.programme)).pack.fees
            assert fees is not None
            for line in lines:
                await self._move(tx, heard, line, ON_UNPAID[fees.due.on_lapse], at)
        if heard.state is State.PAID and before.state is State.EXPIRED:
            for line in lines:
                if line.lapsed_from is not None:
                    await self._move(tx, heard, line, course.Act.PAY_AFTER_ALL, at)

    async def _tell(self, tx: Tx, charge: Charge, answer: Answer, at: datetime) -> None:
        """Into the inbox; where their unit pays, applicants are told what came of it only."""
        event = _TOLD.get(type(answer))
        if event is None or (charge.unit is not None and event in ("fee.issued", "fee.notified")):
            return
        facts = {"due_at": answer.due_at} if isinstance(answer, FeeNotified) else {}
        for line in await storage.lines(tx, charge.id):
            if (application := await rooms.find(tx, line.application_id)) is not None:
                await notify(tx, application, event, facts, at)

    async def _move(self, tx: Tx, charge: Charge, line: Line, act: course.Act, at: datetime) -> None:
        application = await rooms.find(tx, line.application_id, lock=True)
        if application is None or not course.MACHINE.may(application.state, act):
            return
        lapsed = act is not course.Act.PAY_AFTER_ALL
        if not lapsed and any(
            one.programme == application.programme for one in await rooms.live(tx, application.person)
        ):
            # They began another one meanwhile: an officer must say which of the two stands.
            await ledger.record(
                tx, rooms.stream(application.id), "application.paid_while_closed", actor=_FEES, at=at,
                facts={"charge": str(charge.id)},
            )  # fmt: skip
            return
        edge = course.MACHINE.decide(application.state, act, course.Party.FEES)
        done = replace(application, state=edge.to)
        await storage.lapsed(tx, charge.id, done.id, application.state if lapsed else None)
        await rooms.save(tx, done)
        await (moves.ended(tx, done, at) if lapsed else deadlines.show_again(tx, done.id))
        policy = await packs.policy(tx, done.programme)
        told = {"charge": str(charge.id), "rule": charge.due_rule}
        await moves.record(tx, done, policy, edge.event, _FEES, at, told)

    async def _seal(self, charge: Charge) -> None:
        """The payer's name and where they want to be told (GL-85), under the vault id that was reserved for it."""
        async with self.db.begin() as tx:
            if charge.unit is None:
                [line] = await storage.lines(tx, charge.id)
                payer = await contacts.of_application(tx, self.vault.keys, line.application_id)
            else:
                payer = await self._unit(tx, charge)
        await self.vault.put_new(charge.payer, payer.model_dump_json().encode())

    async def _unit(self, tx: Tx, charge: Charge) -> SealedPayer:
        assert charge.unit is not None
        unit, officer = await organisations.find(tx, charge.unit), await people.standing(tx, charge.applicant)
        assert unit is not None
        person = await people.find(tx, self.vault.keys, officer[0]) if officer else None
        credit_code = str(unit.facts.get("credit_code") or "")
        return SealedPayer(name=unit.name, mobile=person.phone if person else "", credit_code=credit_code)

    async def _ask(self, id: UUID) -> None:
        async with self.db.begin() as tx:
            charge, at = await storage.find(tx, id, lock=True), self.once.now()
            if charge is None or charge.ask_at is None:
                return
            first = MACHINE.may(charge.state, Act.ORDER)
            asking = replace(charge, asks=0 if first else charge.asks + 1)
            if first:
                edge = MACHINE.decide(charge.state, Act.ORDER, Party.CLOCK)
                asking = replace(asking, state=edge.to)
                told = {"amount_fen": charge.amount_fen}
                await ledger.record(tx, _stream(charge), edge.event, actor="clock", at=at, facts=told)
            asking = replace(asking, ask_at=domain.next_asking(asking, at, self.patience))
            await storage.save(tx, asking)
            policy = await packs.policy(tx, charge.programme)
            back = asking.state in (State.CANCELLING, State.CANCELLED)
            message = FeeCancel(order_id=id) if back else _order(asking, await storage.lines(tx, id), policy)
            await ledger.post(tx, {uuid4(): message}, at=at, not_before=at)
        crash_at("charge.asked")


async def owe(tx: Tx, application: Application, policy: Policy, at: datetime) -> None:
    """For whoever accepts an application, in the transaction that does: its applicant owes the fee from now on.

    Nothing where the notice asks for none, while its gate is shut, or where the unit pays for a list.
    """
    price = domain.price(policy, application.kind, application.level)
    if price is None or domain.by_unit(policy) or not domain.gate_open(policy, called(policy, application.state)):
        return
    line = Line(application.id, application.kind, application.level, price.fen)
    await place(tx, application.programme, None, await storage.account(tx, application.person), [line], at)


async def call_back(tx: Tx, application: UUID, actor: str, at: datetime) -> None:
    """For whoever disqualifies an application or voids it, in the transaction that does, the application locked: it owes
    nothing any more. A unit's list stays: the money of others hangs on it, so its cashier has to see to it."""
    charge = await storage.of_application(tx, application, lock=True)
    if charge is None or charge.unit is not None or not MACHINE.may(charge.state, Act.CANCEL):
        return
    edge = MACHINE.decide(charge.state, Act.CANCEL, Party.OFFICE)
    await storage.save(tx, replace(charge, state=edge.to, asks=0, ask_at=at if edge.to is State.CANCELLING else None))
    await ledger.record(tx, _stream(charge), edge.event, actor=actor, at=at, facts={"from": charge.state})


def source(_: Keys, policy: Policy, whole: Whole) -> Groups:
    """What packs may ask of a payment."""
    told = whole.beside.get("charge")
    return {"payment": domain.facts(policy, told)} if told else {}


async def place(
    tx: Tx, programme: UUID, unit: UUID | None, applicant: str, lines: Sequence[Line], at: datetime
) -> Charge:
    """A charge that is due to be ordered."""
    made = Charge(
        uuid4(), programme, unit, applicant, uuid4(), State.DUE, total(line.fen for line in lines), at, ask_at=at
    )
    await storage.add(tx, made, lines)
    told = {"applications": [str(line.application_id) for line in lines], "amount_fen": made.amount_fen}
    await ledger.record(tx, _stream(made), "charge.owed", actor="api", at=at, facts=told)
    return made


def _order(charge: Charge, lines: Sequence[Line], policy: Policy) -> FeeOrder:
    return FeeOrder(
        order_id=charge.id, programme=policy.pack.id, region=policy.pack.region, payer=charge.payer,
        applicant=charge.applicant, accepted_at=charge.created_at,
        lines=tuple(
            FeeLine(application_id=line.application_id, attempt=1, kind=line.kind, level=line.level)
            for line in lines
        ),
    )  # fmt: skip


async def _locked(tx: Tx, id: UUID) -> Charge | None:
    """The application first, as whoever ends it locks it before its charge."""
    charge = await storage.find(tx, id)
    if charge is not None and charge.unit is None:
        for line in await storage.lines(tx, id):
            await rooms.find(tx, line.application_id, lock=True)
    return await storage.find(tx, id, lock=True)


def _name(answer: Answer) -> str:
    """Each answer to an order is heard once; a refusal once for each of its reasons, a calling back for each outcome."""
    more = ""
    if isinstance(answer, FeeRefused):
        more = f":{answer.code}"
    elif isinstance(answer, FeeCancelled):
        more = f":{answer.outcome}"
    return f"{type(answer).__name__}:{answer.order_id}{more}"


def _stream(charge: Charge) -> str:
    return f"charge:{charge.id}"


def none_yet() -> Refused:
    return Refused("charge.none", "该申报没有应缴费用，或尚未开具缴款通知。", "材料接收后再查询。", status=404)
