"""Notifications as people use them: the inbox, and what reached nobody, as work for officers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import STAFF, Thing, Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.notification import TEMPLATES, Delivery, Handling, Notification, Standing, stands
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import notifications as storage
from mangping_api.tables import ledger


async def notify(tx: Tx, application: Application, event: str, facts: Mapping[str, Any], at: datetime) -> bool:
    """Tell the applicant, in the transaction that made it true: the inbox now, other ways as soon as the worker comes
    to it. False for an event that nobody is told of. `facts`: tier (title), due_at (exclusive end), hours."""
    if (template := TEMPLATES.get(event)) is None:
        return False
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
    id = uuid4()
    deliveries = [Delivery(uuid4(), id, way, at, next_at=at) for way in template.ways]
    standing = Standing.OWED if deliveries else Standing.SETTLED
    made = Notification(id, application.person, application.id, event, told, standing, at)
    await storage.add(tx, made, deliveries)
    return True


@dataclass(frozen=True, slots=True)
class Notifications:
    db: AsyncEngine
    once: Once

    async def newest(
        self, viewer: Viewer, *, unread: bool, after: Place | None, limit: int
    ) -> tuple[list[Notification], int]:
        """One's own, newest first, and how many of all of them are unread."""
        viewer.admit(Thing(owner=viewer.person), unknown())
        async with self.db.begin() as tx:
            found = await storage.newest(tx, viewer.person, unread=unread, after=after, limit=limit)
            return found, await storage.unread(tx, viewer.person)

    async def read(self, viewer: Viewer, id: UUID) -> None:
        """Read once is read; what was read needs nobody to deliver it any more."""
        async with self.db.begin() as tx:
            found = await storage.find(tx, id, lock=True)
            if found is None or found.person != viewer.person:
                raise unknown()
            viewer.admit(Thing(owner=found.person), unknown())
            if found.read_at is None:
                read = replace(found, read_at=self.once.now())
                await storage.save(tx, replace(read, standing=stands(read, await storage.deliveries(tx, id))))

    async def undelivered(
        self, viewer: Viewer, *, after: Place | None, limit: int
    ) -> list[tuple[Notification, list[Delivery]]]:
        """Of applications below the viewer's organisations, oldest first."""
        viewer.admit(Thing(), unknown())
        async with self.db.begin() as tx:
            return await storage.undelivered(tx, under=viewer.places(STAFF), after=after, limit=limit)

    async def handle(self, viewer: Viewer, key: str | None, id: UUID, handling: Handling) -> Answer:
        """An officer has told them another way. Refused (409) when it needs nobody."""

        async def act(tx: Tx, at: datetime) -> Answer:
            found = await storage.find(tx, id, lock=True)
            application = await rooms.find(tx, found.application_id) if found else None
            if found is None or application is None:
                raise unknown()
            viewer.admit(application.thing(), unknown())
            if found.standing is not Standing.UNDELIVERED:
                message, remedy = "该通知不需要人工处理。", "请重新查询未送达清单。"
                raise Refused("notification.settled", message, remedy, status=409)
            done = replace(
                found, standing=Standing.HANDLED, handling=handling, handled_by=viewer.person, handled_at=at
            )  # fmt: skip
            await storage.save(tx, done)
            facts = {"notification": str(id), "event": found.event, "handling": handling}
            await ledger.record(
                tx, rooms.stream(application.id), "notification.handled", actor=viewer.actor, at=at, facts=facts
            )  # fmt: skip
            return 200, {"id": str(id), "standing": done.standing, "handling": handling}

        return await self.once.run(viewer.actor, key, ("handle_undelivered", id, handling), act)


def unknown() -> Refused:
    return Refused("notification.unknown", "没有这条通知。", "请检查编号。", status=404)
