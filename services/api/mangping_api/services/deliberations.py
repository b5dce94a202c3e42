"""Deliberation and recommendation: the unit's group meets, the unit says whom it recommends, and in which order."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy.findings import Asked
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import deliberation as domain
from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.deliberation import Deliberation, Group, Member, Recommendation
from mangping_api.domain.post_plan import needs_post
from mangping_api.services import duties, organisations, programmes, relations
from mangping_api.services.applications import admitted
from mangping_api.services.gathering import facts_of, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import deliberations as storage
from mangping_api.storage import post_plans
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Deliberations:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def found_group(
        self, viewer: Viewer, key: str | None, unit: UUID, programme: UUID, number: str, members: tuple[Member, ...]
    ) -> Answer:
        """A unit's group, by the document that set it up. What it must be is the notice's business, asked later."""

        async def act(tx: Tx, at: datetime) -> Answer:
            place = await organisations.known(tx, unit)
            viewer.admit(Thing(line=place.line), organisations.unknown())
            await programmes.known(tx, programme)
            made = Group(uuid4(), unit, programme, number, members, at)
            await storage.add_group(tx, self.keys, made)
            facts = {"group": str(made.id), "programme": str(programme), "size": len(members)}
            await ledger.record(tx, f"organisation:{unit}", "group.founded", actor=viewer.actor, at=at, facts=facts)
            return 201, {"id": str(made.id), "size": len(members), "technical": made.technical}

        asked = ("found_review_group", unit, programme, number, [asdict(one) for one in members])
        return await self.once.run(viewer.actor, key, asked, act)

    async def record(self, viewer: Viewer, id: UUID, held: Deliberation) -> Deliberation:
        """What the group found, in place of what was recorded before; the audit chain keeps that it was."""
        async with self.db.begin() as tx:
            application, _ = await duties.at_unit(tx, viewer, id)
            at = self.once.now()
            group = await storage.group(tx, self.keys, held.group)
            if group is None or (group.unit, group.programme) != (application.unit, application.programme):
                message, remedy = "没有这个审议推荐小组。", "请使用本单位本批次的小组编号。"
                raise Refused("deliberation.group", message, remedy)
            domain.check(held, group, duties.day(at))
            await storage.keep(tx, self.keys, id, held, viewer.person, at)
            told = {
                "group": str(group.id), "since": held.since.isoformat(), "until": held.until.isoformat(),
                "passed": held.passed, "yes": held.votes.yes, "no": held.votes.no,
            }  # fmt: skip
            await ledger.record(
                tx, rooms.stream(id), "application.deliberated", actor=viewer.actor, at=at, facts=told
            )  # fmt: skip
        return held

    async def find(self, viewer: Viewer, id: UUID) -> Deliberation:
        async with self.db.begin() as tx:
            await admitted(tx, viewer, id)
            found = await storage.find(tx, self.keys, id)
        if found is None:
            raise Refused("deliberation.unknown", "还没有审议记录。", "请先登记审议。", status=404)
        return found

    async def recommend(self, viewer: Viewer, id: UUID, made: Recommendation) -> Recommendation:
        """The unit's word, as of today. Who is recommended onto a post takes one; who no longer is gives it back.

        Refused (409) when no post is left or somebody else of the unit holds the rank."""
        async with self.db.begin() as tx:
            at = self.once.now()
            file = await opened(tx, self.keys, viewer, id, lock=True)
            await relations.apart(tx, viewer, id)
            application, made = file.whole.application, replace(made, day=duties.day(at))
            duties.require_at_unit(application, file.policy)
            taken = made.rank and await storage.ranked(
                tx, application.unit, application.programme, made.rank, beside=id
            )
            if taken:
                message, remedy = "这个名次已给了本单位的另一名申报人。", "请先调整另一人的名次。"
                raise Refused("recommendation.rank", message, remedy, status=409)
            asked = Asked.of(file.policy, "forward", facts_of(self.keys, file, ()), at)
            if made.agrees and needs_post(asked):
                plan = await post_plans.of_unit(tx, application.unit, application.programme)
                if plan is None or not await post_plans.take(tx, plan.id, id):
                    message, remedy = "没有剩余用岗数，不能推荐。", "请在核准的用岗数内推荐。"
                    raise Refused("post_plan.none_left", message, remedy, status=409)
            elif not made.agrees:
                await post_plans.give_back(tx, id)
            await storage.recommend(tx, self.keys, id, made, viewer.person, at)
            event = "application.recommended" if made.agrees else "application.not_recommended"
            told = {"rank": made.rank, "tied": made.tied, "reasoned": made.reason is not None}
            await ledger.record(tx, rooms.stream(id), event, actor=viewer.actor, at=at, facts=told)
        return made
