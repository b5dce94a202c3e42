"""Reviews, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from mangping.contracts import MaskBox
from mangping.policy import Policy
from mangping.policy.paper import Bringer
from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from mangping_api.domain.application import State
from mangping_api.domain.review import Binding, Changed, Defect, Item, Returned, SignOff, Verdict
from mangping_api.services.decisions import Word
from mangping_api.services.reviews import Given, Sheet
from mangping_api.shapes.applications import ApplicationOut, FindingsOut
from mangping_api.shapes.attachments import AttachmentOut
from mangping_api.shapes.figures import RuleOut
from mangping_api.storage.desks import Waiting
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
_BOX: dict[str, Any] = {"page": 1, "cls": "name", "polygon": [[10, 10], [60, 10], [60, 30], [10, 30]]}
_Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
_Key = Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
_Rule = Annotated[str, Field(max_length=10, pattern=r"^[A-Z]{2}-[0-9]{2,3}$", description="a rule of the notice")]
Seen = Annotated[str, Field(max_length=200, description="the digest that you were shown: nothing else is signed for")]


class DeskOut(Out):
    tier: str
    body: str
    organisation: UUID
    since: datetime
    due_at: Annotated[datetime | None, Field(description="by when the notice wants it done")]
    claimed_until: datetime | None


class WaitingOut(Out):
    desk: DeskOut
    application: ApplicationOut

    @classmethod
    def of(cls, waiting: Waiting) -> WaitingOut:
        desk = DeskOut.model_validate(waiting.desk, from_attributes=True)
        return cls(desk=desk, application=ApplicationOut.of(waiting.application))


class QueueOut(Out):
    items: tuple[WaitingOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class ClaimOut(Out):
    id: UUID
    tier: str
    body: str
    until: Annotated[datetime | None, Field(description="null: let go")]


class AskedForOut(Out):
    column: str
    item: str


class AskedForIn(In):
    """A document of the notice's list that the applicant is to upload."""

    column: _Key
    item: _Key


