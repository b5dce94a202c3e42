"""Post plans: posts are taken and given back under the plan's lock, so that two never take the last one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.application import HANDED_IN
from mangping_api.domain.post_plan import Approval, Plan
from mangping_api.tables import applications, post_approvals, post_plans, post_uses


async def add(tx: Tx, plan: Plan) -> bool:
    """False when the unit has one in this programme."""
    row = {
        "id": plan.id, "unit": plan.unit, "programme": plan.programme, "posts": plan.posts, "version": plan.version,
        "planned_at": plan.planned_at,
    }  # fmt: skip
    return (await tx.execute(upsert(post_plans).values(**row).on_conflict_do_nothing())).rowcount == 1


async def change(tx: Tx, plan: Plan) -> None:
    """Another number of posts; approvals are given anew."""
    row = {
        "posts": plan.posts, "version": plan.version, "planned_at": plan.planned_at, "filed_at": plan.filed_at,
    }  # fmt: skip
    await tx.execute(update(post_plans).where(post_plans.c.id == plan.id).values(**row))
    await tx.execute(delete(post_approvals).where(post_approvals.c.plan_id == plan.id))


async def of_unit(tx: Tx, unit: UUID, programme: UUID, *, lock: bool = False) -> Plan | None:
    here = (post_plans.c.unit == unit) & (post_plans.c.programme == programme)
    query = select(post_plans.c.id).where(here)
    id = (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    return await find(tx, id) if id else None


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Plan | None:
    query = select(post_plans).where(post_plans.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    given = await tx.execute(
        select(post_approvals)
        .where(post_approvals.c.plan_id == id)
        .order_by(post_approvals.c.approved_at, post_approvals.c.body)
    )
    used = (await tx.execute(select(func.count()).select_from(_held(id).subquery()))).scalar_one()
    return Plan(
        row.id, row.unit, row.programme, row.posts, row.version, row.planned_at, row.filed_at,
        tuple(Approval(one.body, one.organisation, one.approved_at) for one in given), used,
    )  # fmt: skip


async def approve(tx: Tx, id: UUID, approval: Approval, by: UUID) -> None:
    row = {
        "plan_id": id, "body": approval.body, "organisation": approval.organisation,
        "approved_at": approval.approved_at, "approved_by": by,
    }  # fmt: skip
    await tx.execute(insert(post_approvals).values(**row))


async def file(tx: Tx, id: UUID, at: datetime) -> None:
    await tx.execute(update(post_plans).where(post_plans.c.id == id).values(filed_at=at))


async def take(tx: Tx, plan: UUID, application: UUID) -> bool:
    """One post for this application, once; False when none is left. Whoever asks meanwhile waits."""
    row = (await tx.execute(select(post_plans.c.posts).where(post_plans.c.id == plan).with_for_update())).one()
    taken = set((await tx.execute(_held(plan))).scalars())
    if application in taken:
        return True
    if len(taken) >= row.posts:
        return False
    use = upsert(post_uses).values(application_id=application, plan_id=plan)
    await tx.execute(use.on_conflict_do_nothing())
    return True


def _held(plan: UUID) -> Select[tuple[UUID]]:
    """Who holds a post of it; whose application ended, or was taken back, holds none."""
    joined = post_uses.join(applications, applications.c.id == post_uses.c.application_id)
    query = select(post_uses.c.application_id).select_from(joined)
    return query.where(post_uses.c.plan_id == plan, applications.c.state.in_(HANDED_IN))


async def give_back(tx: Tx, application: UUID) -> bool:
    gone = delete(post_uses).where(post_uses.c.application_id == application)
    return (await tx.execute(gone)).rowcount == 1
