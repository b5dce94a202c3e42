"""The course of an application, walked at random: any actor, any hour, any notice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping.policy import Policy, Uncovered
from mangping.policy.timing import Tier
from mangping_api.domain import course
from mangping_api.domain.application import EDGES, HANDED_IN, OPEN, Act, Application, Party, State
from mangping_api.domain.deadline import of_correction, of_tier, of_windows
from mangping_api.domain.packs import shipped

PACKS = shipped()
ENDS = frozenset(State) - {at for (at, act) in EDGES if act is not Act.PAY_AFTER_ALL}
ID = UUID(int=1)


def draft(policy: Policy, at: datetime) -> Application:
    kind = policy.pack.kinds[0]
    return Application(ID, ID, ID, (ID,), ID, policy.pack.year, kind.kind, kind.level, {}, State.DRAFT, 0, at)


class Walk(RuleBasedStateMachine):
    """Sign-offs are kept as {(tier, body): revision of the content that was signed}, passes as (tier, revision of the
    content that it let go); content changes at will."""

    policy: Policy
    now: datetime
    held: Application

    @initialize(name=st.sampled_from(sorted(PACKS)))
    def begin(self, name: str) -> None:
        self.policy = PACKS[name]
        opens = next(one.opens for one in self.policy.pack.windows if "submit" in one.acts and one.opens)
        self.now = datetime.fromisoformat(opens).replace(tzinfo=BEIJING) + timedelta(hours=9)
        self.held = draft(self.policy, self.now)
        self.content = 0
        self.signed: dict[tuple[str, str], int] = {}
        self.passed: set[tuple[str, int]] = set()
        self.due: dict[str, tuple[datetime, Act]] = {
            one.kind: (one.counted.end, one.on_end) for one in of_windows(self.policy, {}, self.now) if one.on_end
        }
        self.accepted_on = -1
        self.reached = 0  # submissions to the committee that count
        self.judged: set[str] = set()  # tiers that have begun with what was handed in last

    def agreed(self, tier: Tier) -> bool:
        good = [self.signed.get((tier.key, body)) == self.content for body in tier.bodies]
        return all(good) if tier.needs == "all" else any(good)

    def used(self) -> int:
        rule = self.policy.pack.submissions
        committee = rule is not None and rule.counts == "committee"
        return self.held.committee_submissions if committee else self.held.submissions

    def granted(self) -> bool:
        rule = self.policy.pack.submissions
        return rule is None or self.used() < rule.max

    def take(self, act: Any) -> bool:
        """One act; what is refused leaves everything as it was."""
        before = self.held
        try:
            edge, self.held = act()
        except Refused:
            return False
        assert edge.to is self.held.state
        assert (before.state, self.held.state) in {(at, one.to) for (at, _), one in EDGES.items()}
        return True

    @rule(hours=st.integers(0, 96))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.held.state in OPEN)
    @rule()
    def the_applicant_changes_something(self) -> None:
        self.content += 1

    @rule(changed=st.booleans())
    def the_applicant_hands_in(self, changed: bool) -> None:
        late = self.held.state is State.RETURNED and any(
            end <= self.now for kind, (end, _) in self.due.items() if kind.startswith("correction.")
        )
        if late or not self.granted():
            return  # the pack forbids it
        first = self.held.state is State.DRAFT
        act = lambda: course.hand_in(  # noqa: E731
            self.held, self.policy.pack, self.now, changed=changed, stands=self.agreed
        )
        if self.take(act):
            tiers = [tier.key for tier in self.policy.pack.tiers]
            skipped = self.policy.pack.tiers[: tiers.index(self.held.tier)]
            assert [tier.key for tier in skipped if not self.agreed(tier)] == []
            assert {(tier.key, self.content) for tier in skipped} <= self.passed, "skipped, but never passed as it is"
            self.due = {kind: one for kind, one in self.due.items() if kind == "arrival"}
            assert self.held.revision >= (1 if first else 2)
            self.judged = set()
            self.reached += course.at_committee(self.policy.pack, self.held.tier)
            if self.held.returned_at is None:
                assert set(self.held.passed) <= {tier.before for tier in skipped}, (
                    "let pass in time, then handed in anew"
                )

    @rule()
    def the_applicant_takes_back(self) -> None:
        before = self.held
        if self.take(lambda: course.withdraw(self.held, self.policy.pack, judged=self.judged)):
            assert self.held.state is (State.RETURNED if before.returned_at else State.DRAFT)
            assert self.held.submissions == before.submissions - (not self.judged)
            lost = course.at_committee(self.policy.pack, before.tier) and before.tier not in self.judged
            self.reached -= lost
            assert (self.held.tier == before.tier) != lost

    @precondition(lambda self: self.held.state is State.SUBMITTED)
    @rule()
    def an_officer_begins_with_it(self) -> None:
        self.judged.add(self.held.tier)

    @precondition(lambda self: self.held.state is State.SUBMITTED)
    @rule(data=st.data())
    def an_officer_signs(self, data: Any) -> None:
        body = data.draw(st.sampled_from(course.tier_of(self.policy.pack, self.held.tier).bodies))
        tier = self.held.tier
        if self.take(lambda: course.taken(self.held, Act.SIGN, Party.REVIEWER)):
            self.signed[(tier, body)] = self.content

    @precondition(lambda self: self.held.state is State.SUBMITTED)
    @rule()
    def an_officer_passes_it_on(self) -> None:
        tier = course.tier_of(self.policy.pack, self.held.tier)
        if self.agreed(tier) and self.take(lambda: course.pass_on(self.held, self.policy.pack, self.now)):
            assert tier.before in self.held.passed
            self.passed.add((tier.key, self.content))
            if self.held.state is State.ACCEPTED:
                self.accepted_on = self.content
            else:
                assert course.next_tier(self.policy.pack, tier.key) == course.tier_of(self.policy.pack, self.held.tier)
            if tier.before == "receive":
                self.due.pop("arrival", None)
                self.reached += 1

    @precondition(lambda self: self.held.state is State.SUBMITTED)
    @rule(hours=st.integers(1, 200))
    def an_officer_sends_it_back(self, hours: int) -> None:
        rule, granted = self.policy.pack.correction, self.granted()
        until = self.now + timedelta(hours=hours) if rule and rule.set_by_officer else None
        if self.take(lambda: course.send_back(self.held, self.policy.pack, self.now, until)):
            assert (self.held.state is State.RETURNED) == granted
            facts = {"record": {"returned_at": self.now, "correct_until": until}}
            running = None
            with suppress(Uncovered):
                running = of_correction(self.policy, self.held, facts, self.now)
            if running is not None and running.on_end and self.held.state is State.RETURNED:
                self.due[running.kind] = (running.counted.end, running.on_end)

    @precondition(lambda self: self.held.state is State.SUBMITTED)
    @rule(data=st.data())
    def it_is_taken_back_signed_but_not_passed(self, data: Any) -> None:
        self.an_officer_signs(data)
        self.an_officer_begins_with_it()
        self.the_applicant_takes_back()
        self.the_applicant_hands_in(changed=False)

    @precondition(lambda self: self.held.state in (State.SUBMITTED, State.RETURNED))
    @rule()
    def another_round(self) -> None:
        self.an_officer_sends_it_back(hours=48)
        self.the_applicant_hands_in(changed=True)

    @rule()
    def the_clock_strikes(self) -> None:
        for kind, (end, act) in sorted(self.due.items()):
            if end <= self.now and self.held.suspended_at is None:
                del self.due[kind]
                self.take(lambda act=act: course.taken(self.held, act, Party.CLOCK))

    @precondition(lambda self: self.held.state in HANDED_IN)
    @rule()
    def an_inquiry_begins_or_ends(self) -> None:
        self.held = replace(self.held, suspended_at=None if self.held.suspended_at else self.now)

    @rule(act=st.sampled_from(Act), party=st.sampled_from(Party))
    def anybody_tries_anything(self, act: Act, party: Party) -> None:
        """Whoever it is, only the table's edges can be taken; this only tries, the other rules go on from there."""
        edge = EDGES.get((self.held.state, act))
        try:
            taken, done = course.taken(self.held, act, party)
        except Refused as refused:
            waits = refused.code == "application.suspended"
            assert waits or edge is None or party not in edge.roles
            return
        assert taken is edge
        assert replace(done, state=self.held.state) == self.held

    @rule(
        act=st.sampled_from([Act.REFUSE, Act.DISQUALIFY, Act.ANNUL, Act.LEAVE_UNPAID, Act.CLOSE_UNPAID]),
        really=st.integers(0, 20),
    )
    def it_is_ended(self, act: Act, really: int) -> None:
        parties = {Act.REFUSE: Party.REVIEWER, Act.DISQUALIFY: Party.AUTHORITY, Act.ANNUL: Party.AUTHORITY}
        if really == 13:
            self.take(lambda: course.taken(self.held, act, parties.get(act, Party.FEES)))

    @invariant()
    def it_lies_where_it_can_lie(self) -> None:
        if not hasattr(self, "held"):
            return
        keys = {tier.key for tier in self.policy.pack.tiers}
        assert self.held.tier in (keys if self.held.state is State.SUBMITTED else keys | {""})
        assert 0 <= self.held.submissions <= self.held.revision
        rule = self.policy.pack.submissions
        assert rule is None or self.used() <= rule.max
        assert self.held.committee_submissions == self.reached >= 0
        assert (self.held.arrived_at is not None) == (self.reached > 0)
        if self.held.state is State.ACCEPTED:
            assert self.accepted_on == self.content
            assert self.agreed(self.policy.pack.tiers[-1])
            assert "receive" in self.held.passed


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase


