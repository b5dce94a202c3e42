"""Reviewing item by item: what there is, what changed since, and one verdict at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from mangping.errors import Refused
from mangping.policy import Finding, Policy
from mangping.policy.parts import Act as PackAct
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import release, review, review_facts
from mangping_api.domain.access import OFFICERS, Role, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.attachment import Looked
from mangping_api.domain.course import tier_of
from mangping_api.domain.review import Changed, Defect, Dossier, Item, Verdict
from mangping_api.services.desks import Seat, seated
from mangping_api.services.gathering import File, facts_of, judged, opened
from mangping_api.services.once import Once
from mangping_api.storage import attachments, reviews


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict as an officer gives it: without a defect the item is in order. `seen` is the digest they were shown,
    `checked` are the pages that only a human can answer for, looked at."""

    seen: str
    defect: Defect | None
    checked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that an officer has before them: each item with its content, what changed since the hand-in before,
    and what every body says of it."""

    application: Application
    items: tuple[Item, ...]
    sections: Mapping[str, Mapping[str, Any]]
    looked: Sequence[Looked]
    changed: Mapping[str, Changed]
    dossier: Dossier
    findings: tuple[Finding, ...]
    seen: str
    policy: Policy
    named: bool  # whether the viewer may know who the officers are


@dataclass(frozen=True, slots=True)
class Reviews:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def sheet(self, viewer: Viewer, id: UUID) -> Sheet:
        async with self.db.begin() as tx:
            file = await opened(tx, self.keys, viewer, id, before=True)
            looked = await attachments.of(tx, id)
        policy, past = file.policy, file.dossier.handed_in
        items = review.items(policy, past[-1] if past else None, looked)
        sections = {f"section.{one.key}": one.content for one in file.whole.sections}
        before = past[-2].items if len(past) > 1 else ()
        changed = review_facts.changes(items, before, sections, file.before)
        return Sheet(
            file.whole.application, items, sections, looked, changed, file.dossier,
            self._findings(file, looked, items), review.whole(items), policy, _knows(viewer, file),
        )  # fmt: skip

    async def judge(self, viewer: Viewer, id: UUID, item: str, given: Given) -> tuple[Verdict, Item, Policy]:
        """One item in order, or not and why. Refused (404) for no item of it, (412) when it is not what was shown, (422)
        when it would be in order and a page that a human must look at was not."""
        async with self.db.begin() as tx:
            at = self.once.now()
            seat = await seated(tx, self.keys, viewer, id, at)
            found = next((one for one in seat.items if one.key == item), None)
            if found is None:
                raise Refused("review.item_unknown", "这份申报没有这一项。", "请先读取待审项目。", status=404)
            if found.digest != given.seen:
                raise Refused("review.item_changed", "这一项的内容已经变化。", "请重新查看后再审。", status=412)
            if given.defect is None:
                for one in (one for one in seat.looked if f"attachment.{one.attachment.id}" == item):
                    release.require_looked_at(seat.file.policy, one, given.checked)
            defect = given.defect and _cited(seat, replace(given.defect, item=item, title=found.title))
            verdict = Verdict(seat.signed(), item, found.digest, defect)
            await reviews.add_verdict(tx, self.keys, id, verdict)
        return verdict, found, seat.file.policy

    def _findings(self, file: File, looked: Sequence[Looked], items: Sequence[Item]) -> tuple[Finding, ...]:
        """What the pack would say if the tier let it go now."""
        application = file.whole.application
        if not application.tier:
            return ()
        act: PackAct = tier_of(file.policy.pack, application.tier).before
        told = facts_of(self.keys, file, looked, review_facts.record(file.dossier, items, application.tier))
        return judged(file.policy, act, told, self.once.now())


def _knows(viewer: Viewer, file: File) -> bool:
    """A unit learns which office judged, not who sits there."""
    return viewer.holds(OFFICERS - {Role.UNIT}, file.whole.application.thing().line)


def _cited(seat: Seat, defect: Defect) -> Defect:
    """Refused (422) when the rule it names is none of the notice, or a box lies on no page of the document."""
    if defect.rule:
        review.require_rule(seat.file.policy, defect.rule)
    pages = {page.page for one in seat.looked if f"attachment.{one.attachment.id}" == defect.item for page in one.pages}
    if not {box.page for box in defect.boxes} <= pages:
        raise Refused("review.box_outside", "标注的遮盖框不在该附件的页面上。", "请对照附件页码重新标注。")
    return defect
