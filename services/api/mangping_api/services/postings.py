"""Postings: a unit posts, hears objections, certifies the result; the public sees what stands there while it does."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from mangping.clock import Unscheduled
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import NeedsHuman, Refused
from mangping.policy import Policy
from mangping.policy.pack import Published
from mangping.vault import Keys, Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import publicity as domain
from mangping_api.domain.access import OFFICERS, Thing, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.attachment import sniffed
from mangping_api.domain.deadline import Running
from mangping_api.domain.publicity import Kind, Line, Objection, Outcome, Posting, Shown
from mangping_api.services import applications, duties, organisations, programmes, relations
from mangping_api.services.objects import Objects
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import deadlines, objects
from mangping_api.storage import postings as storage
from mangping_api.storage.relations import related_to
from mangping_api.tables import ledger

_MOST_PHOTOS = 20
Channel = Literal["phone", "letter", "visit"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a unit posts. `contents` None: what the notice demands. `more` by application: what the unit adds of the
    template's own words (族别, 思想政治条件 …)."""

    unit: UUID
    programme: UUID
    kind: Kind
    applications: tuple[UUID, ...]
    place: str
    storage_place: str
    audience: str
    contact: str = field(repr=False)
    contents: tuple[str, ...] | None
    more: Mapping[UUID, tuple[Line, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What the public sees."""

    posting: Posting
    unit: str
    programme: str
    shown: tuple[Shown, ...]
    phones: tuple[Published, ...]
    online: bool  # staff may see more, online


@dataclass(frozen=True, slots=True)
class Postings:
    db: AsyncEngine
    vault: Vault
    once: Once
    objects: Objects

    async def post(self, viewer: Viewer, key: str | None, asked: Notice) -> Answer:
        """Posted as of now, never as of before; its end is counted by the legal clock and kept with its trace."""

        async def act(tx: Tx, at: datetime) -> Answer:
            unit = await organisations.known(tx, asked.unit)
            viewer.admit(Thing(line=unit.line), organisations.unknown())
            policy = (await programmes.known(tx, asked.programme))[1]
            ids = tuple(sorted(set(asked.applications)))
            await relations.apart(tx, viewer, *ids)
            page = [await self._shown(tx, viewer, policy, asked, id) for id in ids]
            try:
                counted = domain.end_of(policy, at, at)
            except Unscheduled:
                raise NeedsHuman("calendar.unscheduled") from None
            demanded = policy.pack.publicity.contents
            contents = asked.contents if asked.contents is not None else demanded.items if demanded else ()
            made = Posting(
                uuid4(), unit.id, asked.programme, unit.line, asked.kind, asked.place, asked.storage_place,
                asked.audience, asked.contact, contents, ids, at, counted,
            )  # fmt: skip
            await storage.add(tx, self.vault.keys, made, page, viewer.person)
            title = "单位公示" if asked.kind == "first" else "补充公示"
            for id in ids:
                await deadlines.add(tx, id, [Running(_kind(made.id), title, counted, None)])
                await _record(tx, id, "application.posted", viewer, at, made)
            return 201, {
                "id": str(made.id), "ends_at": counted.end.isoformat(), "page": f"/v1/public/publicity/{made.id}",
            }  # fmt: skip

        more = {str(id): [asdict(line) for line in lines] for id, lines in asked.more.items()}
        request = ("post_publicity", {**_plain(asked), "more": more})
        return await self.once.run(viewer.actor, key, request, act)

    async def find(self, viewer: Viewer, id: UUID) -> tuple[Posting, tuple[Shown, ...]]:
        async with self.db.begin() as tx:
            found = await admitted(tx, self.vault.keys, viewer, id)
            return found, await storage.page(tx, self.vault.keys, id)

    async def newest(self, viewer: Viewer, unit: UUID, *, after: Place | None, limit: int) -> list[Posting]:
        async with self.db.begin() as tx:
            place = await organisations.known(tx, unit)
            viewer.admit(Thing(line=place.line), organisations.unknown())
            return await storage.newest(tx, self.vault.keys, unit, after=after, limit=limit)

    async def public(self, id: UUID) -> Page:
        """For anyone. Refused (404) when there is no such posting, before it begins and after it ended."""
        async with self.db.begin() as tx:
            found = await storage.find(tx, self.vault.keys, id)
            if found is None or not found.posted(self.once.now()):
                raise Refused("publicity.unknown", "没有这个公示，或者公示已经结束。", "请向公示单位查询。", status=404)
            unit = await organisations.known(tx, found.unit)
            programme, policy = await programmes.known(tx, found.programme)
            shown = await storage.page(tx, self.vault.keys, id)
        phones = tuple(one for one in policy.pack.published if one.key == "complaints")
        return Page(found, unit.name, programme.title, shown, phones, policy.pack.publicity.online is not None)

    async def withdraw(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Taken down: it never counts any more, and must be posted anew."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await admitted(tx, self.vault.keys, viewer, id, lock=True)
            if found.certified_at is not None or found.withdrawn_at is not None:
                raise Refused("posting.closed", "该公示已经办结。", "如有变更，请补充公示。", status=409)
            await relations.apart(tx, viewer, *found.applications)
            await storage.withdraw(tx, id, at)
            await deadlines.drop(tx, found.applications, _kind(id))
            for application in found.applications:
                await _record(tx, application, "application.posting_withdrawn", viewer, at, found)
            return 200, {"id": str(id), "withdrawn_at": at.isoformat()}

        return await self.once.run(viewer.actor, key, ("withdraw_posting", id), act)

    async def add_photo(self, viewer: Viewer, key: str | None, id: UUID, chunks: AsyncIterable[bytes]) -> Answer:
        """A photo of what hangs on the wall, sealed while it arrives. Refused (415) when it is no JPEG or PNG."""
        async with self.db.begin() as tx:
            await admitted(tx, self.vault.keys, viewer, id)
        seen: list[str | None] = []

        async def watched() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                if not seen:
                    seen.append(sniffed(chunk))
                    if seen[0] not in ("jpg", "png"):
                        message, remedy = "照片须为JPEG或PNG图片。", "请上传图片。"
                        raise Refused("posting.photo", message, remedy, status=415)
                yield chunk

        stored = await self.objects.receive(viewer.actor, watched())

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await admitted(tx, self.vault.keys, viewer, id, lock=True)
            await relations.apart(tx, viewer, *found.applications)
            if found.photos >= _MOST_PHOTOS:
                raise Refused("posting.photos", "照片过多。", f"一次公示最多{_MOST_PHOTOS}张照片。", status=409)
            await objects.use(tx, viewer.actor, [stored.id], "scan")
            await storage.add_photos(tx, id, [stored.id], at)
            for application in found.applications:
                await _record(tx, application, "application.posting_photographed", viewer, at, found)
            return 201, {"id": str(stored.id), "number": found.photos + 1}

        return await self.once.run(viewer.actor, key, ("add_posting_photo", id, stored.sha256), act)

    async def photo(self, viewer: Viewer, id: UUID, number: int) -> bytes:
        """The photo itself (numbered from 1)."""
        async with self.db.begin() as tx:
            await admitted(tx, self.vault.keys, viewer, id)
            held = await storage.photos(tx, id)
        if number > len(held):
            raise Refused("posting.photo_unknown", "没有这张照片。", "请检查照片序号。", status=404)
        return await self.vault.get(held[number - 1])

    async def object_to(self, viewer: Viewer, key: str | None, id: UUID, made: Objection) -> Answer:
        """An objection that reached the unit, by whom and how they can be reached."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await admitted(tx, self.vault.keys, viewer, id, lock=True)
            if made.application not in found.applications:
                message, remedy = "该申报不在这次公示之内。", "请检查申报编号。"
                raise Refused("objection.application", message, remedy)
            await relations.apart(tx, viewer, made.application)
            kept = replace(made, posting=id, received_at=at)
            await storage.keep_objection(tx, self.vault.keys, kept, None)
            await _record(tx, made.application, "application.objected_to", viewer, at, found)
            return 201, {"id": str(made.id), "state": kept.state}

        request = ("raise_objection", id, made.application, made.channel, made.name, made.contact, made.words)
        return await self.once.run(viewer.actor, key, request, act)

    async def objections(self, viewer: Viewer, id: UUID) -> list[Objection]:
        """Oldest first, to the applications that the officer may know. Who objects to one is nothing for an officer
        related to it."""
        async with self.db.begin() as tx:
            found = await admitted(tx, self.vault.keys, viewer, id)
            held = await storage.objections_of(tx, self.vault.keys, id)
            near = await related_to(tx, viewer.person, found.applications)
            beside = await storage.reviewers(tx, id)
        return [
            one for one in held
            if one.application not in near and viewer.holds(OFFICERS, (*found.line, *beside[one.application]))
        ]  # fmt: skip

    async def settle(
        self, viewer: Viewer, key: str | None, id: UUID, objection: UUID, outcome: Outcome, handling: str
    ) -> Answer:
        """How it was looked into, and whether it is so."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await admitted(tx, self.vault.keys, viewer, id, lock=True)
            held = await storage.objections_of(tx, self.vault.keys, id)
            one = next((one for one in held if one.id == objection), None)
            if one is None:
                raise Refused("objection.unknown", "没有这项异议。", "请检查异议编号。", status=404)
            await relations.apart(tx, viewer, one.application)
            if one.state != "open":
                raise Refused("objection.settled", "该异议已经核查完毕。", "如有新情况，请另行登记。", status=409)
            settled = replace(one, state=outcome, handling=handling, settled_at=at)
            await storage.keep_objection(tx, self.vault.keys, settled, viewer.person)
            await _record(tx, one.application, f"application.objection_{outcome}", viewer, at, found)
            return 200, {"id": str(objection), "state": outcome}

        return await self.once.run(viewer.actor, key, ("settle_objection", id, objection, outcome, handling), act)

    async def certify(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """The certificate of the result, in the words the notice asks for, from the record itself."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await admitted(tx, self.vault.keys, viewer, id, lock=True)
            if found.certificate is not None:
                return 200, {"id": str(id), "certificate": dict(found.certificate)}
            await relations.apart(tx, viewer, *found.applications)
            domain.may_certify(found, await storage.objections_of(tx, self.vault.keys, id), at)
            policy = (await programmes.known(tx, found.programme))[1]
            certificate = domain.result(policy, found)
            await storage.certify(tx, id, certificate, at)
            for application in found.applications:
                await _record(tx, application, "application.publicity_certified", viewer, at, found)
            return 200, {"id": str(id), "certificate": certificate}

        return await self.once.run(viewer.actor, key, ("certify_posting", id), act)

    async def _shown(self, tx: Tx, viewer: Viewer, policy: Policy, asked: Notice, id: UUID) -> Shown:
        """One applicant of the unit, as the page will show them. The application stays locked until it is posted."""
        whole = await rooms.whole(tx, self.vault.keys, id, lock=True)
        if whole is None:
            raise applications.unknown()
        viewer.admit(whole.application.thing(), applications.unknown())
        _belongs(whole.application, asked)
        duties.require_at_unit(whole.application, policy)
        stated = whole.application.stated.get("specialty", "")
        what = f"{stated}{whole.application.level}职称（{whole.application.kind}）"
        more = asked.more.get(id, ())
        return domain.shown(policy, whole.person.name, whole.person.id_number, what, whole.form, more)


async def admitted(tx: Tx, keys: Keys, viewer: Viewer, id: UUID, *, lock: bool = False) -> Posting:
    """For those on the unit's line, and those at whose desks what was posted lay."""
    if (found := await storage.find(tx, keys, id, lock=lock)) is None:
        raise unknown()
    beside = (one for some in (await storage.reviewers(tx, id)).values() for one in some)
    viewer.admit(Thing(line=(*found.line, *beside)), unknown())
    return found


def _kind(id: UUID) -> str:
    """Of the deadline of a posting."""
    return f"publicity.{id}"


def _belongs(application: Application, asked: Notice) -> None:
    if (application.unit, application.programme) != (asked.unit, asked.programme):
        message, remedy = "该申报不属于这个单位或批次。", "请检查申报编号。"
        raise Refused("posting.application", message, remedy)


def _plain(asked: Notice) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Notice.__slots__ if name != "more"}


async def _record(tx: Tx, application: UUID, event: str, viewer: Viewer, at: datetime, posting: Posting) -> None:
    told = {"posting": str(posting.id), "ends_at": posting.counted.end.isoformat(), "rule": posting.counted.rule}
    await ledger.record(tx, rooms.stream(application), event, actor=viewer.actor, at=at, facts=told)


def unknown() -> Refused:
    return Refused("posting.unknown", "没有这次公示。", "请检查公示编号。", status=404)
