"""e-receipts: the number is fetched and kept, then the file; only with both is the notice receipted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.notice import Act, Notice, Role, State
from mangping_fees.gateways.base import Declined, ReceiptFile, ReceiptNumber, Unknown
from mangping_fees.services.issuing import Issuing, ref
from mangping_fees.services.telling import stream
from mangping_fees.storage import notices, payments
from mangping_fees.storage import receipts as storage
from mangping_fees.storage.receipts import Receipt
from mangping_fees.tables import ledger

_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Receipts:
    db: AsyncEngine
    vault: Vault
    now: Now
    issuing: Issuing

    async def reconcile(self) -> int:
        """Paid notices whose money stands in three books that agree are reconciled; a receipt is owed from then on."""
        async with self.db.begin() as tx:
            agreed = await payments.to_reconcile(tx, limit=_LIMIT)
        for id in agreed:
            async with self.db.begin() as tx:
                notice, at = await notices.find(tx, id, lock=True), self.now()
                if notice is None or notice.state is not State.PAID:
                    continue
                reconciled, event = table.act(notice, Act.RECONCILE, Role.CLOCK, step_at=at)
                await notices.save(tx, reconciled)
                await ledger.record(tx, stream(notice), event, actor="clock", at=at)
        return len(agreed)

    async def fetch(self, found: Notice) -> None:
        """One step of a reconciled notice towards its receipt."""
        gateway = self.issuing.gateway(found)
        async with self.db.begin() as tx:
            receipt = await storage.find(tx, found.id)
        if receipt is None:
            match await gateway.issue_receipt(ref(found)):
                case ReceiptNumber(code, number, check):
                    receipt = Receipt(found.id, code, number, check, found.amount_fen, uuid4(), self.now())
                    async with self.db.begin() as tx:
                        if not await storage.add(tx, receipt):
                            return
                case Declined() | Unknown():
                    return
        crash_at("receipt.numbered")
        named = ReceiptNumber(receipt.code, receipt.number, receipt.check_code)
        match await gateway.fetch_receipt(named):
            case ReceiptFile(content, _):
                await self.vault.put_new(receipt.object, content)
            case _:
                return
        crash_at("receipt.sealed")
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, found.id, lock=True), self.now()
            if notice is None or notice.state is not State.RECONCILED:
                return
            receipted, event = table.act(notice, Act.RECEIPT, Role.GATEWAY, step_at=None)
            await notices.save(tx, receipted)
            await storage.stored(tx, notice.id, at)
            await ledger.record(tx, stream(notice), event, actor="gateway", at=at)

    async def open(self, notice_id: UUID) -> AsyncIterator[bytes]:
        """The receipt's file as a stream. Refused (404) when there is none (yet)."""
        async with self.db.begin() as tx:
            receipt = await storage.find(tx, notice_id)
        if receipt is None or receipt.stored_at is None:
            raise Refused("receipt.unknown", "电子票据尚未开具。", "缴款对账完成后自动开具，请稍后查询。", status=404)
        return self.vault.stream(receipt.object)
