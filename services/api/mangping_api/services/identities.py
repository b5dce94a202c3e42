"""A person's identity changes: what was looked for on their pages changes with it, so every page goes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mangping.clock import BEIJING
from mangping.contracts import SealedIdentity
from mangping.db import Tx
from mangping.errors import Refused, Transient
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.person import Person, normal_id_number, normal_phone
from mangping_api.services import attachments, organisations, people
from mangping_api.services.once import Once
from mangping_api.services.people import Registration
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments as held
from mangping_api.storage import integrity, objects, redaction_jobs
from mangping_api.storage import people as storage
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Identities:
    db: AsyncEngine
    vault: Vault
    once: Once
    patience: timedelta

    async def change(self, viewer: Viewer, asked: Registration) -> Person:
        """What a person registered, put right. Every attachment of a live application is redacted anew, and the
        applicant looks over all of them again; what one unit vouched for is not so at another. Refused (409) when the
        ID number is somebody else's."""
        viewer.admit(Thing(owner=viewer.person), people.unknown())
        today = self.once.now().astimezone(BEIJING).date()
        async with self.db.begin() as tx:
            person = await people.known(tx, self.vault.keys, viewer.person)
            changed = replace(
                person, unit=asked.unit, name=asked.name, former_names=asked.former_names,
                id_number=normal_id_number(asked.id_number, today), phone=normal_phone(asked.phone),
                facts=person.facts if asked.unit == person.unit else {},
            )  # fmt: skip
            if changed == person:
                return person
            live = await rooms.live(tx, person.id)
            identity = await _identity(tx, changed, {asked.unit, *(one.unit for one in live)})
            place = uuid4()
            await objects.reserve(tx, [place], viewer.actor, "identity", self.once.now())
        await self.vault.put_new(place, identity.model_dump_json().encode())
        async with self.db.begin() as tx:
            await self._change(tx, viewer, person, changed, place, {one.id for one in live})
        return changed

    async def _change(
        self, tx: Tx, viewer: Viewer, was: Person, changed: Person, place: UUID, expected: set[UUID]
    ) -> None:
        at, keys = self.once.now(), self.vault.keys
        await rooms.alone(tx, was.id)
        live = await rooms.live(tx, was.id, lock=True)
        if {one.id for one in live} != expected or await people.known(tx, keys, was.id, lock=True) != was:
            raise Transient("person.changed_meanwhile")
        if changed.id_number != was.id_number and await storage.taken(tx, keys, changed.id_number):
            message, remedy = "该身份证号已经登记。", "如非本人登记，请联系管理员核实。"
            raise Refused("person.registered", message, remedy, status=409)
        await integrity.recognise(tx, keys, changed.id_number)
        await storage.save(tx, keys, changed)
        sent = sum([await self._send_back(tx, viewer, one, place, at) for one in live])
        if sent and await objects.use(tx, viewer.actor, {place}, "identity") != {place}:
            raise Transient("identity.swept")  # only a request that hung for a day
        fields = [name for name in Person.__slots__ if getattr(was, name) != getattr(changed, name)]
        stream, told = f"person:{was.id}", {"fields": fields, "attachments": sent}
        await ledger.record(tx, stream, "person.changed", actor=viewer.actor, at=at, facts=told)

    async def _send_back(self, tx: Tx, viewer: Viewer, application: Application, place: UUID, at: datetime) -> int:
        """Every attachment of one application under a fresh job; how many."""
        looked = await held.of(tx, application.id)
        for one in looked:
            job = replace(attachments.again(one.job, one.attachment.masks, at), identity=place)
            await redaction_jobs.add(tx, [job], due_at=at + self.patience)
            await ledger.post(tx, {job.attempt_id: job.message()}, at=at, not_before=at)
            await held.save(tx, replace(one.attachment, job_id=job.id, version=one.attachment.version + 1))
            await attachments.let_go(tx, one.job, viewer.actor, at)
        if looked:
            await rooms.save(tx, replace(application, masks_changed_at=at))
            stream, told = rooms.stream(application.id), {"attachments": len(looked)}
            await ledger.record(
                tx, stream, "application.sent_through_redaction", actor=viewer.actor, at=at, facts=told
            )  # fmt: skip
        return len(looked)


async def _identity(tx: Tx, person: Person, units: set[UUID]) -> SealedIdentity:
    known = [await organisations.known(tx, id) for id in sorted(units)]
    return SealedIdentity(
        names=tuple(filter(None, (person.name, *person.former_names))),
        units=tuple(dict.fromkeys(name for unit in known for name in (unit.name, *unit.former_names))),
        id_numbers=(person.id_number,), phones=(person.phone,),
    )  # fmt: skip
