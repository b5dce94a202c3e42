"""Which organisations are the bodies that a programme names: its administrator says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import review
from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.course import tier_of
from mangping_api.domain.review import Binding
from mangping_api.services import moves, organisations, programmes
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import reviews as storage
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Bodies:
    db: AsyncEngine
    once: Once

    async def of(self, viewer: Viewer, programme: UUID) -> tuple[tuple[Binding, ...], Policy]:
        viewer.admit(Thing(), programmes.unknown())
        async with self.db.begin() as tx:
            _, policy = await programmes.known(tx, programme)
            return await storage.bodies(tx, programme), policy

    async def bind(self, viewer: Viewer, key: str | None, programme: UUID, bindings: Sequence[Binding]) -> Answer:
        """In place of what was bound before; a file that lies at the desk of one that is the body no more moves to the one
        that is. Refused (422) for a body that the pack does not name, and for one organisation as two bodies that must
        both agree; (409) when a file would lie nowhere."""

        async def act(tx: Tx, at: datetime) -> Answer:
            known, policy = await programmes.known(tx, programme)
            above = await organisations.known(tx, known.organisation)
            viewer.admit(Thing(line=above.line), programmes.unknown())
            _fits(policy, bindings)
            for one in bindings:
                await organisations.known(tx, one.organisation)
            await storage.bind(tx, programme, dict.fromkeys(bindings))
            await self._move(tx, viewer, programme, policy, bindings, at)
            facts = {"bodies": [{name: str(value) for name, value in asdict(one).items()} for one in bindings]}
            stream = f"programme:{programme}"
            await ledger.record(tx, stream, "programme.bodies_bound", actor=viewer.actor, at=at, facts=facts)
            return 200, {"id": str(programme), "bodies": len(bindings)}

        return await self.once.run(
            viewer.actor, key, ("bind_bodies", programme, [asdict(one) for one in bindings]), act
        )

    async def _move(
        self, tx: Tx, viewer: Viewer, programme: UUID, policy: Policy, bindings: Sequence[Binding], at: datetime
    ) -> None:
        """Each file whole: where several desks change hands, no organisation meets itself on the way."""
        for application, lying in await storage.lying(tx, programme):
            tier = tier_of(policy.pack, application.tier)
            same = {(desk.body, desk.organisation): desk for desk in lying}
            if same.keys() == review.bound(tier, policy, application, bindings).items():
                continue
            wanted = moves.desks(policy, tier, application, bindings, at)
            here = [same.get((one.body, one.organisation), one) for one in wanted]
            await storage.close_desks(tx, application.id, at)
            await storage.open_desks(tx, application.id, here)  # one that stays keeps who has claimed it
            beside = (one.organisation for one in here if one.organisation not in application.line)
            known = tuple(dict.fromkeys((*application.reviewers, *beside)))
            await rooms.save(tx, replace(application, reviewers=known))
            told = {"desks": {one.body: str(one.organisation) for one in here}}
            await moves.record(tx, application, policy, "application.moved", viewer.actor, at, told)


def _fits(policy: Policy, bindings: Sequence[Binding]) -> None:
    tiers = {tier.key: tier for tier in policy.pack.tiers}
    if any(one.tier not in tiers or one.body not in tiers[one.tier].bodies for one in bindings):
        message, remedy = "有本批次没有的层级或审核单位。", "请对照本批次的层级和审核单位名称。"
        raise Refused("bodies.unknown", message, remedy)
    for tier in policy.pack.tiers:
        own = {(one.body, one.organisation) for one in bindings if one.tier == tier.key}
        if tier.needs == "all" and len({organisation for _, organisation in own}) < len(own):
            message, remedy = f"“{tier.title}”的各审核单位须是不同的单位。", "请为各审核单位指定不同的单位。"
            raise Refused("bodies.same", message, remedy)
