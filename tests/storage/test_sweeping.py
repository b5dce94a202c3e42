"""What sweeps every other second reads what is due, however many jobs applications keep, and goes past what fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from mangping.db import Tx
from mangping.sweeping import each, sparing_others
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


def _told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, Any]]:
    return [(record.getMessage(), record.__dict__["facts"]) for record in caplog.records]


def test_what_fails_is_told_without_its_words_and_ends_there(caplog: pytest.LogCaptureFixture) -> None:
    log, dealt = logging.getLogger("mangping.test"), []
    for number in range(3):
        with sparing_others(log, "thing.held_up", thing=number):
            if number == 1:
                raise ValueError("王小芳")
            dealt.append(number)
    assert dealt == [0, 2]
    [(event, facts)] = _told(caplog)
    assert (event, facts["thing"], facts["error"]["type"]) == ("thing.held_up", 1, "ValueError")
    assert "王" not in json.dumps(facts, ensure_ascii=False)


async def test_a_sweep_goes_past_what_it_cannot_deal_with(caplog: pytest.LogCaptureFixture) -> None:
    due, bad, refused = list(range(250)), set(range(0, 200, 2)), {1, 3}

    async def found(limit: int) -> Sequence[int]:
        return due[:limit]

    async def deal(one: int) -> int:
        if one in bad:
            raise KeyError(one)
        if one in refused:
            return 0
        due.remove(one)
        return 1

    assert await each(logging.getLogger("mangping.test"), "thing.held_up", found, deal) == 148
    assert due == sorted(bad | refused)
    assert [facts["of"] for _, facts in _told(caplog)] == sorted(bad)