def test_it_comes_again_to_the_tier_where_it_lay_though_everybody_has_signed() -> None:
    """Taken back or sent back, unchanged: signed is not passed."""
    policy = PACKS["guilin-vice-senior-2024"]
    pack, at = policy.pack, datetime(2024, 8, 20, tzinfo=BEIJING)

    def again(held: Application, unsigned: str = "") -> str:
        return course.hand_in(held, pack, at, changed=False, stands=lambda tier: tier.key != unsigned)[1].tier

    _, held = course.hand_in(draft(policy, at), pack, at, changed=True, stands=lambda tier: False)
    for number, tier in enumerate(pack.tiers):
        assert held.tier == tier.key
        assert again(course.withdraw(held, pack, judged={held.tier})[1]) == tier.key
        back = replace(held, state=State.RETURNED, returned_at=at)
        assert again(back) == tier.key
        for before in pack.tiers[:number]:
            assert again(back, before.key) == before.key
        held = course.pass_on(held, pack, at)[1]


@pytest.mark.parametrize("state", sorted(ENDS))
@pytest.mark.parametrize("act", Act)
def test_nobody_moves_what_has_come_to_its_end(state: State, act: Act) -> None:
    """But money that came in time and was heard of late."""
    if act is Act.PAY_AFTER_ALL:
        return
    at = datetime(2024, 10, 10, tzinfo=BEIJING)
    done = replace(draft(PACKS["korla-primary-2024"], at), state=state)
    for party in Party:
        with pytest.raises(Refused) as refused:
            course.taken(done, act, party)
        assert (refused.value.code, refused.value.status) == ("application.wrong_state", 409)


