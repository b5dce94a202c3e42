"""Who may do what with which thing: named policies, pure. Each route names one of them in auth.ACCESS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from uuid import UUID

from mangping.errors import Refused


class Role(StrEnum):
    """Given to a person at an organisation; it reaches the organisations below. Applicant is no role: it is owning."""

    ADMINISTRATOR = "administrator"  # loads programmes, keeps organisations and roles
    OFFICE = "office"  # the committee's office
    AUTHORITY = "authority"  # a competent department, county or city bureau
    UNIT = "unit"  # the applicant's unit
    INTEGRATOR = "integrator"  # a system that hears by webhook of applications there; it sees none of these things
    EXPERT = "expert"  # a seat on the panel; sees renditions only, and none of these things


class Answer(Enum):
    YES = "yes"
    NO = "no"  # it may be known, not done: 403
    UNKNOWN = "unknown"  # it may not even be known: 404


@dataclass(frozen=True, slots=True)
class Grant:
    role: Role
    organisation: UUID


@dataclass(frozen=True, slots=True)
class Thing:
    """What is asked for. `line` are the organisations it stands under, from the root down; `handed_in` once an
    applicant has let it out of their hands."""

    owner: UUID | None = None
    line: tuple[UUID, ...] = ()
    handed_in: bool = False
    paid_by_unit: bool = False  # the fee comes from the unit, for its whole list
    colleague: bool = False  # the viewer works at the unit, as the unit vouches


@dataclass(frozen=True, slots=True)
class Viewer:
    """A registered person, their grants, and the policy of the route they came through."""

    person: UUID
    grants: frozenset[Grant]
    policy: Policy = field(repr=False)

    @property
    def actor(self) -> str:
        """As audit and Idempotency-Keys know them."""
        return f"person:{self.person}"

    def admit(self, thing: Thing, unknown: Refused) -> None:
        """Raises `unknown` (404) when the thing may not be known, Refused (403) when it may be known but not done."""
        answer = self.policy(self, thing)
        if answer is Answer.UNKNOWN:
            raise unknown
        if answer is Answer.NO:
            raise Refused("role.missing", "您没有办理此事项的权限。", "请向管理员申请相应角色。", status=403)

    def holds(self, roles: frozenset[Role], line: tuple[UUID, ...]) -> bool:
        return any(grant.role in roles and grant.organisation in line for grant in self.grants)

    def places(self, roles: frozenset[Role]) -> frozenset[UUID]:
        """The organisations at which they hold one of these roles."""
        return frozenset(grant.organisation for grant in self.grants if grant.role in roles)


Policy = Callable[[Viewer, Thing], Answer]
OFFICERS = frozenset({Role.UNIT, Role.AUTHORITY, Role.OFFICE})
ABOVE = frozenset({Role.AUTHORITY, Role.OFFICE})
KEEPERS = frozenset({Role.ADMINISTRATOR})
STAFF = OFFICERS | KEEPERS
HEARERS = KEEPERS | {Role.INTEGRATOR}  # whose webhooks hear of the applications below


def registered(viewer: Viewer, thing: Thing) -> Answer:
    """Anyone who has registered."""
    return Answer.YES


def administers(viewer: Viewer, thing: Thing) -> Answer:
    """Administrators of the organisation or of one above it."""
    return Answer.YES if viewer.holds(KEEPERS, thing.line) else Answer.NO


def staffs(viewer: Viewer, thing: Thing) -> Answer:
    """Officers and administrators, wherever; what they then see is cut to their organisations."""
    return Answer.YES if viewer.places(STAFF) else Answer.NO


def vouches(viewer: Viewer, thing: Thing) -> Answer:
    """Staff on the line of a person's unit, for anyone but themselves."""
    if not viewer.holds(STAFF, thing.line):
        return Answer.UNKNOWN
    return Answer.NO if thing.owner == viewer.person else Answer.YES


def attends(viewer: Viewer, thing: Thing) -> Answer:
    """Staff on the line of an application, as work of their office."""
    return Answer.YES if viewer.holds(STAFF, thing.line) else Answer.UNKNOWN


