"""Papers: forms are set from the application as it is now, issued once for the same content, and can be verified."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from mangping import typeset
from mangping.clock import BEIJING
from mangping.db import Tx
from mangping.errors import NeedsHuman, Refused, Transient
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import paper as domain
from mangping_api.domain import publicity, review, review_paper
from mangping_api.domain.access import ABOVE, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.deadline import CORRECTION
from mangping_api.domain.paper import Kind, Paper
from mangping_api.services.applications import admitted, told
from mangping_api.services.gathering import File, facts_of, judged, opened
from mangping_api.services.objects import Objects, Upload
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments, deadlines, objects, organisations, people, postings
from mangping_api.storage import duties as records
from mangping_api.storage import papers as storage
from mangping_api.tables import ledger

# Who said what is known above the unit only: to applicant and unit an office decides, not a person (RULES A.3).
_NAMES_OFFICERS = frozenset({Kind.REVIEW_RECORD})


@dataclass(frozen=True, slots=True)
class Stored:
    code: str
    upload: Upload


@dataclass(frozen=True, slots=True)
class Verified:
    """What the holder of a print may know: no name, and whether a newer one was issued since."""

    paper: Paper
    newest: bool


@dataclass(frozen=True, slots=True)
class Papers:
    db: AsyncEngine
    vault: Vault
    once: Once
    objects: Objects
    public_url: str

    async def issue(self, viewer: Viewer, key: str | None, id: UUID, kind: Kind) -> Answer:
        """The paper of an application as it stands; the same content again is the same paper (200, else 201).

        Refused (422) with findings before the notice allows printing, (409) when there is nothing to tell yet.
        NeedsHuman when a character cannot be set."""
        async with self.db.begin() as tx:
            file = await opened(tx, self.vault.keys, viewer, id)
            if not _may(viewer, file.whole.application, kind):
                raise Refused("role.missing", "您没有办理此事项的权限。", "请向管理员申请相应角色。", status=403)
            facts, day = await self._facts(tx, file, kind)
            kept = await storage.newest(tx, id, kind)
        content = domain.canonical(facts)
        stored = None if kept is not None and self._same(kept, content) else await self._store(viewer, kind, facts, day)

        async def act(tx: Tx, at: datetime) -> Answer:
            await admitted(tx, viewer, id, lock=True)
            held = await storage.newest(tx, id, kind)
            if held is not None and self._same(held, content):
                return 200, _told(held)
            if stored is None or held != kept:
                raise Transient("paper.issued_meanwhile")
            if await objects.use(tx, viewer.actor, {stored.upload.id}, "scan") != {stored.upload.id}:
                raise Transient("paper.swept")
            paper = Paper(
                stored.upload.id, id, kind, stored.code, domain.title(file.policy, kind), self.vault.keys.digest(content),
                at, stored.upload.sha256, stored.upload.size,
            )  # fmt: skip
            await storage.add(tx, paper)
            said = {"kind": kind, "paper": str(paper.id), "sha256": paper.sha256}
            await ledger.record(tx, rooms.stream(id), "paper.issued", actor=viewer.actor, at=at, facts=said)
            return 201, _told(paper)

        return await self.once.run(viewer.actor, key, ("issue_paper", id, kind), act)

    async def all(self, viewer: Viewer, id: UUID) -> list[Paper]:
        async with self.db.begin() as tx:
            application = await admitted(tx, viewer, id)
            return [one for one in await storage.of(tx, id) if _may(viewer, application, one.kind)]

    async def find(self, viewer: Viewer, id: UUID, paper: UUID) -> tuple[Paper, AsyncIterator[bytes]]:
        """A paper and its PDF. Refused (404)."""
        found = next((one for one in await self.all(viewer, id) if one.id == paper), None)
        if found is None:
            raise unknown()
        return found, self.vault.stream(found.id)

    async def verify(self, typed: str) -> Verified:
        """For anybody who holds a print. Refused (404) when no paper has this code."""
        code = domain.read_code(typed)
        async with self.db.begin() as tx:
            found = await storage.of_code(tx, code) if code else None
            if found is None:
                message, remedy = "没有这个编号的材料。", "请核对水印编号；编号不存在的材料无效。"
                raise Refused("paper.unknown_code", message, remedy, status=404)
            newest = await storage.newest(tx, found.application, found.kind)
        return Verified(found, newest is not None and newest.id == found.id)

    async def _facts(self, tx: Tx, file: File, kind: Kind) -> tuple[dict[str, Any], date]:
        if kind is Kind.REVIEW_FORM:
            return await self._form(tx, file)
        if kind is Kind.DEFECT_NOTICE:
            return await self._defects(tx, file)
        if kind is Kind.REVIEW_RECORD:
            return await self._record(tx, file)
        return await self._letter(tx, file, kind)

    async def _form(self, tx: Tx, file: File) -> tuple[dict[str, Any], date]:
        application = file.whole.application
        facts = facts_of(self.vault.keys, file, await attachments.of(tx, application.id))
        found = judged(file.policy, "print", facts, self.once.now())
        if application.submitted_at is None or any(one.blocking for one in found):
            message, remedy = "现在还不能打印这份材料。", "请在通知规定的状态后打印，详见 findings。"
            raise Refused("paper.not_yet", message, remedy, details={"findings": told(found)})
        day = application.submitted_at.astimezone(BEIJING).date()
        return domain.review_form(file.policy, facts, day), day

    async def _defects(self, tx: Tx, file: File) -> tuple[dict[str, Any], date]:
        if not file.dossier.returns:
            raise nothing()
        back, id = file.dossier.returns[-1], file.whole.application.id
        running = await deadlines.of(tx, id)
        until = next((one for one in running if one.kind == f"{CORRECTION}{back.signed.revision}"), None)
        office = (await organisations.names(tx, {back.signed.organisation})).get(
            back.signed.organisation, back.signed.body
        )
        notice = review_paper.defect_notice(file.policy, file.whole.application, back, until, office)
        return notice, _day(back.signed.at)

    async def _record(self, tx: Tx, file: File) -> tuple[dict[str, Any], date]:
        dossier = file.dossier
        done = [one.signed for part in (dossier.verdicts, dossier.sign_offs, dossier.returns) for one in part]
        if not done:
            raise nothing()
        names = await people.names(tx, self.vault.keys, {one.by for one in done})
        places = await organisations.names(tx, {one.organisation for one in done})
        application = file.whole.application
        looked = await attachments.of(tx, application.id)
        now = review.items(file.policy, dossier.handed_in[-1] if dossier.handed_in else None, looked)
        record = review_paper.review_record(file.policy, application, dossier, now, names, places)
        return record, _day(max(one.at for one in done))

    async def _letter(self, tx: Tx, file: File, kind: Kind) -> tuple[dict[str, Any], date]:
        whole, keys = file.whole, self.vault.keys
        posted = records.read(keys, whole.application, whole.beside).postings
        posting = next((one for one in reversed(posted) if one.kind == "first" and one.withdrawn_at is None), None)
        result = kind is Kind.PUBLICITY_RESULT
        at = None if posting is None else posting.certified_at if result else posting.posted_at
        if posting is None or at is None:
            raise nothing()
        person = whole.person
        number = publicity.in_part(person.id_number)
        page = await postings.page(tx, keys, posting.id)  # as it was posted, whatever the form says today
        shown = next((one.lines for one in page if (one.name, one.id_number) == (person.name, number)), ())
        lines = (publicity.Line("身份证号", number), *shown)
        return domain.letter(file.policy, kind, facts_of(keys, file, ()), posting, lines), _day(at)

    async def _store(self, viewer: Viewer, kind: Kind, facts: Mapping[str, Any], day: date) -> Stored:
        """Typeset under a fresh code and sealed; what no paper takes is swept."""
        code = domain.code(secrets.token_bytes(10))
        try:
            made = await asyncio.to_thread(self._set, kind, facts, day, code)
        except typeset.Untypeset:
            raise NeedsHuman("paper.character") from None
        return Stored(code, await self.objects.receive(viewer.actor, _once(made)))

    def _set(self, kind: Kind, facts: Mapping[str, Any], day: date, code: str) -> bytes:
        lookup = f"{self.public_url}/v1/public/papers"
        head = {
            "code": code, "watermark": f"盲评 {code}", "lookup": lookup, "foot": f"编号 {code}　核验：{lookup}",
            "qr": typeset.qr(f"{lookup}/{code}"),
        }  # fmt: skip
        template = files("mangping_api").joinpath("templates", f"{domain.TEMPLATES[kind]}.typ").read_text("utf-8")
        return typeset.pdf(template, {**facts, **head}, day=day)

    def _same(self, paper: Paper, content: bytes) -> bool:
        return self.vault.keys.matches(paper.content, content)


def _may(viewer: Viewer, application: Application, kind: Kind) -> bool:
    own = application.person == viewer.person
    return kind not in _NAMES_OFFICERS or (not own and viewer.holds(ABOVE, application.thing().line))


def unknown() -> Refused:
    return Refused("paper.unknown", "没有这份材料。", "请检查编号。", status=404)


def nothing() -> Refused:
    return Refused("paper.nothing", "还没有可以打印的记录。", "请在退回、审核或公示等记录登记后再打印。", status=409)


def _told(paper: Paper) -> dict[str, Any]:
    return {"id": str(paper.id), "kind": paper.kind, "code": paper.code}


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