# By when each tier must have let it go: the windows of the notices, and the arrival that AK counts by.
ENDS_OF_TIERS = [
    ("korla-primary-2024", "unit", None), ("korla-primary-2024", "city", "2024-11-05T00:00"),
    ("bazhou-technical-2024", "unit", None), ("bazhou-technical-2024", "department", None),
    ("aksu-party-school-2024", "unit", "2024-08-30T18:00"), ("aksu-party-school-2024", "department", "2024-08-30T18:00"),
    ("aksu-party-school-2024", "committee", "2024-09-11T00:00"),
    ("korla-initial-2024", "city", "2024-11-05T00:00"),
    ("guilin-vice-senior-2024", "unit", "2024-08-24T00:00"), ("guilin-vice-senior-2024", "department", "2024-09-07T00:00"),
    ("guilin-vice-senior-2024", "title_office", "2024-09-10T17:00"), ("guilin-vice-senior-2024", "city_office", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "tier", "end"), ENDS_OF_TIERS)
def test_a_tier_is_due_when_the_notice_says(name: str, tier: str, end: str | None) -> None:
    policy = PACKS[name]
    at = datetime.fromisoformat(policy.pack.valid.first).replace(tzinfo=BEIJING)
    arrived = at if course.at_committee(policy.pack, tier) else None
    application = replace(draft(policy, at), arrived_at=arrived)
    found = of_tier(policy, course.tier_of(policy.pack, tier), application, at)
    assert found == (datetime.fromisoformat(end).replace(tzinfo=BEIJING) if end else None)


