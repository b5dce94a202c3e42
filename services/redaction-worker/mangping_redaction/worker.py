"""`python -m mangping_redaction.worker`: the queue's door to the pipeline. No database, no web, only queue and store.

An attempt may be run twice, or die between any two steps: page and manifest ids are given by the api and are written
once, a rendition travels together with its record, and the sealed manifest is what makes an answer final.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from mangping import logs, parcel
from mangping.contracts import (
    QUEUES,
    Manifest,
    ManifestPage,
    MaskBox,
    Message,
    PageRecord,
    RedactScan,
    Refusal,
    ScanRedacted,
    SealedIdentity,
    manifest_id,
    page_id,
)  # fmt: skip
from mangping.ending import told_to_end
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.identity import Identity
from mangping.queue import Handler, Queue, serve
from mangping.vault import Keys, Vault
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from mangping_redaction.page import Ask, Drawn, Rendition

_log = logging.getLogger("mangping.redaction.worker")
_STUCK = 70  # exit status of a worker whose pipeline hung: a thread cannot be stopped, a process can


Redact = Callable[..., Iterator[Rendition]]


class Settings(BaseSettings):
    """What the environment says; there is no database among it."""

    model_config = SettingsConfigDict(env_prefix="MANGPING_", frozen=True, hide_input_in_errors=True)
    valkey_url: str = Field(validation_alias="VALKEY_URL")
    object_store_url: str = Field(validation_alias="OBJECT_STORE_URL")
    vault_keys: SecretStr = Field(validation_alias="VAULT_KEYS")
    beat_seconds: float = Field(10, gt=0, description="a worker that was silent for so long counts as dead")
    page_seconds: float = Field(120, gt=0, description="a page that takes longer hangs")


@dataclass(frozen=True, slots=True)
class Worker:
    vault: Vault
    queue: Queue
    redact: Redact
    # Of one thread: the pipeline is not thread-safe, and the queue's beat must go on beside it.
    thread: ThreadPoolExecutor
    page_seconds: float

    async def redact_scan(self, body: dict[str, Any]) -> None:
        """One attempt. A finished job is only answered again."""
        message = RedactScan.model_validate(body)
        with logs.about(job_id=message.job_id):
            manifest = manifest_id(message.renditions)
            if not await self.vault.holds(manifest):
                sealed = (await self._work(message)).model_dump_json(by_alias=True).encode()
                crash_at("redaction.pages_sealed")
                await self.vault.put_new(manifest, sealed)
            crash_at("redaction.manifest_sealed")
            answer = ScanRedacted(job_id=message.job_id, manifest=manifest)
            # A fresh message each time: the inbox knows by the manifest whether it was taken in already.
            await self.queue.send(QUEUES[ScanRedacted], ScanRedacted.__name__, answer.model_dump(mode="json"), uuid4())
            crash_at("redaction.answered")
            _log.info("scan.redacted")

    async def _work(self, message: RedactScan) -> Manifest:
        ask = Ask(
            await self._identity(message.identity), frozenset(message.classes), message.third_parties,
            tuple(map(_drawn, message.drawn)), tuple(map(_drawn, message.removed)),
        )  # fmt: skip
        untrusted = await self.vault.get(message.source)
        crash_at("redaction.opened")
        pages: list[ManifestPage] = []
        try:
            renditions = self.redact(untrusted, ask, image_format=message.image_format)
            while (rendition := await self._next(renditions)) is not None:
                pages.append(await self._seal(message, rendition))
                crash_at("redaction.page_sealed")
        except Refused as error:
            refused = Refusal(code=error.code, message=error.message, remedy=error.remedy)
            return Manifest(job_id=message.job_id, pages=tuple(pages), refused=refused)
        return Manifest(job_id=message.job_id, pages=tuple(pages))

    async def _next(self, renditions: Iterator[Rendition]) -> Rendition | None:
        turn = asyncio.get_running_loop().run_in_executor(self.thread, next, renditions, None)
        try:
            return await asyncio.wait_for(turn, self.page_seconds)
        except TimeoutError:
            _log.critical("page.stuck")
            os._exit(_STUCK)

    async def _seal(self, message: RedactScan, rendition: Rendition) -> ManifestPage:
        """Seal the page, or take what an earlier attempt sealed: its picture and its record belong together."""
        record, id = PageRecord.model_validate(rendition.record), page_id(message.renditions, rendition.page)
        text = record.model_dump_json(by_alias=True).encode()
        if not await self.vault.put_new(id, parcel.pack(text, rendition.image)):
            text, _ = parcel.unpack(await self.vault.get(id))
            record = PageRecord.model_validate_json(text)
        return ManifestPage(page=rendition.page, rendition=id, record=record)

    async def _identity(self, id: UUID | None) -> Identity:
        if id is None:
            return Identity()
        return Identity(**SealedIdentity.model_validate_json(await self.vault.get(id)).model_dump())


def _drawn(box: MaskBox) -> Drawn:
    return Drawn(box.page, box.cls, box.polygon)


def consumes(worker: Worker) -> dict[type[Message], Handler]:
    return {RedactScan: worker.redact_scan}


async def run(settings: Settings, redact: Redact, stop: asyncio.Event) -> None:
    """Until `stop`; the page in hand is finished first."""
    queue = Queue(settings.valkey_url)
    vault = Vault.at(settings.object_store_url, Keys.parse(settings.vault_keys.get_secret_value()))
    with ThreadPoolExecutor(1, thread_name_prefix="pipeline") as thread:
        worker = Worker(vault, queue, redact, thread, settings.page_seconds)
        handlers = {kind.__name__: handler for kind, handler in consumes(worker).items()}
        _log.info("worker.ready")
        # One scan at a time; a scan may have thousands of seconds' worth of pages, each with its own limit.
        await serve(
            settings.valkey_url, QUEUES[RedactScan], handlers, stop=stop, patience=86_400, beat=settings.beat_seconds
        )
    await queue.close()


def _pipeline() -> Redact:
    from mangping_redaction.pipeline import redact  # here, so that the door can be opened without loading a network

    return redact


async def _main(redact: Redact) -> None:
    await run(Settings(), redact, told_to_end())


def main(redact: Redact | None = None) -> None:
    """Serve the queue with `redact`, the pipeline's unless another one is given."""
    logs.to_stderr()
    asyncio.run(_main(redact or _pipeline()))


if __name__ == "__main__":
    main()