def reads_application(viewer: Viewer, thing: Thing) -> Answer:
    """The applicant always; officers on its line once it was handed in."""
    if thing.owner == viewer.person or (thing.handed_in and viewer.holds(OFFICERS, thing.line)):
        return Answer.YES
    return Answer.UNKNOWN


def reads_charge(viewer: Viewer, thing: Thing) -> Answer:
    """The applicant; authorities and the office on its line; its unit where the unit is who pays."""
    roles = OFFICERS if thing.paid_by_unit else OFFICERS - {Role.UNIT}
    if thing.owner == viewer.person or (thing.handed_in and viewer.holds(roles, thing.line)):
        return Answer.YES
    return Answer.UNKNOWN


def pays_for_unit(viewer: Viewer, thing: Thing) -> Answer:
    """Officers of the unit, for its list."""
    return Answer.YES if viewer.holds(frozenset({Role.UNIT}), thing.line) else Answer.NO


def serves(viewer: Viewer, thing: Thing) -> Answer:
    """Officers, wherever; what they then see lies at their own desks."""
    return Answer.YES if viewer.places(OFFICERS) else Answer.NO


def reviews_application(viewer: Viewer, thing: Thing) -> Answer:
    """Officers on its line or at whose desks it lay, once it was handed in; its applicant never, whatever they are else."""
    if thing.owner != viewer.person and thing.handed_in and viewer.holds(OFFICERS, thing.line):
        return Answer.YES
    return Answer.NO if thing.owner == viewer.person else Answer.UNKNOWN


def owns_application(viewer: Viewer, thing: Thing) -> Answer:
    """The applicant alone; an officer who may read it learns that it is not theirs to change."""
    if thing.owner == viewer.person:
        return Answer.YES
    return Answer.NO if reads_application(viewer, thing) is Answer.YES else Answer.UNKNOWN


def brings_attachment(viewer: Viewer, thing: Thing) -> Answer:
    """The applicant, and their unit once it was handed in; which of the two brings a document stands in the pack. Any
    other officer learns that it is not theirs to change."""
    if thing.owner == viewer.person or (thing.handed_in and viewer.holds(frozenset({Role.UNIT}), thing.line)):
        return Answer.YES
    return Answer.NO if reads_application(viewer, thing) is Answer.YES else Answer.UNKNOWN


def acts_for_unit(viewer: Viewer, thing: Thing) -> Answer:
    """Officers of the unit: for the unit itself, and for what its people handed in, but never for their own."""
    if thing.owner is not None and reads_application(viewer, thing) is not Answer.YES:
        return Answer.UNKNOWN
    mine = thing.owner == viewer.person
    return Answer.YES if not mine and viewer.holds(frozenset({Role.UNIT}), thing.line) else Answer.NO


def oversees(viewer: Viewer, thing: Thing) -> Answer:
    """Authorities and the office above a unit: for the unit, and for what was handed in there, never for their own."""
    if thing.owner is not None and reads_application(viewer, thing) is not Answer.YES:
        return Answer.UNKNOWN
    mine = thing.owner == viewer.person
    return Answer.YES if not mine and viewer.holds(ABOVE, thing.line) else Answer.NO


def reads_unit(viewer: Viewer, thing: Thing) -> Answer:
    """Officers and administrators on a unit's line; of an application's record never its own applicant."""
    if thing.owner is not None and reads_application(viewer, thing) is not Answer.YES:
        return Answer.UNKNOWN
    mine = thing.owner == viewer.person
    return Answer.YES if not mine and viewer.holds(STAFF, thing.line) else Answer.NO


def works_there(viewer: Viewer, thing: Thing) -> Answer:
    """Whoever works at the unit, and nobody else, whatever their office."""
    return Answer.YES if thing.colleague else Answer.UNKNOWN


def handles_unit(viewer: Viewer, thing: Thing) -> Answer:
    """Officers on a unit's line: what was said about its applicants, and by whom, is nothing for administrators."""
    return Answer.YES if viewer.holds(OFFICERS, thing.line) else Answer.NO


def keeps_register(viewer: Viewer, thing: Thing) -> Answer:
    """The integrity register is one for the whole region: authorities and offices, wherever they are."""
    return Answer.YES if viewer.places(ABOVE) else Answer.NO
