"""Post plans: a unit asks for posts, two bodies approve, the unit files the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import post_plan as domain
from mangping_api.domain.access import ABOVE, Thing, Viewer
from mangping_api.domain.post_plan import Approval, Plan
from mangping_api.services import duties, organisations, programmes
from mangping_api.services.gathering import judged
from mangping_api.services.once import Answer, Once
from mangping_api.storage import post_plans as storage
from mangping_api.storage import reviews
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class PostPlans:
    db: AsyncEngine
    once: Once

    async def plan(self, viewer: Viewer, key: str | None, unit: UUID, programme: UUID, posts: int) -> Answer:
        """How many posts a unit asks for, while the notice takes plans. Another number is approved anew; refused (409)
        when fewer than are taken already."""

        async def act(tx: Tx, at: datetime) -> Answer:
            place = await organisations.known(tx, unit)
            viewer.admit(Thing(line=place.line), organisations.unknown())
            policy = (await programmes.known(tx, programme))[1]
            found = await storage.of_unit(tx, unit, programme, lock=True)
            _in_time(policy, at)
            if found is None:
                found = Plan(uuid4(), unit, programme, posts, 1, at)
                await storage.add(tx, found)
            elif found.posts != posts:
                if posts < found.used:
                    message, remedy = "用岗数少于已推荐的人数。", "请核对用岗数。"
                    raise Refused("post_plan.used", message, remedy, status=409)
                found = replace(found, posts=posts, version=found.version + 1, planned_at=at, filed_at=None)
                await storage.change(tx, found)
            facts = {"plan": str(found.id), "posts": posts, "version": found.version}
            await ledger.record(tx, _stream(unit), "post_plan.planned", actor=viewer.actor, at=at, facts=facts)
            return 200, {"id": str(found.id), "posts": posts, "version": found.version}

        return await self.once.run(viewer.actor, key, ("plan_posts", unit, programme, posts), act)

    async def approve(
        self, viewer: Viewer, key: str | None, id: UUID, body: str, organisation: UUID, version: int
    ) -> Answer:
        """A body's approval of this very number of posts, by an officer of the organisation that is that body."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await self._known(tx, viewer, id, lock=True, beside=True)
            if not viewer.holds(ABOVE, (organisation,)):
                message, remedy = "您不是该部门的经办人。", "请由该部门的经办人核准。"
                raise Refused("post_plan.body", message, remedy, status=403)
            if found.version != version:
                message, remedy = "用岗数已经变更。", "请重新查看后核准。"
                raise Refused("post_plan.changed", message, remedy, status=412)
            domain.check_approval(found, body, organisation)
            await storage.approve(tx, id, Approval(body, organisation, at), viewer.person)
            facts = {"plan": str(id), "body": body, "organisation": str(organisation), "version": version}
            await ledger.record(tx, _stream(found.unit), "post_plan.approved", actor=viewer.actor, at=at, facts=facts)
            return 201, {"id": str(id), "body": body}

        return await self.once.run(viewer.actor, key, ("approve_posts", id, body, organisation, version), act)

    async def file(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """The plan table goes up. Filing twice is no error."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await self._known(tx, viewer, id, lock=True)
            if found.filed_at is None:
                await storage.file(tx, id, at)
                facts = {"plan": str(id)}
                await ledger.record(tx, _stream(found.unit), "post_plan.filed", actor=viewer.actor, at=at, facts=facts)
            return 200, {"id": str(id), "filed_at": (found.filed_at or at).isoformat()}

        return await self.once.run(viewer.actor, key, ("file_post_plan", id), act)

    async def find(self, viewer: Viewer, id: UUID) -> Plan:
        async with self.db.begin() as tx:
            return await self._known(tx, viewer, id, beside=True)

    async def _known(self, tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False, beside: bool = False) -> Plan:
        """`beside`: also for the bureaux bound to the programme's tiers; they stand beside the unit's own line."""
        if (found := await storage.find(tx, id, lock=lock)) is None:
            raise unknown()
        line = (await organisations.known(tx, found.unit)).line
        if beside:
            line += tuple(one.organisation for one in await reviews.bodies(tx, found.programme))
        viewer.admit(Thing(line=line), unknown())
        return found


def _in_time(policy: Policy, at: datetime) -> None:
    """The notice's window for plans; its duties on a plan are asked when somebody is recommended."""
    told = {"unit": {"posts_needed": False, "suspended": False}}
    duties.no_defects(tuple(one for one in judged(policy, "plan", told, at) if one.code.startswith("window.")))


def _stream(unit: UUID) -> str:
    return f"organisation:{unit}"


def unknown() -> Refused:
    return Refused("post_plan.unknown", "没有这个用岗计划。", "请检查用岗计划编号。", status=404)