class VerdictIn(In):
    """In order, or a defect with its reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"verdict": "ok", "seen": "k1:0f"},
        {"verdict": "defect", "seen": "k1:0f", "reason": "姓名未遮盖", "place": "第1页右上角", "boxes": [_BOX]},
        {"verdict": "ok", "seen": "0f", "checked": [2]},
    ]})  # fmt: skip
    verdict: Literal["ok", "defect"]
    seen: Seen
    reason: Annotated[_Words | None, Field(description="what is wrong; the applicant reads it")] = None
    place: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    rule: _Rule | None = None
    asks_for: AskedForIn | None = None
    boxes: Annotated[tuple[MaskBox, ...], Field(max_length=200, description="what must be covered besides")] = ()
    checked: Annotated[
        tuple[Annotated[int, Field(ge=1, le=100_000)], ...],
        Field(
            max_length=2000, description="pages with `verified: false` that you looked at: nothing tells whose they are"
        ),
    ] = ()

    @model_validator(mode="after")
    def _whole(self) -> VerdictIn:
        told = self.reason or self.place or self.rule or self.asks_for or self.boxes
        if (self.verdict == "defect") != bool(self.reason) or (told if self.verdict == "ok" else self.checked):
            raise ValueError("a defect has a reason, and what is in order has none")
        return self

    def given(self) -> Given:
        if self.reason is None:
            return Given(self.seen, None, self.checked)
        asks = (self.asks_for.column, self.asks_for.item) if self.asks_for else None
        return Given(self.seen, Defect("", "", self.reason, self.place, self.rule or "", asks, self.boxes))


class DefectOut(Out):
    item: str
    title: str
    reason: str
    place: str
    rules: tuple[RuleOut, ...]
    asks_for: AskedForOut | None
    boxes: tuple[MaskBox, ...]

    @classmethod
    def of(cls, defect: Defect, policy: Policy) -> DefectOut:
        cited = policy.catalogue.get([defect.rule]) if defect.rule else ()
        asks = AskedForOut(column=defect.asks_for[0], item=defect.asks_for[1]) if defect.asks_for else None
        return cls(
            item=defect.item, title=defect.title, reason=defect.reason, place=defect.place,
            rules=tuple(map(RuleOut.of, cited)), asks_for=asks, boxes=defect.boxes,
        )  # fmt: skip


class VerdictOut(Out):
    tier: str
    body: str
    at: datetime
    stands: Annotated[bool, Field(description="false: what was seen has changed since")]
    by: Annotated[UUID | None, Field(description="the person, for authorities and the office only")]
    defect: DefectOut | None

    @classmethod
    def of(cls, verdict: Verdict, item: Item | None, policy: Policy, *, named: bool) -> VerdictOut:
        signed, defect = verdict.signed, verdict.defect
        return cls(
            tier=signed.tier, body=signed.body, at=signed.at, stands=item is not None and item.digest == verdict.seen,
            by=signed.by if named else None, defect=DefectOut.of(defect, policy) if defect else None,
        )  # fmt: skip


class FieldChangedOut(Out):
    field: str
    before: Any
    after: Any


class ChangedOut(Out):
    """How an item differs from the hand-in before."""

    how: Literal["new", "gone", "changed"]
    fields: tuple[FieldChangedOut, ...]

    @classmethod
    def of(cls, changed: Changed) -> ChangedOut:
        told = (FieldChangedOut(field=key, before=a, after=b) for key, (a, b) in changed.fields.items())
        return cls(how=changed.how, fields=tuple(told))


class ItemOut(Out):
    item: str
    title: str
    seen: Seen
    section: Annotated[dict[str, Any] | None, Field(description="what was filled in, of a section")]
    attachment: Annotated[AttachmentOut | None, Field(description="pages with renditions, of a document")]
    by: Annotated[Bringer, Field(description="who answers for it; what the unit brings is no defect of the applicant")]
    changed: ChangedOut | None
    verdicts: Annotated[tuple[VerdictOut, ...], Field(description="the newest of each body")]


class GoneOut(Out):
    item: str
    title: str


class SignOffOut(Out):
    tier: str
    body: str
    at: datetime
    agree: bool
    stands: Annotated[bool, Field(description="of what is there now, and by nobody who has recused themselves since")]
    texts: dict[str, str]
    attested: tuple[str, ...]
    by: UUID | None

    @classmethod
    def of(cls, done: SignOff, sheet: Sheet) -> SignOffOut:
        signed = done.signed
        stands = done.seen == sheet.seen and signed.by not in sheet.dossier.recused
        return cls(
            tier=signed.tier, body=signed.body, at=signed.at, agree=done.agree, stands=stands,
            texts=dict(done.texts), attested=done.attested, by=signed.by if sheet.named else None,
        )  # fmt: skip


class SheetOut(Out):
    application: ApplicationOut
    seen: Annotated[str, Field(description="the digest of all of it, for a sign-off")]
    items: tuple[ItemOut, ...]
    gone: Annotated[tuple[GoneOut, ...], Field(description="what was handed in before and is no longer there")]
    sign_offs: tuple[SignOffOut, ...]
    findings: Annotated[FindingsOut, Field(description="what would hold it up if the tier let it go now")]

    @classmethod
    def of(cls, sheet: Sheet) -> SheetOut:
        policy, named = sheet.policy, sheet.named
        held = {f"attachment.{one.attachment.id}": one for one in sheet.looked}
        newest = {(one.item, one.signed.tier, one.signed.body): one for one in sheet.dossier.heard}

        def item(one: Item) -> ItemOut:
            given = [verdict for (key, _, _), verdict in newest.items() if key == one.key]
            changed = sheet.changed.get(one.key)
            return ItemOut(
                item=one.key, title=one.title, seen=one.digest,
                section=None if one.key in held else dict(sheet.sections.get(one.key, {})),
                attachment=AttachmentOut.of(held[one.key]) if one.key in held else None,
                by=one.by, changed=ChangedOut.of(changed) if changed else None,
                verdicts=tuple(VerdictOut.of(verdict, one, policy, named=named) for verdict in given),
            )  # fmt: skip

        gone = [(key, one) for key, one in sheet.changed.items() if one.how == "gone"]
        return cls(
            application=ApplicationOut.of(sheet.application), seen=sheet.seen, items=tuple(map(item, sheet.items)),
            gone=tuple(GoneOut(item=key, title=one.title) for key, one in gone),
            sign_offs=tuple(SignOffOut.of(one, sheet) for one in sheet.dossier.sign_offs),
            findings=FindingsOut.of(sheet.findings),
        )  # fmt: skip


class SignIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"agree": True, "seen": "0f", "attested": ["political", "teaching"],
         "texts": {"opinion": "本单位已对提供的申报材料逐一审核，真实准确，同意推荐"}},
    ]})  # fmt: skip
    agree: bool
    seen: Seen
    texts: Annotated[
        dict[_Key, _Words], Field(default_factory=dict, max_length=10, description="by the keys of the pack's texts")
    ]
    attested: Annotated[tuple[_Key, ...], Field(max_length=20, description="statements of the pack that you sign")] = ()

    def word(self) -> Word:
        return Word(self.agree, self.seen, self.texts, self.attested)


class ReturnIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"correct_until": "2024-09-05T09:00:00Z"}, {}]})
    correct_until: Annotated[AwareDatetime | None, Field(description="where the notice leaves it to the officer")] = (
        None
    )


class RefuseIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": "KP-31", "reason": "遮盖不符合要求"}]})
    rule: _Rule
    reason: _Words

    def defect(self) -> Defect:
        return Defect("", "", self.reason, rule=self.rule)


class MovedOut(Out):
    id: UUID
    state: State
    tier: Annotated[str, Field(description="where it lies now, or lay last")]


class ReturnedOut(Out):
    at: datetime
    tier: str
    tier_title: str
    body: Annotated[str, Field(description="the office; who it was there is not told")]
    outcome: Literal["returned", "not_accepted"]
    correct_until: datetime | None
    reached_at: Annotated[
        datetime | None, Field(description="when its notice first reached the applicant: delivered, or opened here")
    ]
    defects: Annotated[tuple[DefectOut, ...], Field(description="all of them, at once")]

    @classmethod
    def of(cls, returned: Returned, reached_at: datetime | None, policy: Policy) -> ReturnedOut:
        signed = returned.signed
        title = next(tier.title for tier in policy.pack.tiers if tier.key == signed.tier)
        return cls(
            at=signed.at, tier=signed.tier, tier_title=title, body=signed.body, outcome=returned.outcome,
            correct_until=returned.correct_until, reached_at=reached_at,
            defects=tuple(DefectOut.of(one, policy) for one in returned.defects),
        )  # fmt: skip


class ReturnsOut(Out):
    items: tuple[ReturnedOut, ...]


class BodyIn(In):
    tier: _Key
    body: Annotated[str, Field(min_length=1, max_length=100)]
    organisation: UUID


class BodiesIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"bodies": [{"tier": "city", "body": "库尔勒市教育局", "organisation": _ID}]}
    ]})  # fmt: skip
    bodies: Annotated[tuple[BodyIn, ...], Field(max_length=2000)]

    def bindings(self) -> tuple[Binding, ...]:
        return tuple(Binding(one.tier, one.body, one.organisation) for one in self.bodies)


class BoundOut(Out):
    id: UUID
    bodies: int


class BodyOut(Out):
    title: str
    organisations: tuple[UUID, ...]


class TierOut(Out):
    tier: str
    title: str
    needs: Literal["all", "any"]
    bodies: Annotated[
        tuple[BodyOut, ...], Field(description="no organisation at the first tier: the applicant's own unit")
    ]


class TiersOut(Out):
    items: tuple[TierOut, ...]

    @classmethod
    def of(cls, bindings: tuple[Binding, ...], policy: Policy) -> TiersOut:
        def body(tier: str, title: str) -> BodyOut:
            own = tuple(one.organisation for one in bindings if (one.tier, one.body) == (tier, title))
            return BodyOut(title=title, organisations=own)

        return cls(items=tuple(
            TierOut(tier=one.key, title=one.title, needs=one.needs, bodies=tuple(body(one.key, b) for b in one.bodies))
            for one in policy.pack.tiers
        ))  # fmt: skip
