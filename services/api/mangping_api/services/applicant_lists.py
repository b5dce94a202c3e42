"""申报人员花名册: who applied from a unit in a programme, as a table that the unit hands in with its papers (BZ-47)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from mangping.clock import Now
from mangping.policy import Policy
from mangping.sheet import Cell, Head, xlsx
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import charge
from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.application import HANDED_IN
from mangping_api.domain.facts import called
from mangping_api.services import organisations, programmes
from mangping_api.storage import applications as rooms
from mangping_api.storage import standings as storage
from mangping_api.storage.applications import Whole
from mangping_api.tables import ledger

_TITLE = "申报人员花名册"
_COLUMNS = (
    Head("序号", 6), Head("姓名", 18), Head("性别", 6), Head("身份证号", 22), Head("联系电话", 14), Head("申报类型", 10),
    Head("申报专业", 16), Head("申报级别", 10), Head("现任专业技术职务", 18), Head("推荐排序", 10), Head("申报状态", 24),
    Head("评审费（元）", 14, fen=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApplicantLists:
    db: AsyncEngine
    keys: Keys
    now: Now

    async def table(self, viewer: Viewer, unit: UUID, programme: UUID) -> bytes:
        """As .xlsx: those whose application is on its way or accepted, ranked ones first; the same list is the same bytes.
        Whoever takes it is on record, as it bears whole ID numbers. Refused (404, 403)."""
        async with self.db.begin() as tx:
            place = await organisations.known(tx, unit)
            viewer.admit(Thing(line=place.line), organisations.unknown())
            known, policy = await programmes.known(tx, programme)
            listed = [one for one in await storage.ranking(tx, self.keys, unit, programme) if one.state in HANDED_IN]
            found = [(await rooms.whole(tx, self.keys, one.application), one.rank) for one in listed]
            told = {"programme": str(programme), "applications": len(listed)}
            await ledger.record(
                tx, f"organisation:{unit}", "unit.applicants_listed", actor=viewer.actor, at=self.now(), facts=told
            )
        rows = list(_rows(policy, [(whole, rank) for whole, rank in found if whole is not None]))
        sheet = (_TITLE, f"{known.title}{_TITLE}（{place.name}）", _COLUMNS, rows)
        return await asyncio.to_thread(xlsx, [sheet])


def _rows(policy: Policy, found: Sequence[tuple[Whole, int | None]]) -> Iterator[tuple[Cell, ...]]:
    for number, (whole, rank) in enumerate(found, start=1):
        application, person, form = whole.application, whole.person, whole.form
        price = charge.price(policy, application.kind, application.level)
        yield (
            number, person.name, str(form.get("sex") or ""), person.id_number, person.phone, application.kind,
            application.stated.get("specialty", ""), application.level,
            str(form.get("held_title") or application.stated.get("held_level") or "无"), rank,
            called(policy, application.state), price.fen if price else None,
        )  # fmt: skip
