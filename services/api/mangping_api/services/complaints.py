"""Complaints: taken in, looked into while the application waits, decided with a conclusion and its legal basis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy.judge_time import held_over
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import ABOVE, Thing, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.deadline import ARRIVAL, Standing
from mangping_api.domain.facts import joined
from mangping_api.domain.integrity import Complaint, Conclusion
from mangping_api.services import duties, relations
from mangping_api.services.gathering import facts_of, judged, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import complaints as storage
from mangping_api.storage import deadlines
from mangping_api.storage.relations import related_to
from mangping_api.tables import ledger

_HELD = "核查举报期间不计，余下的时间在核查结束后继续计算"


@dataclass(frozen=True, slots=True)
class Complaints:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def take(self, viewer: Viewer, key: str | None, made: Complaint) -> Answer:
        """A complaint that reached an office. Refused (422) as the notice says, where it wants a name to it. From now on
        the application waits."""

        async def act(tx: Tx, at: datetime) -> Answer:
            file = await opened(tx, self.keys, viewer, made.application, lock=True)
            await relations.apart(tx, viewer, made.application)
            application = file.whole.application
            named = all(made.content.get(part, "").strip() for part in ("name", "contact"))
            facts = joined(facts_of(self.keys, file, ()), {"record": {"objector_named": named}})
            duties.no_defects(judged(file.policy, "complain", facts, at))
            kept = replace(made, line=application.thing().line, received_at=at)
            await storage.keep(tx, self.keys, kept, viewer.person)
            await rooms.save(tx, replace(application, suspended_at=application.suspended_at or at))
            told = {"complaint": str(made.id), "channel": made.channel, "subject": made.subject, "named": named}
            stream = rooms.stream(application.id)
            await ledger.record(tx, stream, "application.complained_of", actor=viewer.actor, at=at, facts=told)
            return 201, {"id": str(made.id), "state": kept.state}

        request = ("take_complaint", made.application, made.channel, made.subject, dict(made.content))
        return await self.once.run(viewer.actor, key, request, act)

    async def _goes_on(self, tx: Tx, application: Application, at: datetime) -> None:
        """What was left of its time to arrive when the inquiry began is left to it now."""
        since = application.suspended_at
        await rooms.save(tx, replace(application, suspended_at=None, held_since=since, held_until=at))
        for one in await deadlines.of(tx, application.id):
            if one.kind == ARRIVAL and one.standing is Standing.RUNNING:
                end = held_over(one.counted.end, since, at)
                if end != one.counted.end:
                    await deadlines.put_off(tx, application.id, one.kind, end, _HELD)

    async def decide(
        self, viewer: Viewer, key: str | None, id: UUID, conclusion: Conclusion, basis: tuple[str, ...], words: str
    ) -> Answer:
        """The end of an inquiry. Without another one open the application goes on."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await self._known(tx, viewer, id, lock=True)
            if found.state != "open":
                raise Refused("complaint.decided", "该举报已经核查完毕。", "如有新情况，请另行登记。", status=409)
            file = await opened(tx, self.keys, viewer, found.application, lock=True)
            case = {"kind": "举报核查", "subject": found.subject, "conclusion": conclusion, "basis": list(basis)}
            duties.no_defects(
                tuple(
                    one
                    for one in judged(
                        file.policy, "sanction", joined(facts_of(self.keys, file, ()), {"case": case}), at
                    )
                    if not one.code.startswith("attestation.")
                )
            )  # what a sanction must be attested with waits for the sanction
            decided = replace(
                found, state="decided", conclusion=conclusion, basis=basis, decision=words, decided_at=at
            )  # fmt: skip
            await storage.keep(tx, self.keys, decided, viewer.person)
            if not await storage.open_beside(tx, found.application, id):
                await self._goes_on(tx, file.whole.application, at)
            told = {"complaint": str(id), "conclusion": conclusion, "bases": len(basis)}
            stream = rooms.stream(found.application)
            await ledger.record(tx, stream, "application.complaint_decided", actor=viewer.actor, at=at, facts=told)
            return 200, {"id": str(id), "state": "decided", "conclusion": conclusion}

        return await self.once.run(viewer.actor, key, ("decide_complaint", id, conclusion, basis, words), act)

    async def find(self, viewer: Viewer, id: UUID) -> Complaint:
        async with self.db.begin() as tx:
            return await self._known(tx, viewer, id)

    async def oldest(self, viewer: Viewer, state: str | None, *, after: Place | None, limit: int) -> list[Complaint]:
        """Those below the viewer's offices, but none about an application that they are related to."""
        viewer.admit(Thing(), unknown())
        async with self.db.begin() as tx:
            return await storage.oldest(
                tx, self.keys, viewer.person, under=viewer.places(ABOVE), state=state, after=after, limit=limit
            )  # fmt: skip

    async def _known(self, tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False) -> Complaint:
        """Who complained of an application is nothing for an officer related to it, nor that anybody did."""
        found = await storage.find(tx, self.keys, id, lock=lock)
        if found is None or not viewer.holds(ABOVE, found.line):
            raise unknown()
        if await related_to(tx, viewer.person, {found.application}):
            raise unknown()
        return found


def unknown() -> Refused:
    return Refused("complaint.unknown", "没有这件举报。", "请检查举报编号。", status=404)
