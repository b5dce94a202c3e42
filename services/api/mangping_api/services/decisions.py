"""What a tier decides: a body signs, the tier lets it go, or it goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Finding
from mangping.policy.parts import Act as PackAct
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import course, deadline, review, review_facts
from mangping_api.domain.access import Viewer
from mangping_api.domain.application import Act, Party, State
from mangping_api.domain.attachment import settled
from mangping_api.domain.deadline import ARRIVAL, Running, Standing
from mangping_api.domain.review import Defect, Returned, SignOff
from mangping_api.services import charges, moves
from mangping_api.services.applications import told
from mangping_api.services.desks import Seat, seated
from mangping_api.services.gathering import facts_of, judged
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as storage
from mangping_api.storage import deadlines, reviews


@dataclass(frozen=True, slots=True)
class Word:
    """What a body signs: whether it agrees, its opinions by the keys of the pack's texts, the statements it stands for,
    and the digest of everything it was shown."""

    agree: bool
    seen: str
    texts: Mapping[str, str]
    attested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def sign(self, viewer: Viewer, key: str | None, id: UUID, word: Word) -> Answer:
        """One body's word. Refused (412) when the file is not what was shown, (409) while an item is unjudged, or one
        that it would agree to is defective, (422) for words that are not the notice's."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at)
            edge, done = course.taken(seat.file.whole.application, Act.SIGN, Party.REVIEWER)
            if word.seen != review.whole(seat.items):
                raise Refused(
                    "review.item_changed", "申报的内容已经变化。", "请重新查看变化的项目后再签署。", status=412
                )
            _alone(seat)
            settled(seat.looked)
            defects = _judged(seat)
            if word.agree and defects:
                message, remedy = "还有问题项，不能签署同意。", "请退回申报人改正，或改判问题项。"
                raise Refused("review.defects_stand", message, remedy, status=409)
            signed = SignOff(seat.signed(), word.agree, word.seen, word.texts, word.attested)
            self._worded(seat, signed)
            await reviews.add_sign_off(tx, self.keys, id, signed)
            facts = {"body": seat.desk.body, "agree": word.agree, "seen": word.seen}
            await moves.record(tx, done, seat.file.policy, edge.event, viewer.actor, at, facts)
            return 200, {"id": str(id), "state": done.state, "tier": done.tier}

        return await self.once.run(viewer.actor, key, ("sign_review", id, asdict(word)), act)

    async def pass_on(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """To the next tier, or accepted. Refused (409) while a body has not agreed, (422) with every finding of the
        pack that forbids it."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at)
            file, application = seat.file, seat.file.whole.application
            policy, tier = file.policy, course.tier_of(file.policy.pack, application.tier)
            if not review.agreed(tier, review.signatures(file.dossier, seat.items)):
                message, remedy = f"“{tier.title}”还有审核单位没有签署同意。", "请等候各审核单位签署。"
                raise Refused("review.unsigned", message, remedy, status=409)
            if _standing_defects(seat):
                message, remedy = "还有问题项，不能上报或接收。", "请退回申报人改正，或改判问题项。"
                raise Refused("review.defects_stand", message, remedy, status=409)
            settled(seat.looked)
            self._may(seat, tier.before, {})
            edge, done = course.pass_on(application, policy.pack, at)
            await reviews.close_desks(tx, id, at)
            if done.state is State.SUBMITTED:
                following = course.tier_of(policy.pack, done.tier)
                here = moves.desks(policy, following, done, file.dossier.bindings, at)
                beside = (one.organisation for one in here if one.organisation not in done.line)
                done = replace(done, reviewers=tuple(dict.fromkeys((*done.reviewers, *beside))))
                await reviews.open_desks(tx, id, here)
            if tier.before == "receive" or done.state is State.ACCEPTED:
                await deadlines.stand(tx, id, Standing.MET, ARRIVAL, was=Standing.RUNNING)
            await storage.save(tx, done)
            facts = {"from": tier.key, "seen": review.whole(seat.items)}
            await moves.record(tx, done, policy, edge.event, viewer.actor, at, facts)
            if done.state is State.SUBMITTED:
                await moves.tell(tx, done, policy, "application.arrived", at)
            else:
                await charges.owe(tx, done, policy, at)
            return 200, {"id": str(id), "state": done.state, "tier": done.tier}

        return await self.once.run(viewer.actor, key, ("pass_review", id), act)

    async def send_back(self, viewer: Viewer, key: str | None, id: UUID, until: datetime | None) -> Answer:
        """To the applicant, with every defect that this tier found; after the last submission that the notice grants it
        is not accepted any more. Refused (409) while an item is unjudged or none is defective, (422) with the findings
        of the pack."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at)
            file, policy = seat.file, seat.file.policy
            defects = _all_defects(seat, _judged(seat))
            if not defects:
                message, remedy = "没有问题项，不能退回。", "请逐项写明问题后再退回。"
                raise Refused("review.no_defects", message, remedy, status=409)
            _until(seat, until)
            self._may(seat, "return", review_facts.returning(policy, file.dossier, seat.items, defects, seat.desk.tier))
            edge, done = course.send_back(file.whole.application, policy.pack, at, until)
            returned = Returned(seat.signed(), _outcome(done.state), until, defects)
            running = None
            if done.state is State.RETURNED:
                record = {"record": {"returned_at": at, "correct_until": until}}
                running = deadline.of_correction(policy, done, facts_of(self.keys, file, seat.looked, record), at)
                _in_time(running, at)
                await deadlines.add(tx, id, [running] if running else [])
                await reviews.close_desks(tx, id, at)
            else:
                await moves.ended(tx, done, at)
            await reviews.add_return(tx, self.keys, id, returned)
            await storage.save(tx, done)
            facts = {"body": seat.desk.body, "defects": len(defects)}
            end = running.counted.end if running else None
            await moves.record(tx, done, policy, edge.event, viewer.actor, at, facts, due_at=end)
            return 200, {"id": str(id), "state": done.state, "tier": done.tier}

        return await self.once.run(viewer.actor, key, ("return_review", id, until), act)

    async def refuse(self, viewer: Viewer, key: str | None, id: UUID, defect: Defect) -> Answer:
        """Not accepted, for a reason that stands in the notice (`defect.rule`)."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at)
            policy = seat.file.policy
            review.require_rule(policy, defect.rule)
            edge, done = course.taken(seat.file.whole.application, Act.REFUSE, Party.REVIEWER)
            await reviews.add_return(tx, self.keys, id, Returned(seat.signed(), "not_accepted", None, (defect,)))
            await moves.ended(tx, done, at)
            await storage.save(tx, done)
            facts = {"body": seat.desk.body, "rule": defect.rule}
            await moves.record(tx, done, policy, edge.event, viewer.actor, at, facts)
            return 200, {"id": str(id), "state": done.state, "tier": done.tier}

        return await self.once.run(viewer.actor, key, ("refuse_review", id, asdict(defect)), act)

    def _may(self, seat: Seat, act: PackAct, record: Mapping[str, Any]) -> None:
        """Refused (422) with every finding when one of them forbids the act."""
        found = self._found(seat, act, seat.file.dossier.sign_offs, record)
        if any(one.blocking for one in found):
            message, remedy = "按通知规定还不能办理。", "请按 findings 逐项处理后再办理。"
            raise Refused("review.forbidden", message, remedy, details={"findings": told(found)})

    def _worded(self, seat: Seat, signed: SignOff) -> None:
        """Refused (422) when a text is not the notice's, or a statement is not signed."""
        tier = course.tier_of(seat.file.policy.pack, signed.signed.tier)
        if not signed.agree:
            return
        found = self._found(seat, tier.before, (*seat.file.dossier.sign_offs, signed), {})
        wrong = [one for one in found if one.blocking and one.code.partition(".")[0] in ("text", "attestation")]
        if wrong:
            message, remedy = "审核意见或声明与通知规定的不一致。", "请按 findings 填写后再签署。"
            raise Refused("review.words", message, remedy, details={"findings": told(wrong)})

    def _found(
        self, seat: Seat, act: PackAct, sign_offs: Iterable[SignOff], record: Mapping[str, Any]
    ) -> tuple[Finding, ...]:
        dossier = replace(seat.file.dossier, sign_offs=tuple(sign_offs))
        known = review_facts.record(dossier, seat.items, seat.desk.tier)
        # Who is related is not let near it, and their word counts for nothing.
        more = {"record": {"reviewer_related": False, **record}}
        return judged(seat.file.policy, act, facts_of(self.keys, seat.file, seat.looked, known, more), seat.at)


def _alone(seat: Seat) -> None:
    """One person speaks for one body of a tier: those who must both agree are two."""
    desk = seat.desk
    for one in review.signatures(seat.file.dossier, seat.items):
        if (one.signed.tier, one.signed.by) == (desk.tier, seat.person) and one.signed.body != desk.body:
            message, remedy = "您已代表本层级的另一单位签署。", "请由本单位的其他审核人签署。"
            raise Refused("review.same_person", message, remedy, status=403)


def _judged(seat: Seat) -> tuple[Defect, ...]:
    """This body's defects. Refused (409) while an item is unjudged: nothing passes, and nothing goes back, in bulk."""
    desk, verdicts = seat.desk, seat.file.dossier.heard
    left = review.unreviewed(verdicts, seat.items, desk.tier, desk.body)
    if left:
        message, remedy = f"还有{len(left)}项没有审查。", "请逐项审查后再办理。"
        places = [{"item": one.key, "title": one.title} for one in left]
        raise Refused("review.unreviewed", message, remedy, status=409, details={"items": places})
    judged = review.standing(verdicts, seat.items, desk.tier, desk.body)
    return tuple(one.defect for key in (item.key for item in seat.items) if (one := judged[key]).defect)


def _all_defects(seat: Seat, own: tuple[Defect, ...]) -> tuple[Defect, ...]:
    """With those that the other bodies of the tier found: the applicant is told of everything at once."""
    return (*own, *(one for one in _standing_defects(seat) if one not in own))


def _standing_defects(seat: Seat) -> list[Defect]:
    """What any body of the tier finds wrong with the file as it is."""
    found: list[Defect] = []
    for body in course.tier_of(seat.file.policy.pack, seat.desk.tier).bodies:
        judged = review.standing(seat.file.dossier.heard, seat.items, seat.desk.tier, body)
        found += [one.defect for one in judged.values() if one.defect]
    return found


def _until(seat: Seat, until: datetime | None) -> None:
    """The end of a correction is the officer's to set where the notice says so, and nowhere else."""
    rule = seat.file.policy.pack.correction
    sets = rule is not None and rule.set_by_officer
    if sets and (until is None or until <= seat.at):
        raise Refused("review.correct_until", "请规定补正的截止时刻。", "请填写晚于现在的 correct_until。")
    if not sets and until is not None:
        raise Refused("review.correct_until", "补正期限由通知规定，不能另行规定。", "请不要填写 correct_until。")


def _in_time(running: Running | None, at: datetime) -> None:
    """A return that leaves no time to put anything right is none."""
    if running is not None and running.counted.passed(at):
        message, remedy = "补正的截止时刻已过，退回后申报人无法改正。", "请接收，或按通知条款不予受理。"
        raise Refused("review.correction_over", message, remedy, status=409)


def _outcome(state: State) -> Any:
    return "returned" if state is State.RETURNED else "not_accepted"
