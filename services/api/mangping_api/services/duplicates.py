"""Several applications for the same level in one year: a submission is refused; what slipped by is void, all of it.

Another committee's notice may not ask, or may not know: the sweep finds them later, and voids those whose own notice says
that such applications are (GL-24).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mangping import sweeping
from mangping.clock import Now
from mangping.db import Tx
from mangping.faults import crash_at
from mangping.policy import Policy
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import course
from mangping_api.domain.application import HANDED_IN, Act, Application, Party
from mangping_api.services import charges, moves
from mangping_api.storage import applications as rooms
from mangping_api.storage import duplicates as storage
from mangping_api.storage import programmes as packs
from mangping_api.storage.duplicates import Doubled

_log = logging.getLogger("mangping.api.duplicates")


@dataclass(frozen=True, slots=True)
class Duplicates:
    db: AsyncEngine
    now: Now

    async def sweep(self) -> int:
        """How many applications were voided; each person's in one transaction."""
        async with self.db.begin() as tx:
            known = {id: await packs.policy(tx, id) for id in await storage.all_programmes(tx)}
        voiding = {id: rules for id, policy in known.items() if (rules := _rules(policy))}

        async def doubled(limit: int) -> Sequence[Doubled]:
            async with self.db.begin() as tx:
                return await storage.doubled(tx, voiding.keys(), limit=limit)

        async def void(one: Doubled) -> int:
            async with self.db.begin() as tx:
                done = await self._void(tx, one, known, voiding)
            crash_at("duplicates.committed")
            return done

        return await sweeping.each(_log, "duplicates.held_up", doubled, void) if voiding else 0

    async def _void(self, tx: Tx, one: Doubled, known: dict[UUID, Policy], voiding: dict[UUID, list[str]]) -> int:
        person, year, level = one
        await rooms.alone(tx, person)
        live = await rooms.live(tx, person, lock=True)
        same = [one for one in live if (one.year, one.level) == (year, level) and one.state in HANDED_IN]
        if len(same) < 2:
            return 0  # one was taken back meanwhile
        mine = [one for one in same if one.programme in voiding]
        for each in mine:
            await self._take(tx, each, known[each.programme], voiding[each.programme], len(same))
        return len(mine)

    async def _take(self, tx: Tx, one: Application, policy: Policy, rules: list[str], same: int) -> None:
        at = self.now()
        edge, done = course.taken(one, Act.ANNUL, Party.AUTHORITY)
        await rooms.save(tx, done)
        await moves.ended(tx, done, at)
        facts: dict[str, Any] = {"rules": rules, "same_level_same_year": same}
        await moves.record(tx, done, policy, edge.event, "clock", at, facts)
        await charges.call_back(tx, done.id, "clock", at)


def _rules(policy: Policy) -> list[str]:
    """The rules by which a notice voids them; none where it does not."""
    return [rule for ban in policy.pack.bans if ban.effect == "void" for rule in ban.cite]
