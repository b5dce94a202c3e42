"""Review, item by item: what there is to judge, what each body of a tier said of it, and what still stands. Pure.

A verdict and a sign-off hold for what was seen, known by its digest; what is changed afterwards is judged again, and
nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from mangping.contracts import MaskBox
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.paper import Bringer
from mangping.policy.timing import Tier

from mangping_api.domain.access import Role
from mangping_api.domain.application import Application
from mangping_api.domain.attachment import Looked, doubtful

TEXTS = "texts"
_UNDATED = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is "section.<key>" or "attachment.<id>"; `digest` tells one content from another, and is opaque; `by` is who
    answers for it."""

    key: str
    title: str
    digest: str
    by: Bringer = "applicant"


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with an item, and where. `asks_for` is a (column, item) that the applicant is to upload; `boxes`
    are what must be covered besides; `rule` is one of the notice."""

    item: str
    title: str
    reason: str = field(repr=False)
    place: str = field(default="", repr=False)
    rule: str = ""
    asks_for: tuple[str, str] | None = None
    boxes: tuple[MaskBox, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did it, for which body of which tier, when and upon which hand-in. Never changed."""

    tier: str
    body: str
    organisation: UUID
    by: UUID
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One item judged; without a defect it is in order."""

    signed: Signed
    item: str
    seen: str
    defect: Defect | None = None


@dataclass(frozen=True, slots=True)
class SignOff:
    """A body's word on the whole: `seen` is the digest of all items; `texts` are its opinions, `attested` the keys of
    the statements it signed."""

    signed: Signed
    agree: bool
    seen: str
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    attested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    signed: Signed
    outcome: Literal["returned", "not_accepted"]
    correct_until: datetime | None
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission as it was: every item with its digest."""

    revision: int
    at: datetime
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A body's place in the tier at which an application lies, and who holds the file there until when."""

    tier: str
    body: str
    organisation: UUID
    since: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    claimed_by: UUID | None = None
    claimed_until: datetime | None = None

    @property
    def ranked_at(self) -> datetime:
        """Its place in the queue: by the end that the notice sets, else after all of those, the longest waiting first."""
        return self.due_at or self.since + _UNDATED

    def holder(self, at: datetime) -> UUID | None:
        """Who has the file now; a claim that ran out is none."""
        return self.claimed_by if self.claimed_until is not None and self.claimed_until > at else None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that was done to an application, oldest first."""

    desks: tuple[Desk, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    returns: tuple[Returned, ...] = ()
    handed_in: tuple[HandedIn, ...] = ()
    recused: frozenset[UUID] = frozenset()
    bindings: tuple[Binding, ...] = ()  # of its programme, as they are now

    @property
    def heard(self) -> tuple[Verdict, ...]:
        """What was judged, but for the word of those who have recused themselves since."""
        return tuple(one for one in self.verdicts if one.signed.by not in self.recused)


@dataclass(frozen=True, slots=True)
class Changed:
    """How an item differs from the hand-in before: new, gone, or other; of a section the fields, before and after."""

    how: Literal["new", "gone", "changed"]
    title: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """An organisation that is a body of a tier, in one programme."""

    tier: str
    body: str
    organisation: UUID


def items(policy: Policy, handed_in: HandedIn | None, held: Iterable[Looked]) -> tuple[Item, ...]:
    """Sections as they were handed in last, and every document that is there now."""
    sections = () if handed_in is None else tuple(one for one in handed_in.items if one.key.startswith("section."))
    return (*sections, *(document(policy, looked) for looked in held))


def document(policy: Policy, looked: Looked) -> Item:
    """A document with its place and its masking; of one whose pages only a human can answer for also these very
    pages, which are others after each redaction."""
    held = looked.attachment
    told = [
        held.digest, asdict(held.slot), held.decision, [box.model_dump(mode="json") for box in held.masks.drawn],
        [[one.box.model_dump(mode="json"), one.reason] for one in held.masks.removed],
        *([str(looked.job.id)] if doubtful(policy, looked) else ()),
    ]  # fmt: skip
    seen = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return Item(f"attachment.{held.id}", _title(policy, looked), hashlib.sha256(seen.encode()).hexdigest(), held.by)


def own(items: Iterable[Item]) -> set[Item]:
    """What the applicant answers for."""
    return {one for one in items if one.by == "applicant"}


def owed_by_unit(policy: Policy, dossier: Dossier, looked: Sequence[Looked]) -> bool:
    """Whether the last return names a document that the unit brings, and the unit has not come to it since."""
    if not dossier.returns:
        return False
    back = dossier.returns[-1]
    units = {(column.key, item.key) for column in policy.pack.materials.columns for item in column.items if item.by}
    held = {f"attachment.{one.attachment.id}": document(policy, one).digest for one in looked}
    wrong = {
        (one.item, one.seen) for one in dossier.verdicts if one.defect and one.signed.revision == back.signed.revision
    }
    came = {
        (one.attachment.slot.column, one.attachment.slot.item) for one in looked if one.attachment.created_at > back.signed.at
    }  # fmt: skip
    return any(
        (one.asks_for in units and one.asks_for not in came)
        or ((one.item, held.get(one.item)) in wrong and _brings(one.item, looked) == "unit")
        for one in back.defects
    )


def _brings(item: str, looked: Iterable[Looked]) -> Bringer:
    found = (one.attachment.by for one in looked if f"attachment.{one.attachment.id}" == item)
    return next(found, "applicant")


def sections(policy: Policy) -> dict[str, str]:
    """{key: title} of what is filled in and judged."""
    told = {one.key: one.title for one in policy.pack.form.sections}
    written = [text.title for text in policy.pack.texts if text.role == "applicant"]
    return told | ({TEXTS: "、".join(written)} if written else {})


def content(values: Mapping[str, Any]) -> bytes:
    """A section as its digest is made of it."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True).encode()


