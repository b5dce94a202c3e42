"""What happened to an application, what runs until when, and what the notice says of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mangping.clock import Unscheduled
from mangping.policy import Figure, Policy, Uncovered, figures
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Viewer
from mangping_api.domain.application import Application
from mangping_api.domain.deadline import Running
from mangping_api.services.gathering import facts_of, opened
from mangping_api.services.once import Once
from mangping_api.services.originals import SEEN
from mangping_api.storage import applications as storage
from mangping_api.storage import deadlines
from mangping_api.storage.applications import Event


@dataclass(frozen=True, slots=True)
class Timeline:
    """`figures` is None on a day that the pack does not answer for."""

    application: Application
    events: list[Event]
    running: list[Running]
    policy: Policy
    figures: tuple[Figure, ...] | None


@dataclass(frozen=True, slots=True)
class Timelines:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def of(self, viewer: Viewer, id: UUID) -> Timeline:
        async with self.db.begin() as tx:
            file = await opened(tx, self.keys, viewer, id, more=deadlines.beside())
            events, running = await storage.events(tx, id), deadlines.among(file.whole.beside)
        events = [one for one in events if one.event != SEEN]  # who looked moved nothing
        try:
            said = figures(file.policy, facts_of(self.keys, file, ()), self.once.now())
        except (Uncovered, Unscheduled):
            said = None
        return Timeline(file.whole.application, events, running, file.policy, said)
