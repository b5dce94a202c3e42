"""Daily files come in sealed and are read afterwards; the same file twice is one file, by its hash."""

from __future__ import annotations

import hashlib
import io
import logging
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from mangping.clock import Now
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.sweeping import sparing_others
from mangping.vault import Vault
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain.statement import Head, head, lines, unreadable
from mangping_fees.storage import statements as storage
from mangping_fees.storage.statements import Statement
from mangping_fees.tables import ledger

_log = logging.getLogger("mangping.fees.statements")
_IN_MEMORY = 4 * 1024 * 1024
_LINE = 1024  # characters; a longer line is none of ours


@dataclass(frozen=True, slots=True)
class Statements:
    db: AsyncEngine
    vault: Vault
    now: Now

    async def receive(self, owner: str, chunks: AsyncIterator[bytes]) -> tuple[Statement, bool]:
        """(the file's record, whether it is new). In flat memory; what it says is looked at later, by the worker."""
        id, digest = uuid4(), hashlib.sha256()

        async def hashed() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                digest.update(chunk)
                yield chunk

        await self.vault.put_stream(id, hashed())
        statement = Statement(id, owner, self.now(), "received", digest.hexdigest())
        async with self.db.begin() as tx:
            new = await storage.add(tx, statement)
            kept = statement if new else await storage.by_hash(tx, statement.sha256)
            if new:
                stream = f"statement:{id}"
                await ledger.record(
                    tx, stream, "statement.received", actor=owner, at=self.now(), facts={"sha256": statement.sha256}
                )
        if not new:
            await self.vault.erase(id)
        assert kept is not None
        return kept, new

    async def newest(self, *, after: Place | None, limit: int) -> list[Statement]:
        async with self.db.begin() as tx:
            return await storage.newest(tx, after=after, limit=limit)

    async def sweep(self) -> int:
        """Read what was received; returns how many files were dealt with."""
        async with self.db.begin() as tx:
            waiting = await storage.received(tx)
        for statement in waiting:
            with sparing_others(_log, "statement.held_up", statement=statement.id):
                await self._take(statement)
        return len(waiting)

    async def _take(self, statement: Statement) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
            async for chunk in self.vault.stream(statement.id):
                spooled.write(chunk)
            spooled.seek(0)
            crash_at("statement.spooled")
            try:
                await self._copy(statement, io.TextIOWrapper(spooled, "utf-8", newline="\n"))
            except Refused as refusal:
                await self._refuse(statement, refusal.code)
            except UnicodeDecodeError:
                await self._refuse(statement, unreadable(0).code)
            except IntegrityError:
                await self._refuse(statement, "statement.line_twice")

    async def _copy(self, statement: Statement, told: io.TextIOWrapper) -> None:
        first: Head = head(told.readline(_LINE))
        async with self.db.begin() as tx:
            await storage.be_patient(tx)
            present = await storage.find(tx, statement.id, lock=True)
            if present is None or present.state != "received":
                return
            named = replace(
                present, region_code=first.region_code, day=first.day, source=first.source, lines=first.count,
                sum_fen=first.sum_fen,
            )  # fmt: skip
            newest, old = await storage.supersede(tx, named)
            if not newest:
                await self._end(tx, replace(named, state="superseded"), "statement.superseded", {})
                return
            try:
                await storage.copy_lines(tx, statement.id, lines(first, iter(lambda: told.readline(_LINE), "")))
            except Exception as error:
                state = getattr(error, "sqlstate", None) or ""  # COPY speaks the driver's own errors
                if state == "23505":
                    message, remedy = "对账文件中同一银行流水号出现两次。", "请向出具方核实后重新导出并上传。"
                    raise Refused("statement.line_twice", message, remedy) from error
                if state.startswith("22"):  # the database cannot read what our pattern let pass
                    raise unreadable(0) from error
                raise
            if old is not None:
                await storage.drop_lines(tx, old, named)
            facts = {"lines": first.count, "sum_fen": first.sum_fen, "day": first.day.isoformat()}
            await self._end(tx, replace(named, state="taken"), "statement.taken", facts)
        crash_at("statement.taken")

    async def _refuse(self, statement: Statement, code: str) -> None:
        async with self.db.begin() as tx:
            present = await storage.find(tx, statement.id, lock=True)
            if present is not None and present.state == "received":
                refused = replace(present, state="refused", refusal=code)
                await self._end(tx, refused, "statement.refused", {"code": code})

    async def _end(self, tx: Tx, statement: Statement, event: str, facts: dict[str, Any]) -> None:
        await storage.save(tx, statement)
        stream = f"statement:{statement.id}"
        await ledger.record(tx, stream, event, actor="clock", at=self.now(), facts=facts)
