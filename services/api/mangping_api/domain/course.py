"""The course of an application through the tiers of its pack and back. Pure: an act gives the edge that was taken and
the application as it then stands, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from mangping.errors import Refused
from mangping.machine import Edge
from mangping.policy.pack import Pack
from mangping.policy.parts import Ending, Lapse
from mangping.policy.timing import Tier

from mangping_api.domain.application import MACHINE, Act, Application, Party, State

Taken = tuple[Edge[State, Party], Application]
# What the clock does when a correction was not handed in, as the notice words it.
ON_LAPSE: dict[Lapse, Act] = {
    "own_risk": Act.LAPSE, "abandoned": Act.FORFEIT, "not_accepted": Act.CLOSE, "refused": Act.CLOSE,
    "rejected_year": Act.CLOSE,
}  # fmt: skip
# What becomes of an accepted application that nobody paid for.
ON_UNPAID: dict[Ending, Act] = {
    "abandoned": Act.LEAVE_UNPAID, "not_accepted": Act.CLOSE_UNPAID, "refused": Act.CLOSE_UNPAID,
    "rejected_year": Act.CLOSE_UNPAID,
}  # fmt: skip
_WAITING = (Act.WITHDRAW, Act.TAKE_BACK, Act.ABANDON, Act.SIGN, Act.PASS, Act.ACCEPT)  # while an inquiry is open


def tier_of(pack: Pack, key: str) -> Tier:
    return next(tier for tier in pack.tiers if tier.key == key)


def taken(application: Application, act: Act, party: Party) -> Taken:
    """The edge, and the application at its end. Refused (409) too while an inquiry holds it up."""
    edge = MACHINE.decide(application.state, act, party)
    if application.suspended_at is not None and act in _WAITING:
        message, remedy = "该申报正在接受核查，暂停办理。", "请等候核查结论。"
        raise Refused("application.suspended", message, remedy, status=409)
    return edge, replace(application, state=edge.to)


def hand_in(
    application: Application, pack: Pack, at: datetime, *, changed: bool, stands: Callable[[Tier], bool]
) -> Taken:
    """Submitted, or submitted again: to where it lay last, or to a tier before that whose sign-offs do not stand
    (`stands`) on what is handed in. What was only signed was not passed: its tier has yet to judge whether it may go."""
    act = Act.RESUBMIT if application.state is State.RETURNED else Act.SUBMIT
    edge, done = taken(application, act, Party.APPLICANT)
    first = next((tier for tier in pack.tiers if tier.key == application.tier or not stands(tier)), pack.tiers[0])
    before = {tier.before for tier in pack.tiers[: pack.tiers.index(first)]}
    return edge, replace(
        done, submissions=done.submissions + 1, revision=done.revision + 1, submitted_at=at, tier=first.key,
        changed_at=at if changed and done.revision else done.changed_at,
        # Straight to the committee is one more submission to it; what was never returned is no correction, so whatever
        # it does not skip must let it pass in time once more.
        committee_submissions=done.committee_submissions + at_committee(pack, first.key),
        passed=done.passed if done.returned_at else tuple(act for act in done.passed if act in before),
    )  # fmt: skip


def withdraw(application: Application, pack: Pack, *, judged: Collection[str]) -> Taken:
    """Back in the applicant's hands: a draft, or a correction whose clock runs on. It is not counted when the notice
    says so and nobody had begun to review it (`judged`: the tiers that had, of this hand-in). What the committee had not
    begun with has not been submitted to it: it must arrive there again."""
    act = Act.WITHDRAW if application.returned_at is None else Act.TAKE_BACK
    edge, done = taken(application, act, Party.APPLICANT)
    always = pack.submissions is not None and pack.submissions.withdrawal_counts
    done = replace(done, submissions=done.submissions - (0 if always or judged else 1))
    if not at_committee(pack, done.tier) or always or done.tier in judged:
        return edge, done
    count, receiving = done.committee_submissions - 1, next(one.key for one in pack.tiers if one.before == "receive")
    return edge, replace(
        done, tier=receiving, committee_submissions=count, arrived_at=done.arrived_at if count else None
    )  # fmt: skip


def at_committee(pack: Pack, key: str) -> bool:
    """Whether this tier comes after the one that submits to the committee."""
    keys = [tier.key for tier in pack.tiers]
    return any(one.before == "receive" for one in pack.tiers[: keys.index(key)])


def next_tier(pack: Pack, key: str) -> Tier | None:
    """None after the last."""
    keys = [tier.key for tier in pack.tiers]
    return next(iter(pack.tiers[keys.index(key) + 1 :]), None)


def pass_on(application: Application, pack: Pack, at: datetime) -> Taken:
    """The tier lets it go: to the next one, or it is accepted."""
    tier = tier_of(pack, application.tier)
    following = next_tier(pack, tier.key)
    edge, done = taken(application, Act.PASS if following else Act.ACCEPT, Party.REVIEWER)
    done = replace(done, passed=tuple(dict.fromkeys((*done.passed, tier.before))))
    if tier.before == "receive":
        arrived = done.arrived_at or at
        done = replace(done, committee_submissions=done.committee_submissions + 1, arrived_at=arrived)
    return edge, replace(done, tier=following.key) if following else done


def send_back(application: Application, pack: Pack, at: datetime, until: datetime | None) -> Taken:
    """Returned; or, when no further submission is granted, not accepted any more."""
    rule = pack.submissions
    used = application.committee_submissions if rule and rule.counts == "committee" else application.submissions
    act = Act.EXHAUST if rule and used >= rule.max else Act.RETURN
    edge, done = taken(application, act, Party.REVIEWER)
    return edge, replace(done, returned_at=at, correct_until=until)
