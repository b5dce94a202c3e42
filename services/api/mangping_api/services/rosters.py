"""A unit pays for its list: one charge, many applications, all or none (BZ-47)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import charge as domain
from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.application import State
from mangping_api.domain.charge import Line
from mangping_api.domain.facts import called
from mangping_api.services import charges, organisations, programmes
from mangping_api.services.charges import Shown
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import charges as storage
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Rosters:
    db: AsyncEngine
    once: Once

    async def order(
        self, viewer: Viewer, key: str | None, organisation: UUID, programme: UUID, applications: Sequence[UUID]
    ) -> Answer:
        """Refused (409) when the programme is not paid by list; (422) naming every application that cannot be on it."""
        wanted = sorted(set(applications))

        async def act(tx: Tx, at: datetime) -> Answer:
            unit = await organisations.known(tx, organisation)
            viewer.admit(Thing(line=unit.line), organisations.unknown())
            _, policy = await programmes.known(tx, programme)
            if not domain.by_unit(policy):
                message, remedy = "本批次不由单位按花名册缴费。", "请由申报人个人缴费。"
                raise Refused("roster.not_by_unit", message, remedy, status=409)
            lines = await _lines(tx, organisation, programme, policy, wanted)
            account = await storage.account(tx, viewer.person)
            made = await charges.place(tx, programme, organisation, account, lines, at)
            told = {"charge": str(made.id), "applications": len(lines)}
            await ledger.record(
                tx, f"organisation:{organisation}", "roster.ordered", actor=viewer.actor, at=at, facts=told
            )
            return 201, {"id": str(made.id), "state": made.state, "amount_fen": made.amount_fen}

        request = ("order_roster", organisation, programme, wanted)
        return await self.once.run(viewer.actor, key, request, act)

    async def find(self, viewer: Viewer, organisation: UUID, id: UUID) -> Shown:
        """Refused (404) when this unit has no such list."""
        async with self.db.begin() as tx:
            unit = await organisations.known(tx, organisation)
            viewer.admit(Thing(line=unit.line), organisations.unknown())
            found = await storage.find(tx, id)
            if found is None or found.unit != organisation:
                raise Refused("roster.unknown", "没有这份缴费花名册。", "请检查编号。", status=404)
            return Shown(found, await storage.lines(tx, id), pays=True)


async def _lines(
    tx: Tx, organisation: UUID, programme: UUID, policy: Policy, wanted: Sequence[UUID]
) -> list[Line]:  # fmt: skip
    """Refused (422). All are locked, in the order of their ids, before it is asked which are charged: of two lists at the
    same instant the later one sees what the earlier one did."""
    held = {id: await rooms.find(tx, id, lock=True) for id in wanted}
    lines, unfit = [], dict.fromkeys(await storage.charged(tx, wanted), "application.charged")
    for id, found in held.items():
        if found is None or found.unit != organisation or found.programme != programme:
            unfit[id] = "application.unknown"
            continue
        price = domain.price(policy, found.kind, found.level)
        if (
            found.state is not State.ACCEPTED
            or price is None
            or not domain.gate_open(policy, called(policy, found.state))
        ):
            unfit.setdefault(id, "application.not_accepted")
            continue
        lines.append(Line(id, found.kind, found.level, price.fen))
    if unfit:
        told = [{"application": str(id), "code": code} for id, code in sorted(unfit.items())]
        message, remedy = (
            "花名册中有不能缴费的申报，未开具。",
            "请按 applications 逐项核对：须为本单位已接收材料且未缴费的申报。",
        )
        raise Refused("roster.unfit", message, remedy, details={"applications": told})
    return lines
