"""Handing in, whole or not at all, and taking back: a first time, and after every return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Finding
from mangping.policy.parts import Act as PackAct
from mangping.policy.timing import Tier
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import attachment, course, review
from mangping_api.domain.access import Viewer
from mangping_api.domain.application import MACHINE, Act, Party, State
from mangping_api.domain.attachment import Looked
from mangping_api.domain.deadline import ARRIVAL, CORRECTION, WINDOW, Standing
from mangping_api.domain.review import HandedIn, Item
from mangping_api.services import moves
from mangping_api.services.applications import admitted, policy_of, told
from mangping_api.services.gathering import File, facts_of, judged, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as storage
from mangping_api.storage import attachments, deadlines, deliberations, post_plans, reviews


@dataclass(frozen=True, slots=True)
class Submissions:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def findings(self, viewer: Viewer, id: UUID) -> tuple[Finding, ...]:
        """Every defect at once, as a submission at this instant would be told."""
        async with self.db.begin() as tx:
            file = await opened(tx, self.keys, viewer, id)
            return self._found(file, await attachments.of(tx, id), self.once.now())

    async def submit(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """All of it, or nothing: refused (422) with every blocking finding. What comes again goes to the
        first tier that has not passed it as it is now, and nobody judges again what has not changed."""

        async def act(tx: Tx, at: datetime) -> Answer:
            await storage.alone(tx, viewer.person, holding=id)
            file = await opened(tx, self.keys, viewer, id)
            application, pack = file.whole.application, file.policy.pack
            MACHINE.decide(application.state, _act(application.state), Party.APPLICANT)
            looked = await attachments.of(tx, id)
            attachment.settled(attachment.of_applicant(looked))
            found = self._found(file, looked, at)
            if any(finding.blocking for finding in found):
                message, remedy = "申报还有必须改正的问题，未提交。", "请按 findings 逐项改正后重新提交。"
                raise Refused("application.defective", message, remedy, details={"findings": told(found)})
            items = self._items(file, looked)
            signed, past, bindings = (
                review.signatures(file.dossier, items),
                file.dossier.handed_in,
                file.dossier.bindings,
            )

            owed = pack.tiers[0] if review.owed_by_unit(file.policy, file.dossier, looked) else None

            def stands(tier: Tier) -> bool:
                if tier == owed:
                    return False
                speak = review.bound(tier, file.policy, application, bindings)
                return review.agreed(
                    tier, (one for one in signed if speak.get(one.signed.body) == one.signed.organisation)
                )

            changed = not past or review.own(past[-1].items) != review.own(items)
            edge, done = course.hand_in(application, pack, at, changed=changed, stands=stands)
            here = moves.desks(file.policy, course.tier_of(pack, done.tier), done, bindings, at)
            beside = (*done.reviewers, *(one.organisation for one in here if one.organisation not in done.line))
            done = replace(done, reviewers=tuple(dict.fromkeys(beside)))
            now = HandedIn(done.revision, at, items)
            await reviews.hand_in(tx, self.keys, done, now, file.whole.sections, here)
            await deadlines.stand(tx, id, Standing.MET, WINDOW, CORRECTION, was=Standing.RUNNING)
            content = {"submission": done.submissions, "revision": done.revision, "content": review.whole(items)}
            await moves.record(tx, done, file.policy, edge.event, viewer.actor, at, content)
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("submit_application", id), act)

    async def withdraw(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Back into the applicant's hands; it must be submitted again before its window, or its correction, ends."""

        async def act(tx: Tx, at: datetime) -> Answer:
            application = await admitted(tx, viewer, id, lock=True)
            policy = await policy_of(tx, application)
            done_there = await reviews.find(tx, self.keys, id)
            judged = {one.signed.tier for one in done_there.verdicts if one.signed.revision == application.revision}
            edge, done = course.withdraw(application, policy.pack, judged=judged)
            await storage.save(tx, done)
            await reviews.close_desks(tx, id, at)
            if (
                done.state is State.DRAFT
            ):  # handed in anew it is recommended anew: rank and post may be another's by then
                await deliberations.forget_recommendation(tx, id)
                await post_plans.give_back(tx, id)
            returned = done_there.returns[-1].signed.revision if done.state is State.RETURNED else 0
            kind = f"{CORRECTION}{returned}" if returned else WINDOW
            again = [ARRIVAL] if application.arrived_at is not None and done.arrived_at is None else []
            await deadlines.stand(tx, id, Standing.RUNNING, kind, *again, was=Standing.MET)
            await moves.record(tx, done, policy, edge.event, viewer.actor, at, {"submissions": done.submissions})
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("withdraw_application", id), act)

    async def abandon(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Given up for good. While it was never returned, a new one may be begun as long as the window is open."""

        async def act(tx: Tx, at: datetime) -> Answer:
            application = await admitted(tx, viewer, id, lock=True)
            policy = await policy_of(tx, application)
            edge, done = course.taken(application, Act.ABANDON, Party.APPLICANT)
            await storage.save(tx, done)
            await moves.ended(tx, done, at)
            await moves.record(tx, done, policy, edge.event, viewer.actor, at, {})
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("abandon_application", id), act)

    def _found(self, file: File, looked: Sequence[Looked], at: datetime) -> tuple[Finding, ...]:
        act: PackAct = "resubmit" if file.whole.application.state is State.RETURNED else "submit"
        return judged(file.policy, act, facts_of(self.keys, file, looked), at)

    def _items(self, file: File, looked: Sequence[Looked]) -> tuple[Item, ...]:
        """What is handed in. A section that is as it was keeps its digest: nobody can guess at it, we know it again."""
        past = file.dossier.handed_in
        known = {one.key: one.digest for one in past[-1].items} if past else {}
        held: dict[str, Mapping[str, Any]] = {one.key: one.content for one in file.whole.sections}
        sections = []
        for key, title in review.sections(file.policy).items():
            name, content = f"section.{key}", review.content(held.get(key, {}))
            same = name in known and self.keys.matches(known[name], content)
            sections.append(Item(name, title, known[name] if same else self.keys.digest(content)))
        return (*sections, *(review.document(file.policy, one) for one in looked))


def _act(state: State) -> Act:
    return Act.RESUBMIT if state is State.RETURNED else Act.SUBMIT
