"""Whose scan is next: few are handed to the workers at a time, in turns, so that nobody waits behind a pile.

A lane is a batch, or all single scans of one owner. What waits in the outbox leaves it lane by lane: first who has
least under way, singles before batches.
"""

from __future__ import annotations

from datetime import datetime

from mangping.contracts import QUEUES, RedactScan
from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, or_, select

from mangping_api.domain.redaction_job import State
from mangping_api.tables import ledger, redaction_jobs

_jobs, _box = redaction_jobs, ledger.outbox
_SCANS = QUEUES[RedactScan]


def turn(at: datetime, *, ahead: int) -> ColumnElement[bool]:
    """Which messages of the outbox may leave at `at`, when at most `ahead` scans may be with the workers."""
    owed = exists().where(_jobs.c.attempt_id == _box.c.message_id, _jobs.c.state == State.QUEUED)
    return or_(_box.c.queue != _SCANS, ~owed, _box.c.message_id.in_(_next(at, ahead)))


def _next(at: datetime, ahead: int) -> ScalarSelect[object]:
    box = _box.alias("waiting")
    waits = and_(box.c.id.is_not(None), func.coalesce(box.c.claimed_until, at) <= at)
    lane = (_jobs.c.owner, _jobs.c.batch_id)
    place = func.row_number().over(partition_by=(*lane, waits), order_by=(_jobs.c.created_at, _jobs.c.id))
    under_way = func.sum(case((waits, 0), else_=1)).over(partition_by=lane)
    ranked = (
        select(_jobs.c.attempt_id, _jobs.c.batch_id, _jobs.c.created_at, (place + under_way).label("turn"),
               waits.label("waits"), box.c.not_before)
        .select_from(_jobs.outerjoin(box, box.c.message_id == _jobs.c.attempt_id))
        .where(_jobs.c.state == State.QUEUED).subquery()
    )  # fmt: skip
    free = select(ranked.c.attempt_id).where(ranked.c.waits, ranked.c.not_before <= at)
    ordered = free.order_by(ranked.c.turn, ranked.c.batch_id.is_not(None), ranked.c.created_at, ranked.c.attempt_id)
    return ordered.limit(_room(at, ahead)).scalar_subquery()


def _room(at: datetime, ahead: int) -> ScalarSelect[int]:
    """How many more may go: counted first, so that nothing is ranked while there is no room."""
    all_ = select(func.count()).where(_jobs.c.state == State.QUEUED).scalar_subquery()
    box = _box.alias("kept")
    kept = select(func.count()).where(box.c.queue == _SCANS, func.coalesce(box.c.claimed_until, at) <= at)
    return select(func.greatest(ahead - (all_ - kept.scalar_subquery()), 0)).scalar_subquery()
