"""All that is known of an application, brought together for its policy. Each room that knows facts gives them here: what it
asks of the database `beside` the application, in the same query, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.clock import Unscheduled
from mangping.db import Tx
from mangping.errors import NeedsHuman
from mangping.policy import Finding, Policy, Uncovered, evaluate
from mangping.policy.parts import Act as PackAct
from mangping.vault import Keys
from sqlalchemy import ScalarSelect

from mangping_api.domain import attachment, facts, release
from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Looked
from mangping_api.domain.duties import as_of
from mangping_api.domain.facts import Groups
from mangping_api.domain.review import Dossier
from mangping_api.services import applications, charges, duties, programmes
from mangping_api.storage import applications as rooms
from mangping_api.storage import charges as bills
from mangping_api.storage import duties as records
from mangping_api.storage import reviews
from mangping_api.storage.applications import Whole

BESIDE: tuple[Callable[[], Mapping[str, ScalarSelect[Any]]], ...] = (reviews.beside, records.beside, bills.beside)
Source = Callable[[Keys, Policy, Whole], Groups]
SOURCES: tuple[Source, ...] = (duties.source, charges.source)


@dataclass(frozen=True, slots=True)
class File:
    """An application with everything that was done to it; `before` are its sections as they were handed in the time
    before last, when that was asked for."""

    whole: Whole
    dossier: Dossier
    policy: Policy
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


async def opened(
    tx: Tx, keys: Keys, viewer: Viewer, id: UUID, *, lock: bool = False, before: bool = False,
    more: Mapping[str, ScalarSelect[Any]] | None = None,
) -> File:  # fmt: skip
    """In one query, with what `more` asks for `beside` it. Refused (404) when it may not be known."""
    beside = {name: one for part in BESIDE for name, one in part().items()}
    beside |= more or {}
    if before:
        beside |= reviews.before()
    whole = await rooms.whole(tx, keys, id, lock=lock, beside=beside)
    if whole is None:
        raise applications.unknown()
    viewer.admit(whole.application.thing(), applications.unknown())
    whole = replace(whole, beside={**whole.beside, **await duties.lookup(tx, whole)})
    policy = await applications.policy_of(tx, whole.application)
    then = reviews.sections_before(keys, id, whole.beside) if before else {}
    return File(whole, reviews.dossier(keys, id, whole.beside), policy, then)


def facts_of(keys: Keys, file: File, looked: Sequence[Looked], *more: Groups) -> dict[str, Any]:
    whole, policy = file.whole, file.policy
    told = facts.assemble(
        policy, whole.application, whole.person, whole.unit, whole.sections, whole.same_level_same_year,
        attachment.files(policy, looked, release.released(policy, file.dossier.heard, looked)),
        attachment.secrets(policy, looked),
    )  # fmt: skip
    return facts.joined(told, *(source(keys, policy, whole) for source in SOURCES), *more)


def judged(policy: Policy, act: PackAct, told: Mapping[str, Any], at: datetime) -> tuple[Finding, ...]:
    """What the pack says of an act, of the record as it stands then. Refused (409) on a day that it does not answer for."""
    try:
        return evaluate(policy, act, as_of(told, at), at)
    except Uncovered:
        raise programmes.uncovered() from None
    except Unscheduled:
        raise NeedsHuman("calendar.unscheduled") from None
