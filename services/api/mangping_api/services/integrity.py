"""The integrity register: findings with their bans, looking back at who let it pass, appeals; region-wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import BEIJING
from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import course, integrity
from mangping_api.domain.access import ABOVE, Thing, Viewer
from mangping_api.domain.application import MACHINE, Act, Application, Party
from mangping_api.domain.deadline import Standing
from mangping_api.domain.facts import Groups, joined
from mangping_api.domain.integrity import OF_OFFICE, Cause, Effect, Entry, Subject
from mangping_api.domain.person import normal_id_number
from mangping_api.domain.review import SignOff
from mangping_api.services import charges, complaints, duties, moves, people, relations
from mangping_api.services.applications import admitted, policy_of
from mangping_api.services.gathering import File, facts_of, judged, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import complaints as cases
from mangping_api.storage import deadlines, reviews
from mangping_api.storage import integrity as storage
from mangping_api.storage.integrity import Finding
from mangping_api.tables import ledger

# What ends the application it was found in, while that is still on its way.
_ENDING: dict[Effect, Act] = {
    "no_application": Act.DISQUALIFY, "disqualify": Act.DISQUALIFY, "blacklist": Act.DISQUALIFY, "void": Act.ANNUL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charge:
    """What an office found. `ban` is one of the notice's; without it the cause says what it brings. Of others than the
    applicant, and of them alone, `who` gives name and ID number."""

    application: UUID
    subject: Subject
    cause: Cause
    basis: tuple[str, ...]
    words: str = field(repr=False)
    ban: str | None
    until: date | None
    complaint: UUID | None
    attested: tuple[str, ...]
    who: tuple[str, str] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Integrity:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def enter(self, viewer: Viewer, key: str | None, asked: Charge) -> Answer:
        """A finding enters the register. Refused (422) as the notice says: cause, basis, whose conduct, who let it pass;
        (404) when the complaint is none about this application. What disqualifies ends the application at once."""

        async def act(tx: Tx, at: datetime) -> Answer:
            file = await opened(tx, self.keys, viewer, asked.application, lock=True)
            await relations.apart(tx, viewer, asked.application)
            name, number = _whose(file, asked)
            await self._complained_of(tx, asked)
            back = looked_back(file.dossier.sign_offs)
            facts = self._facts(file, asked, back)
            duties.no_defects(judged(file.policy, "sanction", facts, _answered_for(file.policy, at)))
            entry = _entry(file.policy, asked, at)
            found = Finding(
                entry, name, normal_id_number(number, at.astimezone(BEIJING).date()), asked.subject, asked.basis,
                asked.words, asked.ban, file.whole.application.programme, asked.application, asked.complaint,
                _office(viewer, file.whole.application), tuple(_kept(one) for one in back), at, viewer.person,
            )  # fmt: skip
            await storage.add(tx, self.keys, found)
            ended = await self._end(tx, viewer, file, asked, entry, at)
            told = {
                "entry": str(entry.id), "effect": entry.effect, "cause": entry.cause, "subject": asked.subject,
                "until": entry.until.isoformat() if entry.until else "",
            }  # fmt: skip
            stream = rooms.stream(asked.application)
            await ledger.record(tx, stream, "application.sanctioned", actor=viewer.actor, at=at, facts=told)
            return 201, {"id": str(entry.id), "effect": entry.effect, "until": told["until"], "state": ended.state}

        request = ("enter_finding", asdict(asked))
        return await self.once.run(viewer.actor, key, request, act)

    async def search(self, viewer: Viewer, id_number: str) -> list[Finding]:
        """Everything about one number, for offices anywhere in the region; of their own number officers are told as
        anybody is, without the reviewers."""
        viewer.admit(Thing(), unknown())
        number = normal_id_number(id_number, self.once.now().astimezone(BEIJING).date())
        async with self.db.begin() as tx:
            own = (await people.known(tx, self.keys, viewer.person)).id_number == number
            found = await storage.of_number(tx, self.keys, number)
        return [replace(one, looked_back=()) for one in found] if own else found

    async def mine(self, viewer: Viewer) -> list[Finding]:
        viewer.admit(Thing(owner=viewer.person), unknown())
        async with self.db.begin() as tx:
            me = await people.known(tx, self.keys, viewer.person)
            return await storage.of_number(tx, self.keys, me.id_number) if me.id_number else []

    async def looked_back(self, viewer: Viewer, id: UUID) -> list[dict[str, Any]]:
        """Who passed an application, tier by tier, with their opinion."""
        async with self.db.begin() as tx:
            await admitted(tx, viewer, id)
            return looked_back((await reviews.find(tx, self.keys, id)).sign_offs)

    async def appeal(self, viewer: Viewer, key: str | None, id: UUID, words: str) -> Answer:
        """By the person it is about; it goes on holding until it is answered."""

        async def act(tx: Tx, at: datetime) -> Answer:
            viewer.admit(Thing(owner=viewer.person), unknown())
            me = await people.known(tx, self.keys, viewer.person)
            found = await storage.find(tx, self.keys, id, lock=True)
            if found is None or not me.id_number or found.id_number != me.id_number:
                raise unknown()
            if found.appealed_at is not None:
                raise Refused("integrity.appealed", "您已经申诉过。", "请等候答复。", status=409)
            await storage.appeal(tx, self.keys, id, words, at)
            await _record(tx, viewer, id, "integrity.appealed", at, {})
            return 200, {"id": str(id), "appealed_at": at.isoformat()}

        return await self.once.run(viewer.actor, key, ("appeal_finding", id, words), act)

    async def answer(self, viewer: Viewer, key: str | None, id: UUID, words: str, *, lift: bool) -> Answer:
        """By the office that entered it, but neither by the same person nor by whom it is about."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await storage.find(tx, self.keys, id, lock=True)
            viewer.admit(Thing(), unknown())
            if found is None or not viewer.holds(ABOVE, (found.organisation,)):
                raise unknown()
            if found.entered_by == viewer.person:
                message, remedy = "不能由作出认定的人答复申诉。", "请由本单位其他经办人答复。"
                raise Refused("integrity.same_person", message, remedy, status=403)
            await self._not_about(tx, viewer, found)
            if found.appealed_at is None or found.answered_at is not None:
                message, remedy = "没有待答复的申诉。", "请查看该条记录。"
                raise Refused("integrity.no_appeal", message, remedy, status=409)
            await storage.answer(tx, self.keys, id, words, at, lifted=lift)
            await _record(tx, viewer, id, "integrity.lifted" if lift else "integrity.upheld", at, {})
            return 200, {"id": str(id), "lifted": lift}

        return await self.once.run(viewer.actor, key, ("answer_appeal", id, words, lift), act)

    async def _not_about(self, tx: Tx, viewer: Viewer, found: Finding) -> None:
        """Nobody answers an appeal of their own, or about what they recused themselves from."""
        me = await people.known(tx, self.keys, viewer.person)
        if me.id_number and me.id_number == found.id_number:
            raise relations.related()
        if found.application is not None:
            await relations.apart(tx, viewer, found.application)

    async def _complained_of(self, tx: Tx, asked: Charge) -> None:
        if asked.complaint is None:
            return
        found = await cases.find(tx, self.keys, asked.complaint)
        if found is None or found.application != asked.application:
            raise complaints.unknown()

    def _facts(self, file: File, asked: Charge, back: Sequence[dict[str, Any]]) -> dict[str, Any]:
        tiers = list(dict.fromkeys(one["tier"] for one in back if one["reviewer"]))
        more: Groups = {
            "case": {
                "kind": "违规处理", "subject": asked.subject, "cause": asked.cause, "basis": list(asked.basis),
                "looked_back": tiers,
            },
            "record": {"verdicts": [{"tier": one["tier"], "agree": one["agree"]} for one in back]},
            "attested": list(asked.attested),
        }  # fmt: skip
        return joined(facts_of(self.keys, file, ()), more)

    async def _end(self, tx: Tx, viewer: Viewer, file: File, asked: Charge, entry: Entry, at: datetime) -> Application:
        """The application it was found in, and of void ones every other of the same year and level."""
        application, ending = file.whole.application, _ENDING.get(entry.effect)
        if ending is None or asked.subject != "申报人":
            return application
        others: list[Application] = []
        if ending is Act.ANNUL:
            every = await rooms.live(tx, application.person, lock=True)
            same = (application.year, application.level)
            others = [one for one in every if one.id != application.id and (one.year, one.level) == same]
        done = application
        for one in (application, *others):
            if MACHINE.may(one.state, ending):
                ended = await self._take(tx, viewer, one, ending, entry, at)
                done = ended if one is application else done
        return done

    async def _take(
        self, tx: Tx, viewer: Viewer, application: Application, ending: Act, entry: Entry, at: datetime
    ) -> Application:
        edge, done = course.taken(application, ending, Party.AUTHORITY)
        await rooms.save(tx, done)
        await reviews.close_desks(tx, done.id, at)
        await deadlines.stand(tx, done.id, Standing.MET, was=Standing.RUNNING)
        policy = await policy_of(tx, done)
        await moves.record(tx, done, policy, edge.event, viewer.actor, at, {"entry": str(entry.id)})
        await charges.call_back(tx, done.id, viewer.actor, at)
        return done


