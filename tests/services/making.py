"""Small pieces that the tests of services share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from mangping import parcel
from mangping.contracts import (
    Manifest,
    ManifestPage,
    PageRecord,
    Refusal,
    ScanRedacted,
    SealedIdentity,
    manifest_id,
    page_id,
)  # fmt: skip
from mangping_api.domain.redaction_job import Job, Order
from mangping_api.services.submission import Item
from mangping_api.storage import redaction_jobs
from mangping_api.wiring import Context, Factory

OWNER = "client:integrator"
SOMEONE = SealedIdentity(names=("古丽·买买提",), units=("某市第三中学",))
RECORD: dict[str, Any] = {
    "width": 2, "height": 3, "orientation_degrees": 0, "skew_degrees": 0.0, "clarity": {"clear": True, "blur": 1.5},
    "verified": True, "needs_human": [], "ms": {"read": 1.5}, "models": {"text": "abc"},
    "findings": [
        {"class": "name", "polygon": [[0, 0], [1, 0], [1, 1]], "confidence": 0.9, "finder": "identity", "why": "known"}
    ],
}  # fmt: skip


class Clock:
    """A clock that the test moves."""

    def __init__(self, context: Context) -> None:
        self._context, self.ahead = context, timedelta()

    def context(self) -> Context:
        return replace(self._context, now=lambda: self._context.now() + self.ahead)


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def upload(context: Context, content: bytes = b"scan", owner: str = OWNER) -> UUID:
    return (await Factory(context).objects().receive(owner, once(content))).id


async def submitted(context: Context, *, owner: str = OWNER, key: str | None = None, **order: Any) -> Job:
    """A job as the api makes it."""
    source = await upload(context, owner=owner)
    item = Item(source, SOMEONE, str(source))
    _, body = await Factory(context).submission().one(owner, key, Order(**order), item, lambda job: {"id": str(job.id)})
    return await job_of(context, UUID(body["id"]))


async def job_of(context: Context, id: UUID) -> Job:
    async with context.db.begin() as tx:
        job = await redaction_jobs.find(tx, id)
    assert job is not None
    return job


async def answered(
    context: Context, job: Job, *, pages: int = 1, refused: Refusal | None = None, **record: Any
) -> ScanRedacted:
    """What a worker leaves in the vault, and the message it sends."""
    read = PageRecord.model_validate({**RECORD, **record})
    made = [ManifestPage(page=n, rendition=page_id(job.renditions, n), record=read) for n in range(1, pages + 1)]
    for page in made:
        image = f"image {page.page}".encode()
        await context.vault.put_new(page.rendition, parcel.pack(read.model_dump_json(by_alias=True).encode(), image))
    manifest = Manifest(job_id=job.id, pages=tuple(made), refused=refused)
    await context.vault.put_new(manifest_id(job.renditions), manifest.model_dump_json(by_alias=True).encode())
    return ScanRedacted(job_id=job.id, manifest=manifest_id(job.renditions))
