"""Several applications of one person for the same level in one year."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import func, select

from mangping_api.domain.application import HANDED_IN
from mangping_api.tables import applications as _table
from mangping_api.tables import programmes


class Doubled(NamedTuple):
    person: UUID
    year: int
    level: str


async def doubled(tx: Tx, voiding: Collection[UUID], *, limit: int) -> list[Doubled]:
    """Those of which more than one is handed in, one of them in a programme of `voiding`."""
    group = (_table.c.person, _table.c.year, _table.c.level)
    several = (
        select(*group).where(_table.c.state.in_(HANDED_IN)).group_by(*group)
        .having(func.count() > 1, func.bool_or(_table.c.programme.in_(voiding))).limit(limit)
    )  # fmt: skip
    return [Doubled(row.person, row.year, row.level) for row in await tx.execute(several)]


async def all_programmes(tx: Tx) -> list[UUID]:
    return list((await tx.execute(select(programmes.c.id))).scalars())
