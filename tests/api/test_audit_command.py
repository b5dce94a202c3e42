"""`mangping-audit`: the chains are whole, or the first bad entry is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import delete

from tests.conftest import NewEnv, settings_of

CALL = "import sys; from mangping_api.cli import audit; sys.argv[0] = 'mangping-audit'; audit()"


async def test_what_is_gone_is_named_and_told_by_the_exit_status(new_env: NewEnv, tmp_path: Path) -> None:
    env, ends = new_env(), str(tmp_path / "ends")

    def audit(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words], env={**os.environ, **env}, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout

    context = Context.open(settings_of(env), name="tests")
    for event in ("begun", "submitted", "accepted"):
        async with context.db.begin() as tx:
            await ledger.record(tx, "application:1", event, actor="person:1", at=context.now())
    assert audit("ends", ends) == (0, "")
    assert audit("ends") == (0, Path(ends).read_text("utf-8"))
    assert audit("verify", ends) == audit("verify") == (0, "audit chain is whole\n")
    async with context.db.begin() as tx:
        await tx.execute(delete(ledger.audit).where(ledger.audit.c.seq == 3))
    assert audit("verify") == (0, "audit chain is whole\n")  # nothing in a database tells of its last entry
    assert audit("verify", ends) == (1, "broken: application:1 at entry 3\n1 streams are broken\n")
    async with context.db.begin() as tx:
        await tx.execute(delete(ledger.audit).where(ledger.audit.c.seq == 1))
    assert audit("verify") == (1, "broken: application:1 at entry 1\n1 streams are broken\n")
    await context.close()