def looked_back(signed: Sequence[SignOff]) -> list[dict[str, Any]]:
    """Sign-offs as a case keeps them: tier, body, reviewer, whether they agreed, their opinion, when."""
    return [
        {
            "tier": one.signed.tier, "body": one.signed.body, "organisation": str(one.signed.organisation),
            "reviewer": str(one.signed.by), "agree": one.agree, "opinion": "；".join(one.texts.values()),
            "at": one.signed.at.isoformat(),
        }
        for one in signed
    ]  # fmt: skip


def _kept(one: Mapping[str, Any]) -> dict[str, Any]:
    """As an entry keeps it, in clear: opinions stay sealed with the sign-offs."""
    return {name: value for name, value in one.items() if name != "opinion"}


def _whose(file: File, asked: Charge) -> tuple[str, str]:
    """Name and ID number of the one it is about: the applicant as they registered, anybody else as the office says."""
    if (asked.subject == "申报人") != (asked.who is None):
        message, remedy = (
            "责任人与认定对象不一致。",
            "认定对象是申报人的不填责任人；是其他单位或人员的，请填写责任人的姓名和身份证号。",
        )
        raise Refused("integrity.who", message, remedy)
    return asked.who or (file.whole.person.name, file.whole.person.id_number)


def _entry(policy: Policy, asked: Charge, at: datetime) -> Entry:
    today = at.astimezone(BEIJING).date()
    if asked.ban is not None:
        ban = integrity.ban_of(policy, asked.ban)
        until = integrity.last_day(policy, ban, today, asked.until)
        return Entry(uuid4(), ban.effect, asked.cause, today, until)
    effect, dated = OF_OFFICE.get(asked.cause, ("none", False))
    if dated and asked.until is None:
        raise Refused("integrity.until_missing", "没有写明期限止日。", "请填写处分或影响期的止日。")
    return Entry(uuid4(), effect, asked.cause, today, asked.until)


def _answered_for(policy: Policy, at: datetime) -> datetime:
    """Fraud may be found years later: the notice is then asked as of its last day."""
    last = date.fromisoformat(policy.pack.valid.last)
    return min(at, datetime.combine(last, time(12), BEIJING))


def _office(viewer: Viewer, application: Application) -> UUID:
    """The viewer's office nearest to the unit."""
    mine = viewer.places(ABOVE)
    return next(id for id in reversed(application.thing().line) if id in mine)


async def _record(tx: Tx, viewer: Viewer, id: UUID, event: str, at: datetime, facts: dict[str, Any]) -> None:
    await ledger.record(tx, f"integrity:{id}", event, actor=viewer.actor, at=at, facts=facts)


def unknown() -> Refused:
    return Refused("integrity.unknown", "没有这条诚信记录。", "请检查记录编号。", status=404)