def whole(items: Iterable[Item]) -> str:
    """The digest of all of them."""
    told = sorted((one.key, one.digest) for one in items)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def standing(verdicts: Iterable[Verdict], items: Iterable[Item], tier: str, body: str) -> dict[str, Verdict]:
    """{item: what this body says of it as it is now}."""
    now = {one.key: one.digest for one in items}
    own = (one for one in verdicts if (one.signed.tier, one.signed.body) == (tier, body))
    newest = {one.item: one for one in own}
    return {key: one for key, one in newest.items() if now.get(key) == one.seen}


def unreviewed(verdicts: Iterable[Verdict], items: Sequence[Item], tier: str, body: str) -> tuple[Item, ...]:
    judged = standing(verdicts, items, tier, body)
    return tuple(one for one in items if one.key not in judged)


def signatures(dossier: Dossier, items: Sequence[Item]) -> tuple[SignOff, ...]:
    """The newest of each body, as far as it is of what is there now. The word of who has recused themselves since counts
    for nothing, nor does that of an organisation which is the body no more."""
    seen = whole(items)
    here = {(desk.tier, desk.body): desk.organisation for desk in dossier.desks}
    kept = (
        one for one in dossier.sign_offs
        if one.signed.by not in dossier.recused
        and here.get((one.signed.tier, one.signed.body)) == one.signed.organisation
    )  # fmt: skip
    newest = {(one.signed.tier, one.signed.body): one for one in kept}
    return tuple(one for one in newest.values() if one.seen == seen)


def agreed(tier: Tier, signed: Iterable[SignOff]) -> bool:
    """Whether the bodies that must agree have."""
    own = {one.signed.body for one in signed if one.signed.tier == tier.key and one.agree}
    return own >= set(tier.bodies) if tier.needs == "all" else bool(own & set(tier.bodies))


def roles(tier: Tier, policy: Policy) -> frozenset[Role]:
    """Whose officers speak for a body of this tier: the first is the applicant's own unit."""
    first = tier.key == policy.pack.tiers[0].key
    return frozenset({Role.UNIT}) if first else frozenset({Role.AUTHORITY, Role.OFFICE})


def bound(tier: Tier, policy: Policy, application: Application, bindings: Iterable[Binding]) -> dict[str, UUID]:
    """{body: the organisation that is it for this application}: its own unit at the first tier unless bound otherwise;
    of several the nearest above the unit; one that stands elsewhere when it is the only one."""
    found: dict[str, UUID] = {}
    for body in tier.bodies:
        own = [one.organisation for one in bindings if (one.tier, one.body) == (tier.key, body)]
        above = [id for id in reversed(application.line) if id in own]
        if above or len(own) == 1:
            found[body] = (above or own)[0]
        elif tier.key == policy.pack.tiers[0].key:
            found[body] = application.unit
    return {body: id for body, id in found.items() if body == next(b for b, other in found.items() if other == id)}


def require_rule(policy: Policy, rule: str) -> None:
    """Refused (422) when it is none of the notice."""
    if rule not in {one.rule for one in policy.catalogue.of(policy.pack.id)}:
        raise Refused("review.rule_unknown", "通知没有这一条。", "请对照本批次的规定填写条款编号。")


def related(application: Application, dossier: Dossier, person: UUID) -> bool:
    """Nobody judges their own application, or one that they withdrew from for a relation."""
    return person == application.person or person in dossier.recused


def _title(policy: Policy, looked: Looked) -> str:
    slot = looked.attachment.slot
    for column in policy.pack.materials.columns:
        for item in column.items:
            if (column.key, item.key) == (slot.column, slot.item):
                parts = filter(None, (slot.side, str(slot.year or ""), slot.part))
                return f"{column.title}·{item.title}" + "".join(f"（{part}）" for part in parts)
    return slot.item
