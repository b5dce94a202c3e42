"""What every move of an application leaves behind, in its own transaction: an entry in the audit chain, a message to the
people it concerns, and the desks of the tier where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

from mangping.contracts import ApplicationEvent, EventName
from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.timing import Tier

from mangping_api.domain import deadline, review
from mangping_api.domain.application import Application
from mangping_api.domain.course import tier_of
from mangping_api.domain.deadline import Standing
from mangping_api.domain.review import Binding, Desk
from mangping_api.storage import applications as rooms
from mangping_api.storage import deadlines, reviews
from mangping_api.tables import ledger

_TOLD = frozenset(get_args(EventName))


async def record(
    tx: Tx, application: Application, policy: Policy, event: str, actor: str, at: datetime, facts: Mapping[str, Any],
    *, due_at: datetime | None = None,
) -> None:  # fmt: skip
    """Audit, and the message when people are told of such an event."""
    told = dict(facts) | ({"tier": application.tier} if application.tier else {})
    await ledger.record(tx, rooms.stream(application.id), event, actor=actor, at=at, facts=told)
    if event in _TOLD:
        await tell(tx, application, policy, event, at, due_at=due_at)


async def tell(
    tx: Tx, application: Application, policy: Policy, event: str, at: datetime, *, due_at: datetime | None = None
) -> None:
    message = ApplicationEvent(
        event=event,
        application_id=application.id, programme_id=application.programme, at=at, tier=application.tier,
        tier_title=tier_of(policy.pack, application.tier).title if application.tier else "",
        submission=application.submissions, due_at=due_at and due_at.astimezone(UTC),
    )  # fmt: skip
    await ledger.post(tx, {uuid4(): message}, at=at, not_before=at)


def desks(
    policy: Policy, tier: Tier, application: Application, bindings: Iterable[Binding], at: datetime
) -> tuple[Desk, ...]:
    """Those of a tier for this application. Refused (409) while a body has no organisation."""
    found = review.bound(tier, policy, application, bindings)
    if not found or (tier.needs == "all" and len(found) < len(tier.bodies)):
        message, remedy = f"“{tier.title}”还没有指定审核单位。", "请联系本批次的管理员指定。"
        raise Refused("tier.unbound", message, remedy, status=409)
    due = deadline.of_tier(policy, tier, application, at)
    return tuple(Desk(tier.key, body, organisation, at, due) for body, organisation in found.items())


async def ended(tx: Tx, application: Application, at: datetime) -> None:
    """It has come to its end: it lies nowhere any more, and no clock runs on."""
    await reviews.close_desks(tx, application.id, at)
    await deadlines.stand(tx, application.id, Standing.MET, was=Standing.RUNNING)
