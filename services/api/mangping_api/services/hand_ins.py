"""Papers that a unit hands in: looked over against the notice's list, received whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import paper
from mangping_api.domain.access import ABOVE, Viewer
from mangping_api.domain.facts import joined
from mangping_api.domain.paper import Kind
from mangping_api.services import duties, relations
from mangping_api.services.gathering import facts_of, judged, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments, papers, standings
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class HandIn:
    """What lies on the desk: by item what is there, the words written on it, the unit's list, and whether the officer
    found print and form the same."""

    handed_by: str
    items: Mapping[str, Mapping[str, Any]] = field(repr=False)
    texts: Mapping[str, Mapping[str, Any]] = field(repr=False)
    roster: tuple[str, ...] = field(repr=False)
    web_equals_print: bool


@dataclass(frozen=True, slots=True)
class HandIns:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def take(self, viewer: Viewer, key: str | None, id: UUID, given: HandIn) -> Answer:
        """Refused (422) with everything that the notice finds wrong. A watermark counts when its code is that of the
        newest form that this application was given; an older print is not the form any more."""

        async def act(tx: Tx, at: datetime) -> Answer:
            file = await opened(tx, self.keys, viewer, id, lock=True)
            await relations.apart(tx, viewer, id)
            items = {name: await self._seen(tx, id, dict(told)) for name, told in given.items.items()}
            more: dict[str, dict[str, Any]] = {
                "paper": {**items, "handed_by": given.handed_by}, "texts": dict(given.texts),
                "payment": {"roster": list(given.roster)}, "record": {"web_equals_print": given.web_equals_print},
            }  # fmt: skip
            facts = joined(facts_of(self.keys, file, await attachments.of(tx, id)), more)
            duties.no_defects(judged(file.policy, "paper", facts, at))
            mine = next(
                place for place in reversed(file.whole.application.thing().line) if place in viewer.places(ABOVE)
            )
            await standings.keep_hand_in(
                tx, self.keys, id, {**more["paper"], "texts": more["texts"]}, mine, viewer.person, at
            )
            told = {"items": len(items), "organisation": str(mine)}
            stream = rooms.stream(id)
            await ledger.record(tx, stream, "application.papers_received", actor=viewer.actor, at=at, facts=told)
            return 200, {"id": str(id), "received_at": at.isoformat()}

        request = ("take_papers", id, json.dumps(asdict(given), ensure_ascii=False, sort_keys=True))
        return await self.once.run(viewer.actor, key, request, act)

    async def _seen(self, tx: Tx, id: UUID, told: dict[str, Any]) -> dict[str, Any]:
        code = told.pop("watermark", None)
        if code is None:
            return told
        plain = paper.read_code(code)
        found = await papers.of_code(tx, plain) if plain else None
        newest = await papers.newest(tx, id, Kind.REVIEW_FORM)
        return {**told, "watermark": found is not None and newest is not None and found.id == newest.id}
