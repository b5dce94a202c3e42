"""Looking at notices, and what a cashier may do to one by hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mangping.clock import Now
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.delivery import Delivery
from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Act, Line, Notice, Role, State
from mangping_fees.services.telling import stream
from mangping_fees.storage import deliveries, payments, receipts
from mangping_fees.storage import notices as storage
from mangping_fees.storage.payments import Books
from mangping_fees.storage.receipts import Receipt
from mangping_fees.tables import ledger


@dataclass(frozen=True, slots=True)
class Whole:
    """A notice with everything that hangs on it."""

    notice: Notice
    lines: list[Line]
    deliveries: list[Delivery]
    payments: list[Payment]
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Notices:
    db: AsyncEngine
    now: Now

    async def find(self, id: UUID, *, applicant: str | None = None) -> Whole:
        """Refused (404) when it is not there, or not this applicant's."""
        async with self.db.begin() as tx:
            notice = await storage.find(tx, id)
            if notice is None or applicant not in (None, notice.applicant):
                raise unknown()
            return Whole(
                notice, await storage.lines(tx, id), await deliveries.of_notice(tx, id),
                await payments.of_notice(tx, id), await receipts.find(tx, id),
            )  # fmt: skip

    async def unheard(self, *, after: Place | None, limit: int) -> list[Delivery]:
        """Messages that failed for good, of notices that nobody is known to have received: their clock does not run."""
        async with self.db.begin() as tx:
            return await deliveries.unheard(tx, after=after, limit=limit)

    async def newest(
        self, *, after: Place | None, limit: int, applicant: str | None = None, state: State | None = None,
        application: UUID | None = None, undated: bool = False,
    ) -> list[Notice]:  # fmt: skip
        async with self.db.begin() as tx:
            return await storage.newest(
                tx,
                after=after,
                limit=limit,
                applicant=applicant,
                state=state,
                application=application,
                undated=undated,
            )

    async def act(self, tx: Tx, id: UUID, what: Act, actor: str, version: int | None) -> Notice:
        """The cashier voids a notice or has a declined one asked for again. Refused: 404, 409 by the table, or 412."""
        notice, at = await storage.find(tx, id, lock=True), self.now()
        if notice is None:
            raise unknown()
        if version is not None and version != notice.version:
            raise Refused("notice.changed", "通知书已被更新。", "请重新查询后再操作。", status=412)
        ends_here = (notice.state, what) == (State.DECLINED, Act.VOID)
        moved, event = table.act(notice, what, Role.CASHIER, step_at=None if ends_here else at)
        await storage.save(tx, moved)
        await ledger.record(tx, stream(notice), event, actor=actor, at=at)
        return moved

    async def books(self) -> Books:
        """Every sum at one moment."""
        async with self.db.begin() as tx:
            return await payments.books(tx)


def unknown() -> Refused:
    return Refused("notice.unknown", "没有这份缴款通知书。", "请检查编号。", status=404)
