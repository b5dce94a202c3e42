"""Named policies: every role, above, at and beside the thing, before and after it was handed in."""

from __future__ import annotations

from itertools import product
from uuid import UUID, uuid4

import pytest
from mangping.errors import Refused
from mangping_api.domain import access
from mangping_api.domain.access import Answer, Grant, Role, Thing, Viewer

ROOT, UNIT, OTHER = (UUID(int=number) for number in (1, 2, 3))
OWNER, STRANGER = uuid4(), uuid4()
LINE = (ROOT, UNIT)
OFFICERS = {Role.UNIT, Role.AUTHORITY, Role.OFFICE}


def answer(policy: access.Policy, person: UUID, role: Role | None, place: UUID, *, handed_in: bool) -> Answer:
    grants = frozenset({Grant(role, place)}) if role else frozenset()
    return policy(Viewer(person, grants, policy), Thing(OWNER, LINE, handed_in))


@pytest.mark.parametrize(
    ("role", "place", "handed_in"), list(product([None, *Role], [ROOT, UNIT, OTHER], [False, True])), ids=str
)
def test_an_application_is_known_to_its_owner_and_after_hand_in_to_officers_on_its_line(
    role: Role | None, place: UUID, handed_in: bool
) -> None:
    sees = handed_in and role in OFFICERS and place in LINE
    assert answer(access.reads_application, STRANGER, role, place, handed_in=handed_in) is (
        Answer.YES if sees else Answer.UNKNOWN
    )
    assert answer(access.owns_application, STRANGER, role, place, handed_in=handed_in) is (
        Answer.NO if sees else Answer.UNKNOWN
    )
    for policy in (access.reads_application, access.owns_application):
        assert answer(policy, OWNER, role, place, handed_in=handed_in) is Answer.YES


@pytest.mark.parametrize(("role", "place"), list(product([None, *Role], [ROOT, UNIT, OTHER])), ids=str)
def test_only_administrators_on_the_line_administer(role: Role | None, place: UUID) -> None:
    may = role is Role.ADMINISTRATOR and place in LINE
    assert answer(access.administers, OWNER, role, place, handed_in=True) is (Answer.YES if may else Answer.NO)


@pytest.mark.parametrize("role", [None, *Role])
def test_staff_are_officers_and_administrators(role: Role | None) -> None:
    may = role in {*OFFICERS, Role.ADMINISTRATOR}
    assert answer(access.staffs, OWNER, role, OTHER, handed_in=False) is (Answer.YES if may else Answer.NO)


def test_the_unknown_is_404_and_the_forbidden_403() -> None:
    unknown = Refused("thing.unknown", "没有。", status=404)
    codes = []
    for given in (Answer.UNKNOWN, Answer.NO):
        with pytest.raises(Refused) as refused:
            Viewer(OWNER, frozenset(), lambda viewer, thing, given=given: given).admit(Thing(), unknown)  # type: ignore[misc]
        codes.append((refused.value.status, refused.value.code))
    assert codes == [(404, "thing.unknown"), (403, "role.missing")]
