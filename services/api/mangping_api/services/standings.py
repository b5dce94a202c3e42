"""How units stand: the responsible officer's pledge, what is filed about a unit, its list, its numbers; teaching loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.judge_teaching import Reckoned, reckoned
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import ABOVE, STAFF, Thing, Viewer
from mangping_api.services import duties, organisations, programmes
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import people
from mangping_api.storage import standings as storage
from mangping_api.storage.standings import Counted, Kind, Matter, Ranked
from mangping_api.tables import ledger

OWN: tuple[Kind, ...] = ("explanation", "rectification")


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a unit's list, opened: name, and what the notice compares equals by."""

    ranked: Ranked
    name: str = field(repr=False)
    shown: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standings:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def pledge(self, viewer: Viewer, key: str | None, unit: UUID, programme: UUID) -> Answer:
        """The person responsible for title work at a unit signs for it, once a programme."""

        async def act(tx: Tx, at: datetime) -> Answer:
            await _admitted(tx, viewer, unit)
            await programmes.known(tx, programme)
            if not await storage.pledge(tx, unit, programme, viewer.person, at):
                message, remedy = "本单位本批次已有负责人签署承诺书。", "无需重复签署。"
                raise Refused("unit.pledged", message, remedy, status=409)
            facts = {"programme": str(programme)}
            await ledger.record(tx, f"organisation:{unit}", "unit.pledged", actor=viewer.actor, at=at, facts=facts)
            return 201, {"unit": str(unit), "programme": str(programme)}

        return await self.once.run(viewer.actor, key, ("sign_unit_pledge", unit, programme), act)

    async def file(
        self, viewer: Viewer, key: str | None, unit: UUID, programme: UUID, kind: Kind, words: str
    ) -> Answer:  # fmt: skip
        """A unit's explanation or rectification plan; a bulletin about it or its suspension for the next year by an
        office above it. Notices leave a suspension to the office's discretion (GL-34): it is not tied to a count here;
        what is tied to one is asked of the unit when its applicants are passed on."""

        async def act(tx: Tx, at: datetime) -> Answer:
            line = await _admitted(tx, viewer, unit)
            found = (await programmes.known(tx, programme))[0]
            roles = STAFF if kind in OWN else ABOVE
            mine = next((id for id in reversed(line) if id in viewer.places(roles)), unit)
            year = found.year + 1 if kind == "suspension" else found.year
            made = Matter(uuid4(), unit, programme, kind, year, words, mine, at)
            await storage.add_matter(tx, self.keys, made, viewer.person)
            facts = {"matter": str(made.id), "programme": str(programme), "year": year}
            await ledger.record(tx, f"organisation:{unit}", f"unit.{kind}", actor=viewer.actor, at=at, facts=facts)
            return 201, {"id": str(made.id), "kind": kind, "year": year}

        return await self.once.run(viewer.actor, key, ("file_unit_matter", unit, programme, kind, words), act)

    async def matters(self, viewer: Viewer, unit: UUID, programme: UUID) -> list[Matter]:
        async with self.db.begin() as tx:
            await _admitted(tx, viewer, unit)
            return await storage.matters(tx, self.keys, unit, programme)

    async def counted(self, viewer: Viewer, above: UUID, programme: UUID) -> list[Counted]:
        """Unit by unit below an organisation."""
        async with self.db.begin() as tx:
            await _admitted(tx, viewer, above)
            await programmes.known(tx, programme)
            return await storage.counted(tx, above, programme)

    async def ranking(self, viewer: Viewer, unit: UUID, programme: UUID) -> list[Place]:
        """A unit's list, ranked ones first, with the form fields that the notice compares equals by."""
        async with self.db.begin() as tx:
            await _admitted(tx, viewer, unit)
            policy = (await programmes.known(tx, programme))[1]
            return [await self._place(tx, policy, one) for one in await storage.ranking(tx, self.keys, unit, programme)]

    async def record_teaching(self, viewer: Viewer, id: UUID, content: Mapping[str, Any]) -> tuple[int, Reckoned]:
        """The unit's reckoning of a teaching load, in place of the one before; what it comes to by the notice's rates.

        Refused (409) where the notice has no such rule."""
        async with self.db.begin() as tx:
            _, policy = await duties.at_unit(tx, viewer, id)
            rule = policy.pack.teaching_load
            if rule is None:
                message, remedy = "本批次不核算教学工作量。", "无需登记。"
                raise Refused("teaching_load.none", message, remedy, status=409)
            at = self.once.now()
            version = await storage.keep_teaching(tx, self.keys, id, content, viewer.person, at)
            stream, told = rooms.stream(id), {"version": version, "claims": len(content["claims"])}
            await ledger.record(tx, stream, "application.load_reckoned", actor=viewer.actor, at=at, facts=told)
        return version, reckoned(rule, content["claims"])

    async def _place(self, tx: Tx, policy: Policy, ranked: Ranked) -> Place:
        name = people.name_of(self.keys, ranked.person, ranked.name)
        keys: Sequence[str] = policy.pack.ranking.fields if policy.pack.ranking else ()
        if not keys:
            return Place(ranked, name, ())
        whole = await rooms.whole(tx, self.keys, ranked.application)
        form = whole.form if whole else {}
        titles = {field.key: field.title for section in policy.pack.form.sections for field in section.fields}
        return Place(ranked, name, tuple((titles[key], str(form.get(key, ""))) for key in keys))


async def _admitted(tx: Tx, viewer: Viewer, unit: UUID) -> tuple[UUID, ...]:
    place = await organisations.known(tx, unit)
    viewer.admit(Thing(line=place.line), organisations.unknown())
    return place.line
