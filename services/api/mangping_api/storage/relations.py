"""Who stands too near to an application to act on it: its applicant, and officers who have recused themselves from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import ColumnElement, exists, select

from mangping_api.tables import applications, recusals


def related(person: UUID, application: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether this person is related to the application of that id, for a query that holds it."""
    one = applications.alias("related")
    own = exists().where(one.c.id == application, one.c.person == person)
    recused = exists().where(recusals.c.application_id == application, recusals.c.person_id == person)
    return own | recused


async def related_to(tx: Tx, person: UUID, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these applications that the person is related to."""
    query = select(applications.c.id).where(applications.c.id.in_(ids), related(person, applications.c.id))
    return frozenset((await tx.execute(query)).scalars())
