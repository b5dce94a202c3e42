"""Lists of journals: risks to be looked at, catalogues of core journals by edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from mangping.db import Tx
from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.journal import Journal, Kind
from mangping_api.services import organisations
from mangping_api.services.once import Answer, Once
from mangping_api.storage import journals as storage
from mangping_api.storage.journals import JournalList
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class JournalLists:
    db: AsyncEngine
    once: Once

    async def load(
        self, viewer: Viewer, key: str | None, organisation: UUID, kind: Kind, name: str, edition: str,
        lines: Sequence[Journal],
    ) -> Answer:  # fmt: skip
        """Whole or not at all: refused (422) for a wrong ISSN or CN number, (409) for an edition that is loaded."""
        for line in lines:
            if not line.marks():
                message, remedy = "有一行刊物没有ISSN、CN号或刊名。", "请补齐后重新装载。"
                raise Refused("journal.unmarked", message, remedy)

        async def act(tx: Tx, at: datetime) -> Answer:
            place = await organisations.known(tx, organisation)
            viewer.admit(Thing(line=place.line), organisations.unknown())
            made = JournalList(uuid4(), kind, name, edition, len(lines), at)
            if not await storage.add(tx, made, lines, viewer.person):
                raise Refused("journal.loaded", "这一版清单已经装载。", "修订的清单请用新的版次装载。", status=409)
            facts = {"list": str(made.id), "kind": kind, "journals": made.journals}
            await ledger.record(tx, f"journals:{kind}", "journals.loaded", actor=viewer.actor, at=at, facts=facts)
            return 201, {"id": str(made.id), "journals": made.journals}

        asked = ("load_journal_list", organisation, kind, name, edition, [asdict(line) for line in lines])
        return await self.once.run(viewer.actor, key, asked, act)

    async def all(self, viewer: Viewer) -> list[JournalList]:
        viewer.admit(Thing(), organisations.unknown())
        async with self.db.begin() as tx:
            return await storage.lists(tx)

    async def check(self, viewer: Viewer, asked: Journal) -> list[tuple[JournalList, Journal]]:
        """Where a journal stands, for applicants and officers to look it up by hand."""
        viewer.admit(Thing(), organisations.unknown())
        marks = asked.marks()
        async with self.db.begin() as tx:
            return await storage.named(tx, list(marks)) if marks else []
