"""The life of a redaction job is a table; walk all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping import cursor
from mangping.errors import Refused
from mangping_api.domain.redaction_job import EDGES, EVERY_CLASS, VISIBLE, Act, State, backoff, decide
from mangping_api.handlers.redaction_jobs import VisibleState
from mangping_redaction.page import CLASSES, Ask

ENDS = {State.DONE, State.REFUSED, State.ERASED}


def test_every_state_and_act_is_an_edge_or_a_refusal() -> None:
    for state, act in product(State, Act):
        if (state, act) in EDGES:
            assert decide(state, act) is EDGES[state, act]
        else:
            with pytest.raises(Refused) as refused:
                decide(state, act)
            assert (refused.value.code, refused.value.status) == ("redaction_job.wrong_state", 409)


def test_every_state_can_be_reached_and_every_visible_one_can_be_erased() -> None:
    reached = {State.QUEUED}
    while more := {edge.to for (state, _), edge in EDGES.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)
    assert {state for state in State if (state, Act.ERASE) in EDGES} == set(VISIBLE)


def test_an_answer_is_taken_in_from_every_state_that_is_not_its_own_result() -> None:
    assert {state for state in State if (state, Act.COMPLETE) not in EDGES} == {State.DONE, State.REFUSED}


def test_the_list_can_be_asked_for_every_visible_state() -> None:
    assert get_args(VisibleState) == VISIBLE


def test_events_are_past_tense_of_the_noun() -> None:
    assert {edge.event.partition(".")[0] for edge in EDGES.values()} == {"redaction_job"}


def test_api_and_worker_know_the_same_classes() -> None:
    assert EVERY_CLASS == CLASSES
    assert frozenset(EVERY_CLASS) == Ask().classes


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 10), (3, 20), (30, 3600)])
def test_attempts_come_at_doubling_intervals_up_to_an_hour(attempt: int, seconds: int) -> None:
    assert backoff(attempt, 5) == timedelta(seconds=seconds)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), st.uuids())  # noqa: DTZ001
def test_a_cursor_brings_its_place_back(moment: datetime, id: UUID) -> None:
    place = moment.replace(tzinfo=UTC), id
    assert cursor.read(cursor.write(place)) == place


@given(st.text(max_size=80))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        cursor.read(text)
    assert refused.value.code == "cursor.invalid"
