"""Attachments: sealed while they arrive, redacted at once, decided upon by whoever brought them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mangping.contracts import ManifestPage, SealedIdentity
from mangping.db import Tx
from mangping.errors import Refused, Transient
from mangping.parcel import image_of
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import attachment as domain
from mangping_api.domain.access import Viewer
from mangping_api.domain.application import OPEN, Application
from mangping_api.domain.attachment import Attachment, Decision, Format, Looked, Masks, Slot
from mangping_api.domain.redaction_job import Act, Job, State, decide
from mangping_api.services import applications, bringing
from mangping_api.services.bringing import known
from mangping_api.services.objects import Objects, Upload
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments as storage
from mangping_api.storage import objects, redaction_jobs
from mangping_api.storage.applications import Whole
from mangping_api.tables import ledger

_MOST = 200  # of one application


@dataclass(frozen=True, slots=True)
class Attachments:
    db: AsyncEngine
    vault: Vault
    once: Once
    objects: Objects
    patience: timedelta

    async def upload(
        self, viewer: Viewer, key: str | None, id: UUID, slot: Slot, chunks: AsyncIterable[bytes]
    ) -> Answer:
        """A document into its column. The same content there again answers with what is there already."""
        async with self.db.begin() as tx:
            _, policy = await bringing.into(tx, self.vault.keys, viewer, id, slot, self.once.now())
            whole = await rooms.whole(tx, self.vault.keys, id)
        assert whole is not None
        column, item = domain.place(policy, slot)
        seen: list[Format] = []
        watched = _watched(chunks, domain.allowed(policy, item), domain.limit(column), seen)
        stored = await self.objects.receive(viewer.actor, watched)
        identity_id = await self._sealed(viewer.actor, _identity(whole))

        async def act(tx: Tx, at: datetime) -> Answer:
            present, _ = await bringing.into(tx, self.vault.keys, viewer, id, slot, at, lock=True)
            now = await rooms.whole(tx, self.vault.keys, id)
            if now is None or _identity(now) != _identity(whole):
                raise Transient("person.changed_meanwhile")
            held = await storage.of(tx, id)
            for one in held:
                if one.attachment.slot == slot and self.vault.keys.matches(one.attachment.digest, _content(stored)):
                    return 200, {"id": str(one.attachment.id)}
            if len(held) >= _MOST:
                raise Refused("attachment.too_many", "附件过多。", f"一份申报最多{_MOST}个附件，请合并后上传。")
            job = Job(
                uuid4(), viewer.actor, None, State.QUEUED, stored.id, identity_id, uuid4(), domain.order(policy), 1,
                uuid4(), at,
            )  # fmt: skip
            await self._take(tx, viewer.actor, stored.id, identity_id)
            await self._owe(tx, job, at)
            made = Attachment(
                uuid4(), id, slot, seen[0], stored.size, self.vault.keys.digest(_content(stored)), job.id,
                Decision.UNDECIDED, Masks(), 1, at, by=item.bringer,
            )  # fmt: skip
            await storage.add(tx, made)
            await changed(tx, present, "attachment.added", viewer.actor, at, made)
            return 201, {"id": str(made.id)}

        return await self.once.run(viewer.actor, key, ("attach", id, asdict(slot), stored.sha256), act)

    async def all(self, viewer: Viewer, id: UUID) -> list[Looked]:
        async with self.db.begin() as tx:
            await _admitted(tx, viewer, id)
            return await storage.of(tx, id)

    async def find(self, viewer: Viewer, id: UUID, attachment: UUID) -> Looked:
        async with self.db.begin() as tx:
            await _admitted(tx, viewer, id)
            return await known(tx, id, attachment)

    async def decide(
        self, viewer: Viewer, id: UUID, attachment: UUID, decision: Decision, masks: Masks, *, version: int
    ) -> Looked:
        """是 or 否 of whoever brought it, and their boxes. Changed boxes send the document through the redaction again.

        Refused (412) when `version` is not the one that is kept, (422) as `attachment.check` says.
        """
        async with self.db.begin() as tx:
            at = self.once.now()
            application, policy, looked = await bringing.out_of(tx, self.vault.keys, viewer, id, attachment, at)
            held = looked.attachment
            if held.version != version:
                raise Refused("attachment.changed", "该附件已在别处修改。", "请重新读取后再修改。", status=412)
            domain.settled([looked])
            domain.check(policy, looked, decision, masks)
            saved = replace(held, decision=decision, masks=masks, version=version + 1)
            job = looked.job
            if masks != held.masks:
                job = again(job, masks, at)
                await self._owe(tx, job, at)
                saved = replace(saved, job_id=job.id)
            await storage.save(tx, saved)
            if job is not looked.job:
                await let_go(tx, looked.job, viewer.actor, at)
            await changed(tx, application, "attachment.decided", viewer.actor, at, saved)
            return await known(tx, id, attachment)

    async def remove(self, viewer: Viewer, id: UUID, attachment: UUID) -> None:
        """Out of its column at once; its sealed objects are swept out soon after."""
        async with self.db.begin() as tx:
            at = self.once.now()
            application, _, looked = await bringing.out_of(tx, self.vault.keys, viewer, id, attachment, at)
            await storage.drop(tx, attachment)
            await let_go(tx, looked.job, viewer.actor, at)
            await changed(tx, application, "attachment.removed", viewer.actor, at, looked.attachment)

    async def recheck(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """The applicant has looked over every page of theirs once more. Any later change asks for it again."""

        async def act(tx: Tx, at: datetime) -> Answer:
            application = await opened(tx, viewer, id, lock=True)
            held = domain.of_applicant(await storage.of(tx, id))
            domain.settled(held)
            await rooms.save(tx, replace(application, rechecked_at=at))
            told = {"attachments": len(held), "pages": sum(len(one.pages) for one in held)}
            stream = rooms.stream(id)
            await ledger.record(tx, stream, "application.rechecked", actor=viewer.actor, at=at, facts=told)
            return 200, {"id": str(id), **told}

        return await self.once.run(viewer.actor, key, ("recheck", id), act)

    async def rendition(
        self, viewer: Viewer, id: UUID, attachment: UUID, page: int
    ) -> tuple[Job, ManifestPage, AsyncIterator[bytes]]:
        """The rendition of one page (from 1). Refused (404) when there is none (yet)."""
        looked = await self.find(viewer, id, attachment)
        found = next((one for one in looked.pages if one.page == page), None)
        if found is None:
            raise Refused("rendition.unknown", "该页没有遮盖件。", "请先查询附件的处理情况。", status=404)
        return looked.job, found, image_of(self.vault.stream(found.rendition))

    async def _sealed(self, owner: str, identity: SealedIdentity) -> UUID:
        id = uuid4()
        async with self.db.begin() as tx:
            await objects.reserve(tx, [id], owner, "identity", self.once.now())
        await self.vault.put_new(id, identity.model_dump_json().encode())
        return id

    async def _take(self, tx: Tx, owner: str, source: UUID, identity: UUID) -> None:
        taken = await objects.use(tx, owner, {source}, "scan") | await objects.use(tx, owner, {identity}, "identity")
        if taken != {source, identity}:
            raise Transient("attachment.swept")  # only a request that hung for a day

    async def _owe(self, tx: Tx, job: Job, at: datetime) -> None:
        await redaction_jobs.add(tx, [job], due_at=at + self.patience)
        await ledger.post(tx, {job.attempt_id: job.message()}, at=at, not_before=at)


def _identity(whole: Whole) -> SealedIdentity:
    """Whose traces to look for, as the register knows them."""
    person, unit = whole.person, whole.unit
    return SealedIdentity(
        names=tuple(filter(None, (person.name, *person.former_names))), units=(unit.name, *unit.former_names),
        id_numbers=tuple(filter(None, (person.id_number,))), phones=tuple(filter(None, (person.phone,))),
    )  # fmt: skip


def again(job: Job, masks: Masks, at: datetime) -> Job:
    """The same document and identity under a fresh job, with these boxes."""
    return replace(
        job, id=uuid4(), state=State.QUEUED, renditions=uuid4(), attempt=1, attempt_id=uuid4(), created_at=at,
        finished_at=None, verified=False, needs_human=(), refusal=None, drawn=masks.drawn,
        removed=tuple(one.box for one in masks.removed),
    )  # fmt: skip


async def let_go(tx: Tx, job: Job, actor: str, at: datetime) -> None:
    edge = decide(job.state, Act.ERASE)
    await redaction_jobs.save(tx, replace(job, state=edge.to, finished_at=job.finished_at or at))
    await ledger.record(tx, f"redaction_job:{job.id}", edge.event, actor=actor, at=at)


async def changed(
    tx: Tx, application: Application, event: str, actor: str, at: datetime, attachment: Attachment
) -> None:
    """Whatever the applicant looked over before must be looked over again."""
    if attachment.by == "applicant":
        await rooms.save(tx, replace(application, masks_changed_at=at))
    told = {
        "attachment": str(attachment.id), "column": attachment.slot.column, "by": attachment.by,
        "decision": attachment.decision,
        "drawn": len(attachment.masks.drawn), "removed": len(attachment.masks.removed),
    }  # fmt: skip
    await ledger.record(tx, rooms.stream(application.id), event, actor=actor, at=at, facts=told)


async def opened(tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False) -> Application:
    application = await _admitted(tx, viewer, id, lock=lock)
    if application.state not in OPEN:
        raise applications.closed()
    return application


async def _admitted(tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False) -> Application:
    return await applications.admitted(tx, viewer, id, lock=lock)


def _content(stored: Upload) -> bytes:
    return stored.sha256.encode()


async def _watched(
    chunks: AsyncIterable[bytes], formats: tuple[Format, ...], most: int, seen: list[Format]
) -> AsyncIterator[bytes]:
    """The same bytes, refused as soon as they are no file of these formats or too many; what it is goes to `seen`."""
    head, left = b"", most
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise too_large(most)
        if not seen:
            head += chunk
            if len(head) < 8:
                continue
            seen.append(_format(head, formats))
            chunk = head
        yield chunk
    if head and not seen:
        seen.append(_format(head, formats))
        yield head


def too_large(most: int) -> Refused:
    remedy = f"该栏目每个文件最大{most // 1024 // 1024}MB，请压缩或拆分后上传。"
    return Refused("attachment.too_large", "文件超过该栏目的大小上限。", remedy, status=413)


def _format(head: bytes, formats: tuple[Format, ...]) -> Format:
    kind = domain.sniffed(head)
    if kind is None or kind not in formats:
        raise Refused(
            "attachment.format", "文件格式不符合该栏目要求。", f"请上传{'、'.join(formats)}格式的文件。", status=415
        )
    return kind
