"""Who is a body for an application, and whose word counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping.policy import Policy
from mangping_api.domain import course, review, review_facts
from mangping_api.domain.application import Application, State
from mangping_api.domain.packs import shipped
from mangping_api.domain.review import (
    Binding,
    Defect,
    Desk,
    Dossier,
    HandedIn,
    Item,
    Returned,
    Signed,
    SignOff,
    Verdict,
)

PACKS = shipped()
AT = datetime(2024, 8, 20, 9, tzinfo=BEIJING)
ROOT, COUNTY, SCHOOL, OTHER, CENTRE = (UUID(int=number) for number in range(1, 6))
ANN, BO = UUID(int=11), UUID(int=12)
ITEM = Item("section.basic", "基本信息", "a")


def application(policy: Policy) -> Application:
    kind = policy.pack.kinds[0]
    line = (ROOT, COUNTY, SCHOOL)
    return Application(
        UUID(int=9), UUID(int=8), SCHOOL, line, UUID(int=7), policy.pack.year, kind.kind, kind.level, {},
        State.SUBMITTED, 1, AT, tier=policy.pack.tiers[0].key,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ((), SCHOOL), ((COUNTY,), COUNTY), ((SCHOOL, COUNTY), SCHOOL), ((CENTRE,), CENTRE), ((CENTRE, COUNTY), COUNTY),
        ((CENTRE, OTHER), SCHOOL),  # bound for others only
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", sorted(PACKS))
def test_the_first_tier_is_the_unit_unless_bound_otherwise(name: str, bound: tuple[UUID, ...], expected: UUID) -> None:
    policy = PACKS[name]
    tier = policy.pack.tiers[0]
    [body] = tier.bodies
    bindings = [Binding(tier.key, body, one) for one in bound]
    assert review.bound(tier, policy, application(policy), bindings) == {body: expected}


def signed(by: UUID, organisation: UUID, tier: str = "unit", revision: int = 1) -> Signed:
    return Signed(tier, "学校", organisation, by, AT, revision)


def test_the_word_of_an_organisation_that_is_the_body_no_more_counts_for_nothing() -> None:
    word = SignOff(signed(ANN, SCHOOL), True, review.whole([ITEM]))
    desk = Desk("unit", "学校", SCHOOL, AT)
    assert review.signatures(Dossier((desk,), sign_offs=(word,)), [ITEM]) == (word,)
    moved = replace(desk, organisation=CENTRE)
    assert review.signatures(Dossier((moved,), sign_offs=(word,)), [ITEM]) == ()


def test_what_one_judged_who_has_recused_themselves_since_is_judged_again() -> None:
    verdict = Verdict(signed(ANN, SCHOOL), ITEM.key, ITEM.digest)
    dossier = Dossier(verdicts=(verdict,))
    assert review.unreviewed(dossier.heard, [ITEM], "unit", "学校") == ()
    recused = replace(dossier, recused=frozenset({ANN}))
    assert review.unreviewed(recused.heard, [ITEM], "unit", "学校") == (ITEM,)
    again = replace(recused, verdicts=(verdict, replace(verdict, signed=signed(BO, SCHOOL))))
    assert review.unreviewed(again.heard, [ITEM], "unit", "学校") == ()


def test_a_tier_tells_everything_once_and_is_not_bound_by_what_another_told() -> None:
    """GL-52: what a tier could have told the first time it does not tell the second."""
    policy = PACKS["guilin-vice-senior-2024"]
    told = Defect("section.teaching", "教学", "不符")
    past = HandedIn(1, AT, (ITEM, Item("section.teaching", "教学", "b")))
    now = [ITEM, Item("section.teaching", "教学", "c")]
    back = Returned(signed(ANN, SCHOOL, "title_office"), "returned", None, (told,))
    dossier = Dossier(returns=(back,), handed_in=(past, HandedIn(2, AT + timedelta(days=1), tuple(now))))
    late = Defect(ITEM.key, ITEM.title, "有误")

    def found(tier: str) -> object:
        return review_facts.returning(policy, dossier, now, (told, late), tier)["late_defects"]

    assert (found("title_office"), found("department")) == ([ITEM.title], [])


def test_a_reason_is_a_rule_of_the_notice() -> None:
    policy = PACKS["korla-primary-2024"]
    review.require_rule(policy, "KP-31")
    with pytest.raises(Refused) as refused:
        review.require_rule(policy, "GL-52")
    assert (refused.value.code, refused.value.status) == ("review.rule_unknown", 422)


AKSU = PACKS["aksu-party-school-2024"]


def at_committee() -> Application:
    """Handed in, passed by unit and department: it has reached the committee."""
    held = replace(application(AKSU), state=State.DRAFT, submissions=0)
    _, held = course.hand_in(held, AKSU.pack, AT, changed=True, stands=lambda tier: False)
    for _tier in AKSU.pack.tiers[:2]:
        _, held = course.pass_on(held, AKSU.pack, AT)
    assert (held.tier, held.committee_submissions, held.arrived_at, held.passed) == (
        "committee", 1, AT, ("forward", "receive"),
    )  # fmt: skip
    return held


def test_what_comes_again_straight_to_the_committee_is_submitted_to_it_once_more() -> None:
    """AK-15: the fourth is refused, whether or not anything was changed between them."""
    held = at_committee()
    for number in (1, 2, 3):
        assert held.committee_submissions == number
        _, held = course.send_back(held, AKSU.pack, AT, None)
        if number == 3:
            assert held.state is State.NOT_ACCEPTED
            return
        _, held = course.hand_in(held, AKSU.pack, AT, changed=False, stands=lambda tier: True)
        assert (held.state, held.tier) == (State.SUBMITTED, "committee")


def test_what_the_committee_had_not_begun_with_was_not_submitted_to_it() -> None:
    """AK-07, AK-15: it is not counted, and must arrive anew by 18:00."""
    _, held = course.withdraw(at_committee(), AKSU.pack, judged={"unit", "department"})
    assert (held.committee_submissions, held.arrived_at, held.tier) == (0, None, "department")
    _, held = course.withdraw(at_committee(), AKSU.pack, judged={"unit", "department", "committee"})
    assert (held.committee_submissions, held.arrived_at, held.tier) == (1, AT, "committee")


def test_what_was_never_returned_is_let_pass_in_time_once_more() -> None:
    """GL-76: taken back and changed it is no correction, so the unit's own end holds for it."""
    policy = PACKS["guilin-vice-senior-2024"]
    held = replace(application(policy), state=State.SUBMITTED)
    _, held = course.pass_on(held, policy.pack, AT)
    assert held.passed == ("forward",)
    _, taken = course.withdraw(held, policy.pack, judged=())
    _, changed = course.hand_in(taken, policy.pack, AT, changed=True, stands=lambda tier: False)
    _, same = course.hand_in(taken, policy.pack, AT, changed=False, stands=lambda tier: tier.key == "unit")
    assert ((changed.tier, changed.passed), (same.tier, same.passed)) == (("unit", ()), ("department", ("forward",)))
    _, back = course.send_back(held, policy.pack, AT, AT)
    _, corrected = course.hand_in(back, policy.pack, AT, changed=True, stands=lambda tier: False)
    assert (corrected.tier, corrected.passed) == ("unit", ("forward",))
