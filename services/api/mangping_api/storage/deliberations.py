"""Groups, their deliberations, and what a unit recommends. Names and opinions are sealed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.application import HANDED_IN
from mangping_api.domain.deliberation import Deliberation, Group, Member, Recommendation, Votes
from mangping_api.tables import applications, deliberations, recommendations, review_groups


async def add_group(tx: Tx, keys: Keys, group: Group) -> None:
    members = json.dumps([asdict(member) for member in group.members], ensure_ascii=False)
    row = {
        "id": group.id, "unit": group.unit, "programme": group.programme, "document_number": group.document_number,
        "members": keys.seal(f"review_groups.members/{group.id}", members), "created_at": group.created_at,
    }  # fmt: skip
    await tx.execute(insert(review_groups).values(**row))


async def group(tx: Tx, keys: Keys, id: UUID) -> Group | None:
    row = (await tx.execute(select(review_groups).where(review_groups.c.id == id))).one_or_none()
    if row is None:
        return None
    members = json.loads(keys.open(f"review_groups.members/{id}", row.members))
    made = tuple(Member(**one) for one in members)
    return Group(row.id, row.unit, row.programme, row.document_number, made, row.created_at)


async def keep(tx: Tx, keys: Keys, application: UUID, held: Deliberation, by: UUID, at: datetime) -> None:
    """In place of what was recorded before."""
    content = {
        "opinion": dict(held.opinion), "assessment": held.assessment, "assessment_opinion": held.assessment_opinion,
    }  # fmt: skip
    row = {
        "group_id": held.group, "since": held.since, "until": held.until, "assessed_on": held.assessed_on,
        "passed": held.passed, **asdict(held.votes), "recorded_at": at, "recorded_by": by,
        "content": keys.seal(f"deliberations.content/{application}", json.dumps(content, ensure_ascii=False)),
    }  # fmt: skip
    made = upsert(deliberations).values(application_id=application, **row)
    await tx.execute(made.on_conflict_do_update(index_elements=["application_id"], set_=row))


async def find(tx: Tx, keys: Keys, application: UUID) -> Deliberation | None:
    row = (await tx.execute(select(deliberations).where(deliberations.c.application_id == application))).one_or_none()
    if row is None:
        return None
    content = json.loads(keys.open(f"deliberations.content/{application}", row.content))
    votes = Votes(row.yes, row.no, row.abstained)
    return Deliberation(
        row.group_id, row.since, row.until, votes, row.passed, assessed_on=row.assessed_on, **content
    )  # fmt: skip


async def recommend(
    tx: Tx, keys: Keys, application: UUID, made: Recommendation, by: UUID, at: datetime
) -> None:  # fmt: skip
    reason = keys.seal(_reason(application), made.reason) if made.reason is not None else None
    row = {**asdict(made), "reason": reason, "recorded_at": at, "recorded_by": by}
    statement = upsert(recommendations).values(application_id=application, **row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["application_id"], set_=row))


async def forget_recommendation(tx: Tx, application: UUID) -> None:
    """What the unit said of a hand-in that was taken back; the audit chain keeps that it was."""
    await tx.execute(delete(recommendations).where(recommendations.c.application_id == application))


def reason_of(keys: Keys, application: UUID, sealed: bytes | None) -> str | None:
    """Why one comes first among equals."""
    return keys.open(_reason(application), sealed) if sealed is not None else None


def _reason(application: UUID) -> str:
    return f"recommendations.reason/{application}"


async def ranked(tx: Tx, unit: UUID, programme: UUID, rank: int, *, beside: UUID) -> Row[tuple[UUID]] | None:
    """Who else of the unit holds this rank; whose application ended, or was taken back, holds none. Rankings of one unit
    are made one after the other."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"ranking:{unit}:{programme}", 0))))
    joined = recommendations.join(applications, applications.c.id == recommendations.c.application_id)
    query = select(recommendations.c.application_id).select_from(joined).where(
        applications.c.unit == unit, applications.c.programme == programme, recommendations.c.rank == rank,
        recommendations.c.application_id != beside, applications.c.state.in_(HANDED_IN),
    )  # fmt: skip
    return (await tx.execute(query.limit(1))).one_or_none()
