"""Pages that no machine vouches for: an officer looks at each, and answers for it as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from mangping.errors import Refused
from mangping.policy import Policy

from mangping_api.domain.attachment import Looked, doubtful
from mangping_api.domain.review import Verdict, document


def require_looked_at(policy: Policy, looked: Looked, checked: Iterable[int]) -> None:
    """Refused (422) when a document would be in order and a page of it was not looked at that only a human can answer
    for."""
    if left := sorted(set(doubtful(policy, looked)) - set(checked)):
        message, remedy = (
            "有页面须由人工查看遮盖情况。",
            "请查看 pages 所列各页的遮盖件，确认看不出申报人后，将页码写入 checked。",
        )
        raise Refused("review.pages_unchecked", message, remedy, details={"pages": left})


def released(policy: Policy, verdicts: Iterable[Verdict], held: Iterable[Looked]) -> frozenset[UUID]:
    """Documents whose doubtful pages an office has answered for, as they are now: none that the applicant's own unit
    alone has, where others review after it, and none in which a body finds a defect."""
    beyond = {tier.key for tier in policy.pack.tiers[1:]} or {policy.pack.tiers[0].key}
    newest = {(one.item, one.signed.tier, one.signed.body): one for one in verdicts}
    found = set()
    for one in (one for one in held if doubtful(policy, one)):
        now = document(policy, one)
        said = [verdict for verdict in newest.values() if (verdict.item, verdict.seen) == (now.key, now.digest)]
        if any(verdict.signed.tier in beyond for verdict in said) and not any(verdict.defect for verdict in said):
            found.add(one.attachment.id)
    return frozenset(found)
