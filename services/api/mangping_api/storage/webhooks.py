"""Which endpoints hear of an application: those of accounts that were given to an organisation on its line."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import ColumnElement, exists, select

from mangping_api.domain.access import HEARERS
from mangping_api.tables import hooks, people, role_grants


async def hearing(tx: Tx, event: str, line: Collection[UUID]) -> list[UUID]:
    """Active endpoints that asked for this event. A grant that was taken back is heard by nobody from then on."""
    given = _given(hooks.endpoints.c.owner) & role_grants.c.organisation_id.in_(line)
    asked = hooks.asked.where(exists().where(given).correlate(hooks.endpoints))
    return list((await tx.execute(asked, {"type": event})).scalars())


async def connected(tx: Tx, account: str) -> bool:
    """Whether this account was given to any organisation to hear of it."""
    return bool((await tx.execute(select(exists().where(_given(account))))).scalar_one())


def _given(account: Any) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = (people.c.account == account) & (role_grants.c.person_id == people.c.id)
    return mine & role_grants.c.role.in_(sorted(HEARERS))
