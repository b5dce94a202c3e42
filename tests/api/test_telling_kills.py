"""Whoever tells people dies between any two steps: each is told once in the inbox, and once at the same address."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from mangping.faults import VARIABLE
from mangping_api.wiring import Context

from deploy.simulators.mail.process import Mail
from deploy.simulators.sms.process import Sms
from tests.api.office import SECTIONS, Office, begun, load_pack, save
from tests.api.test_notifications import EMAIL, PACK, happened
from tests.conftest import ROOT, Env, sql

STEPS = ("telling.told", "telling.committed", "telling.claimed", "telling.sent")
# What the worker does round after round.
PROGRAM = """
import asyncio
from mangping_api.settings import settings
from mangping_api.wiring import Context, Factory

async def main():
    telling = Factory(Context.open(settings(), name="telling")).telling()
    while True:
        await telling.hear()
        await telling.sweep()
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


async def test_every_step(office: Office, dated: Context, own_env: Env, tmp_path: Path) -> None:
    id = await begun(office, "gul", await load_pack(office, PACK))
    assert (await save(office, "gul", id, "basic", {**SECTIONS["basic"], "email": EMAIL})).status_code == 200
    with Sms.start(tmp_path / "sms") as sms, Mail.start(tmp_path / "mail") as mail:
        env = {
            **own_env, "MANGPING_SMS_URL": sms.url, "MANGPING_SMS_TOKEN": "local-sms-token",
            "MANGPING_SMTP_URL": mail.smtp, "MANGPING_MAIL_FROM": "notice@review.example.org",
        }  # fmt: skip
        for step in STEPS:
            await happened(dated, id, "application.returned")
            died = _started(env, **{VARIABLE: step})
            assert await asyncio.to_thread(died.wait, 60) == 137, step
        await _settled(env, id, len(STEPS))
        told = sorted((one["address"], one["times"]) for one in mail.messages())
        keys = [one["key"] for one in sms.messages()]
    assert len((await office.get("gul", "/v1/me/notifications")).json()["items"]) == len(STEPS)
    # An SMS is known by its key; a mail whose answer was lost comes again under its Message-ID, and is one mail.
    assert (len(set(keys)), len(keys), len(told)) == (len(STEPS),) * 3
    assert {address for address, _ in told} == {EMAIL}


async def _settled(env: Env, id: UUID, events: int) -> None:
    """A worker that lives finishes what the dead had claimed, once their claims have run out."""
    url, teller = env["DATABASE_URL"], _started(env)
    try:
        async with asyncio.timeout(60):
            while True:
                sql(
                    url,
                    "update review.notification_deliveries set next_at = now() where sent_at is null and error is null",
                )
                sent = sql(url, "select count(*) from review.notification_deliveries where sent_at is not null")
                if (sent, sql(url, "select count(*) from review.outbox")) == (2 * events, 0):
                    return
                await asyncio.sleep(0.5)
    finally:
        teller.kill()
        teller.wait()


def _started(env: Env, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **env, **more}, cwd=ROOT)


def test_the_steps_named_here_are_those_of_the_code() -> None:
    text = (ROOT / "services/api/mangping_api/services/telling.py").read_text("utf-8")
    assert [part.split('"')[1] for part in text.split("crash_at(")[1:]] == list(STEPS)
