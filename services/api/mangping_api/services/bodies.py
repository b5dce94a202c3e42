"""Which organisations are the bodies that a programme names: its administrator says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.review import Binding
from mangping_api.services import organisations, programmes
from mangping_api.services.once import Answer, Once
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
        """In place of what was bound before; files that lie at a desk stay there. Refused (422) for a body that the
        pack does not name, and for one organisation as two bodies that must both agree."""

        async def act(tx: Tx, at: datetime) -> Answer:
            known, policy = await programmes.known(tx, programme)
            above = await organisations.known(tx, known.organisation)
            viewer.admit(Thing(line=above.line), programmes.unknown())
            _fits(policy, bindings)
            for one in bindings:
                await organisations.known(tx, one.organisation)
            await storage.bind(tx, programme, dict.fromkeys(bindings))
            facts = {"bodies": [{name: str(value) for name, value in asdict(one).items()} for one in bindings]}
            stream = f"programme:{programme}"
            await ledger.record(tx, stream, "programme.bodies_bound", actor=viewer.actor, at=at, facts=facts)
            return 200, {"id": str(programme), "bodies": len(bindings)}

        return await self.once.run(
            viewer.actor, key, ("bind_bodies", programme, [asdict(one) for one in bindings]), act
        )


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
