"""What is said of a document after it came in: its facts, that the turned page will do, and the list to look over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import attachment as domain
from mangping_api.domain import facts
from mangping_api.domain.access import Viewer
from mangping_api.domain.application import LIVE, OPEN, Application
from mangping_api.domain.attachment import Looked
from mangping_api.services import applications, bringing
from mangping_api.services.bringing import belongs, known
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments as storage
from mangping_api.storage import programmes as packs
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class RecheckList:
    """What is looked over before a submission. `titles` are those of the columns; `fields` name their writer."""

    application: Application
    looked: tuple[Looked, ...]
    titles: Mapping[str, str]
    fields: tuple[str, ...]

    @property
    def due(self) -> bool:
        changed, done = self.application.masks_changed_at, self.application.rechecked_at
        return done is None or (changed is not None and changed > done)


@dataclass(frozen=True, slots=True)
class Amendments:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def state(
        self, viewer: Viewer, id: UUID, attachment: UUID, given: Mapping[str, Any], *, version: int
    ) -> Looked:
        """All that is stated of a document: by its applicant while it is in their hands, then by their unit."""
        stated = domain.stated(given)
        async with self.db.begin() as tx:
            application = await applications.admitted(tx, viewer, id, lock=True)
            in_hand = application.state in OPEN
            if application.state not in LIVE or in_hand != (viewer.person == application.person):
                raise applications.closed()
            looked = await known(tx, id, attachment)
            if viewer.person == application.person:
                belongs(application, viewer, looked.attachment.by)
            if looked.attachment.version != version:
                raise Refused("attachment.changed", "该附件已在别处修改。", "请重新读取后再修改。", status=412)
            await storage.save(tx, replace(looked.attachment, stated=stated, version=version + 1))
            told = {"attachment": str(attachment), "facts": sorted(stated)}
            at, stream = self.once.now(), rooms.stream(id)
            await ledger.record(tx, stream, "attachment.stated", actor=viewer.actor, at=at, facts=told)
            return await known(tx, id, attachment)

    async def accept(self, viewer: Viewer, key: str | None, id: UUID, attachment: UUID) -> Answer:
        """The pages stand as the redaction turned them. Refused (409) when none was turned."""

        async def act(tx: Tx, at: Any) -> Answer:
            _, _, looked = await bringing.out_of(tx, self.keys, viewer, id, attachment, at)
            domain.settled([looked])
            if not looked.turned:
                message, remedy = "该附件没有需要转正的页。", "无需操作。"
                raise Refused("attachment.upright", message, remedy, status=409)
            if not looked.attachment.upright:
                saved = replace(looked.attachment, upright=True, version=looked.attachment.version + 1)
                await storage.save(tx, saved)
                told = {"attachment": str(attachment)}
                stream = rooms.stream(id)
                await ledger.record(tx, stream, "attachment.turned", actor=viewer.actor, at=at, facts=told)
            return 200, {"id": str(attachment)}

        return await self.once.run(viewer.actor, key, ("accept_upright", id, attachment), act)

    async def recheck_list(self, viewer: Viewer, id: UUID) -> RecheckList:
        """Every page with what is covered and what was taken away, and every field that names its writer."""
        async with self.db.begin() as tx:
            whole = await rooms.whole(tx, self.keys, id)
            if whole is None:
                raise applications.unknown()
            viewer.admit(whole.application.thing(), applications.unknown())
            policy = await packs.policy(tx, whole.application.programme)
            looked = tuple(domain.of_applicant(await storage.of(tx, id)))
        titles = {column.key: column.title for column in policy.pack.materials.columns}
        hits = facts.field_hits(policy, whole.person, whole.unit, whole.sections)
        return RecheckList(whole.application, looked, titles, tuple(hits))
