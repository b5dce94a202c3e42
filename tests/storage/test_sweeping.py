"""What sweeps every other second reads what is due, however many jobs applications keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from mangping.db import Tx
from mangping_api.storage import redaction_jobs
from mangping_api.wiring import Context
from sqlalchemy import event, text

_ACTS: dict[str, Callable[[Tx, datetime], Awaitable[Any]]] = {
    "ix_redaction_jobs_retained": lambda tx, at: redaction_jobs.expired(tx, before=at - timedelta(days=30), limit=50),
    "ix_redaction_jobs_erasing": lambda tx, at: redaction_jobs.to_erase(tx, limit=50),
    "ix_redaction_jobs_due_at": lambda tx, at: redaction_jobs.overdue(tx, at=at, limit=50),
    "ix_redaction_jobs_owner_newest": lambda tx, at: redaction_jobs.newest(
        tx, "sub:somebody", after=(at, uuid4()), limit=20, batch=None, state=None
    ),
}  # fmt: skip


@pytest.mark.parametrize("index", list(_ACTS))
async def test_each_reads_an_index_of_its_own(context: Context, index: str) -> None:
    said: list[tuple[str, Any]] = []

    def heard(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        said.append((statement, parameters))

    async with context.db.begin() as tx:
        await tx.execute(text("set local enable_seqscan = off"))
        event.listen(context.db.sync_engine, "before_cursor_execute", heard)
        try:
            await _ACTS[index](tx, context.now())
        finally:
            event.remove(context.db.sync_engine, "before_cursor_execute", heard)
        [(statement, parameters)] = said
        plan = "\n".join((await tx.exec_driver_sql(f"explain {statement}", parameters)).scalars())
    assert plan.count(f" {index} ") == 1, plan
