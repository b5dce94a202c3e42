"""Documents that come piece by piece: begun by the hash of the whole, taken up where they broke off."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.db import Tx
from mangping.errors import Refused
from mangping.vault import Missing, Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import attachment as domain
from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Slot
from mangping_api.domain.transfer import Transfer
from mangping_api.services import bringing
from mangping_api.services.applications import admitted
from mangping_api.services.attachments import Attachments, too_large
from mangping_api.services.objects import Objects
from mangping_api.storage import attachments as held
from mangping_api.storage import transfers as storage

_KEPT = timedelta(hours=20)  # the pieces are swept out after a day
_MOST = 20  # under way in one application


@dataclass(frozen=True, slots=True)
class Transfers:
    db: AsyncEngine
    vault: Vault
    now: Now
    objects: Objects
    attachments: Attachments

    async def begin(self, viewer: Viewer, id: UUID, slot: Slot, sha256: str, size: int) -> tuple[Transfer, UUID | None]:
        """(the transfer of this content into this place, begun now or before; the attachment if it is there already)."""
        async with self.db.begin() as tx:
            at = self.now()
            _, policy = await bringing.into(tx, self.vault.keys, viewer, id, slot, at, lock=True)
            await storage.drop_old(tx, before=at - _KEPT)
            column, _ = domain.place(policy, slot)
            if size > domain.limit(column):
                raise too_large(domain.limit(column))
            digests = self.vault.keys.digests(sha256.encode())
            begun = Transfer(uuid4(), id, slot, digests[0], size, 0, (), at)
            for one in await held.of(tx, id):
                if one.attachment.slot == slot and one.attachment.digest in digests:
                    return replace(begun, received=size), one.attachment.id
            if (under_way := await storage.same(tx, id, slot, digests, size)) is not None:
                return under_way, None
            if await storage.count(tx, id) >= _MOST:
                message, remedy = "未传完的文件过多。", "请先传完已开始的文件。"
                raise Refused("transfer.too_many", message, remedy, status=409)
            await storage.add(tx, begun)
            return begun, None

    async def find(self, viewer: Viewer, id: UUID, transfer: UUID) -> Transfer:
        async with self.db.begin() as tx:
            await admitted(tx, viewer, id)
            found = await _known(tx, id, transfer)
            await bringing.into(tx, self.vault.keys, viewer, id, found.slot, self.now())
            return found

    async def go_on(
        self, viewer: Viewer, id: UUID, transfer: UUID, offset: int, chunks: AsyncIterable[bytes]
    ) -> tuple[Transfer, UUID | None]:
        """One more piece from `offset`; the last one makes the attachment. Refused (409) when `offset` is not where it
        stands, (422) when the whole is not what was promised: it then starts over."""
        known = await self.find(viewer, id, transfer)
        if offset != known.received:
            raise _elsewhere()
        if not known.whole:
            known = await self._take(viewer, known, chunks)
        if not known.whole:
            return known, None
        return known, await self._finish(viewer, known)

    async def _take(self, viewer: Viewer, known: Transfer, chunks: AsyncIterable[bytes]) -> Transfer:
        left = known.size - known.received
        stored = await self.objects.receive(viewer.actor, _at_most(chunks, left))
        async with self.db.begin() as tx:
            present = await _known(tx, known.application, known.id, lock=True)
            if present.received != known.received:
                raise _elsewhere()
            longer = replace(present, received=present.received + stored.size, parts=(*present.parts, stored.id))
            await storage.save(tx, longer)
        return longer

    async def _finish(self, viewer: Viewer, whole: Transfer) -> UUID:
        """Asked for again it answers the same: the attachment of this content is in its place already."""
        try:
            _, body = await self.attachments.upload(viewer, None, whole.application, whole.slot, self._joined(whole))
        except (_Another, Missing):
            async with self.db.begin() as tx:
                await storage.drop(tx, whole.id)
            message, remedy = "收到的内容与开始时所报的不一致。", "请重新上传。"
            raise Refused("transfer.damaged", message, remedy) from None
        async with self.db.begin() as tx:
            await storage.drop(tx, whole.id)
        return UUID(body["id"])

    async def _joined(self, whole: Transfer) -> AsyncIterator[bytes]:
        seen = hashlib.sha256()
        for part in whole.parts:
            async for chunk in self.vault.stream(part):
                seen.update(chunk)
                yield chunk
        if not self.vault.keys.matches(whole.digest, seen.hexdigest().encode()):
            raise _Another


class _Another(Exception):
    """The pieces together are not the promised content."""


async def _at_most(chunks: AsyncIterable[bytes], left: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise Refused("transfer.too_long", "内容超出所报的大小。", "请核对文件后重新上传。")
        yield chunk


def _elsewhere() -> Refused:
    message, remedy = "续传位置与已收到的不一致。", "请先查询已收到的字节数，再从该处续传。"
    return Refused("transfer.offset", message, remedy, status=409)


async def _known(tx: Tx, application: UUID, id: UUID, *, lock: bool = False) -> Transfer:
    if (found := await storage.find(tx, application, id, lock=lock)) is None:
        raise Refused("transfer.unknown", "没有这次上传。", "请重新开始上传。", status=404)
    return found
