"""The tree of organisations: who stands under whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import facts
from mangping_api.domain.access import STAFF, Thing, Viewer
from mangping_api.domain.organisation import Organisation, normal_credit_code
from mangping_api.services.once import Answer, Once
from mangping_api.storage import organisations as storage
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Organisations:
    db: AsyncEngine
    once: Once

    async def found(
        self, viewer: Viewer, key: str | None, *, parent: UUID, name: str, kind: str, region: str,
        former_names: tuple[str, ...],
    ) -> Answer:  # fmt: skip
        """A new organisation below `parent`. Refused (404) when there is no such parent, (403) when it is not ours."""

        async def act(tx: Tx, at: datetime) -> Answer:
            above = await known(tx, parent)
            viewer.admit(Thing(line=above.line), unknown())
            id = uuid4()
            made = Organisation(id, (*above.line, id), name, former_names, kind, region)
            await storage.add(tx, made, at)
            stream, facts = f"organisation:{id}", {"parent": str(parent), "kind": kind, "region": region}
            await ledger.record(tx, stream, "organisation.founded", actor=viewer.actor, at=at, facts=facts)
            return 201, {"id": str(id)}

        request = ("found_organisation", parent, name, kind, region, former_names)
        return await self.once.run(viewer.actor, key, request, act)

    async def state_facts(self, viewer: Viewer, id: UUID, given: Mapping[str, Any]) -> Organisation:
        """What packs ask of a unit, in place of what was stated before."""
        async with self.db.begin() as tx:
            organisation = await known(tx, id)
            viewer.admit(Thing(line=organisation.line), unknown())
            stated = facts.stated("unit", given)
            if code := stated.get("credit_code"):
                stated["credit_code"] = normal_credit_code(code)
                if await storage.credit_code_taken(tx, stated["credit_code"], beside=id):
                    message, remedy = "该统一社会信用代码已属于另一单位。", "请核对代码；重复注册的单位请合并。"
                    raise Refused("organisation.credit_code_taken", message, remedy, status=409)
            await storage.state_facts(tx, id, stated)
            told = {"facts": sorted(stated)}
            await ledger.record(
                tx,
                f"organisation:{id}",
                "organisation.facts_stated",
                actor=viewer.actor,
                at=self.once.now(),
                facts=told,
            )
        return replace(organisation, facts=stated)

    async def find(self, viewer: Viewer, id: UUID) -> Organisation:
        async with self.db.begin() as tx:
            organisation = await known(tx, id)
        viewer.admit(Thing(line=organisation.line), unknown())
        return organisation

    async def oldest(
        self, viewer: Viewer, *, mine: bool, after: Place | None, limit: int
    ) -> list[tuple[Organisation, datetime]]:
        """Every organisation, for a person to find their unit; with `mine` those below the viewer's own grants."""
        viewer.admit(Thing(), unknown())
        async with self.db.begin() as tx:
            return await storage.oldest(tx, under=viewer.places(STAFF) if mine else None, after=after, limit=limit)


async def known(tx: Tx, id: UUID) -> Organisation:
    """Refused (404) when there is none."""
    if (found := await storage.find(tx, id)) is None:
        raise unknown()
    return found


def unknown() -> Refused:
    return Refused("organisation.unknown", "没有这个单位。", "请检查单位编号。", status=404)
