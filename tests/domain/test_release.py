"""Which pages wait for a human, and whose word is enough for them."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from mangping.errors import Refused
from mangping_api.domain.attachment import Looked, Slot, doubtful
from mangping_api.domain.packs import shipped
from mangping_api.domain.redaction_job import State
from mangping_api.domain.release import released, require_looked_at
from mangping_api.domain.review import Defect, Signed, Verdict, document

from tests.domain.test_facts import AT, ID, looked, page

KORLA, WITHOUT_MASKING = shipped()["korla-primary-2024"], shipped()["korla-initial-2024"]


def unsure(column: str = "education_hours", item: str = "ce_certificate", state: State = State.DONE) -> Looked:
    """One page that nobody vouches for."""
    read = page(0)
    told = read.model_copy(update={"record": read.record.model_copy(update={"verified": False})})
    one = looked(state, told)
    held = replace(one.attachment, slot=Slot(column, item))
    return replace(one, attachment=held, job=replace(one.job, verified=False))


def said(of: Looked, tier: str, *, body: str = "x", wrong: bool = False, seen: str = "") -> Verdict:
    item = document(KORLA, of)
    defect = Defect(item.key, item.title, "没有遮盖") if wrong else None
    return Verdict(Signed(tier, body, ID, ID, AT, 1), item.key, seen or item.digest, defect)


def test_pages_wait_that_a_panel_is_to_see_covered_and_that_were_looked_at() -> None:
    sure = looked(State.DONE, page(0))
    assert [doubtful(KORLA, one) for one in (unsure(), sure, unsure(state=State.QUEUED))] == [(1,), (), ()]
    assert [doubtful(KORLA, unsure(state=state)) for state in (State.REFUSED, State.FAILED)] == [(), ()]
    assert doubtful(KORLA, unsure("unit_documents", "ethics_statement")) == ()
    assert doubtful(WITHOUT_MASKING, unsure("education", "diploma")) == ()


def test_each_of_them_is_named() -> None:
    require_looked_at(KORLA, unsure(), [1])
    require_looked_at(KORLA, looked(State.DONE, page(0)), [])
    with pytest.raises(Refused) as refused:
        require_looked_at(KORLA, unsure(), [2])
    assert (refused.value.code, refused.value.details) == ("review.pages_unchecked", {"pages": [1]})


def test_an_offices_word_on_these_very_pages_is_enough_and_the_units_is_not() -> None:
    one = unsure()
    here = frozenset({one.attachment.id})
    again = replace(one, job=replace(one.job, id=uuid4()))  # redacted anew
    assert released(KORLA, [], [one]) == frozenset()
    assert released(KORLA, [said(one, "unit")], [one]) == frozenset()
    assert released(KORLA, [said(one, "unit"), said(one, "city")], [one]) == here
    assert released(KORLA, [said(one, "city")], [again]) == frozenset()
    assert released(KORLA, [said(one, "city"), said(one, "city", body="y", wrong=True)], [one]) == frozenset()
    assert released(KORLA, [said(one, "city", wrong=True), said(one, "city")], [one]) == here  # the newest of a body