def test_an_application_is_told_and_ended_by_the_windows_that_bind_it_alone() -> None:
    """GL-15 beside GL-75 and GL-78: who goes to another committee does not owe this one anything by its hour."""
    policy, at = PACKS["guilin-vice-senior-2024"], datetime(2024, 7, 10, tzinfo=BEIJING)

    def ends(path: str) -> dict[str, tuple[str, Act]]:
        running = of_windows(policy, {"path": path}, at)
        return {one.kind: (f"{one.counted.end:%m-%d %H:%M}", one.on_end) for one in running if one.on_end}

    assert ends("一般") == {"arrival": ("09-10 17:00", Act.FORFEIT), "window.application": ("09-01 00:00", Act.LAPSE)}
    assert ends("高层次人才") == {"window.direct_application": ("09-30 18:00", Act.LAPSE)}
    direct = replace(draft(policy, at), stated={"path": "高层次人才"})
    assert [of_tier(policy, tier, direct, at) for tier in policy.pack.tiers] == [None] * 4
    asked = {
        "application": {"path": "高层次人才"},
        "record": {"returned_at": at, "correct_until": datetime(2024, 9, 20, tzinfo=BEIJING)},
    }
    running = of_correction(policy, direct, asked, at)
    assert running is not None
    assert running.counted.end == datetime(2024, 9, 20, tzinfo=BEIJING)


# (pack, returned at, set by the officer, end, what the clock does then)
CORRECTIONS = [
    ("bazhou-technical-2024", "2024-09-30T17:30", None, "2024-10-02T17:30", Act.FORFEIT),
    ("bazhou-technical-2024", "2024-10-18T12:00", None, "2024-10-19T00:00", Act.FORFEIT),
    ("aksu-party-school-2024", "2024-09-02T09:00", None, "2024-09-05T00:00", Act.CLOSE),
    ("aksu-party-school-2024", "2024-09-09T17:00", None, "2024-09-11T00:00", Act.CLOSE),
    ("korla-primary-2024", "2024-10-28T09:00", None, "2024-11-05T00:00", Act.LAPSE),
    ("korla-initial-2024", "2024-10-28T09:00", None, "2024-11-05T00:00", Act.CLOSE),
    ("guilin-vice-senior-2024", "2024-09-02T09:00", "2024-09-05T18:00", "2024-09-05T18:00", Act.FORFEIT),
    ("guilin-vice-senior-2024", "2024-09-09T09:00", "2024-09-12T18:00", "2024-09-10T17:00", Act.FORFEIT),
]  # fmt: skip


@pytest.mark.parametrize(("name", "returned", "until", "end", "act"), CORRECTIONS)
def test_a_correction_ends_as_the_notice_or_the_officer_says_and_never_beyond_the_stage(
    name: str, returned: str, until: str | None, end: str, act: Act
) -> None:
    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING) if text else None

    policy, at = PACKS[name], moment(returned)
    assert at is not None
    facts = {"record": {"returned_at": at, "correct_until": moment(until)}}
    running = of_correction(policy, replace(draft(policy, at), revision=1), facts, at)
    assert running is not None
    assert (running.kind, running.counted.end, running.on_end) == ("correction.1", moment(end), act)
    assert running.counted.trace
