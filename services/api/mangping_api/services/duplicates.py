"""Several applications for the same level in one year: a submission is refused; what slipped by is void, all of it.

Another committee's notice may not ask, or may not know: the sweep finds them later, and voids those whose own notice says
that such applications are (GL-24).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mangping.clock import Now
from mangping.db import Tx
from mangping.faults import crash_at
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import course
from mangping_api.domain.application import HANDED_IN, Act, Application, Party
from mangping_api.domain.deadline import Standing
from mangping_api.services import moves
from mangping_api.storage import applications as rooms
from mangping_api.storage import deadlines, reviews
from mangping_api.storage import duplicates as storage
from mangping_api.storage import programmes as packs

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Duplicates:
    db: AsyncEngine
    now: Now

    async def sweep(self) -> int:
        """How many applications were voided; each person's in one transaction."""
        async with self.db.begin() as tx:
            known = {id: await packs.policy(tx, id) for id in await storage.all_programmes(tx)}
        voiding = {id: rules for id, policy in known.items() if (rules := _rules(policy))}
        total = 0
        while voiding:
            async with self.db.begin() as tx:
                found = await storage.doubled(tx, voiding.keys(), limit=_LIMIT)
            for person, year, level in found:
                async with self.db.begin() as tx:
                    total += await self._void(tx, person, year, level, known, voiding)
                crash_at("duplicates.committed")
            if len(found) < _LIMIT:
                break
        return total

    async def _void(
        self, tx: Tx, person: UUID, year: int, level: str, known: dict[UUID, Policy], voiding: dict[UUID, list[str]]
    ) -> int:
        await rooms.alone(tx, person)
        live = await rooms.live(tx, person, lock=True)
        same = [one for one in live if (one.year, one.level) == (year, level) and one.state in HANDED_IN]
        if len(same) < 2:
            return 0  # one was taken back meanwhile
        mine = [one for one in same if one.programme in voiding]
        for one in mine:
            await self._take(tx, one, known[one.programme], voiding[one.programme], len(same))
        return len(mine)

    async def _take(self, tx: Tx, one: Application, policy: Policy, rules: list[str], same: int) -> None:
        at = self.now()
        edge, done = course.taken(one, Act.ANNUL, Party.AUTHORITY)
        await reviews.close_desks(tx, one.id, at)
        await deadlines.stand(tx, one.id, Standing.MET, was=Standing.RUNNING)
        await rooms.save(tx, done)
        facts: dict[str, Any] = {"rules": rules, "same_level_same_year": same}
        await moves.record(tx, done, policy, edge.event, "clock", at, facts)


def _rules(policy: Policy) -> list[str]:
    """The rules by which a notice voids them; none where it does not."""
    return [rule for ban in policy.pack.bans if ban.effect == "void" for rule in ban.cite]
