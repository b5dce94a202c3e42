"""kill -9 of every process between any two steps, and of Valkey with its data: nothing is lost or made twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from uuid import UUID

import httpx
import pytest
from mangping.contracts import manifest_id
from mangping_api.services.audit import Audit
from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import select

from deploy.local.servers import free_port
from deploy.local.stack import Stack
from tests.conftest import ROOT, Env, NewEnv, settings_of, sql
from tests.processes import API, API_WORKER, api, running, wait_for
from tests.services.making import job_of

QUICK_WORKER = (str(ROOT / "tests/faults/quick_worker.py"),)
QUICK = {
    "patience_seconds": "0.5", "backoff_seconds": "0.1", "sweep_seconds": "0.2", "relay_hold_seconds": "1",
    "beat_seconds": "1", "max_attempts": "9", "relay_idle_seconds": "0.05",
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """An environment with its front door open."""

    env: Env
    client: httpx.Client

    def submit(self, scan: bytes = b"scan", key: str | None = None) -> httpx.Response:
        identity = json.dumps({"names": ["古丽·买买提"]})
        return self.client.post(
            "/v1/redaction-jobs", data={"identity": identity}, files={"file": ("scan", scan)},
            headers={"Idempotency-Key": key} if key else {},
        )  # fmt: skip

    def state(self, job: str) -> str:
        return str(self.client.get(f"/v1/redaction-jobs/{job}").json()["state"])

    def wait_until(self, job: str, state: str = "done") -> dict[str, Any]:
        wait_for(lambda: self.state(job) == state, f"the job to be {state}")
        told: dict[str, Any] = self.client.get(f"/v1/redaction-jobs/{job}").json()
        return told

    def sealed(self) -> int:
        return len([*Path(urlparse(self.env["OBJECT_STORE_URL"]).path).glob("bodies/*/*")])


@pytest.fixture
def house(new_env: NewEnv, token: Callable[..., str]) -> Iterator[House]:
    env = {**new_env(), "MANGPING_BIND": f"127.0.0.1:{free_port()}"}
    headers = {"Authorization": f"Bearer {token()}"}
    with httpx.Client(base_url=f"http://{env['MANGPING_BIND']}", headers=headers, trust_env=False) as client:
        yield House(env, client)


@contextmanager
def everyone(house: House, *, but: tuple[str, ...] = ()) -> Iterator[None]:
    """The front door, and the workers except the one that the test will kill."""
    with ExitStack() as stack:
        stack.enter_context(api(house.env, **QUICK))
        for command in {API_WORKER, QUICK_WORKER} - {but}:
            stack.enter_context(running(command, house.env, **QUICK))
        yield


def die(house: House, command: tuple[str, ...], step: str) -> None:
    """Run a process until it reaches this step and is dead."""
    with running(command, house.env, **QUICK, crash_at=step) as process:
        wait_for(lambda: process.poll() is not None, f"{step} to be reached")
        assert process.returncode == 137


async def whole(house: House, jobs: list[str], *, other_objects: int = 0) -> None:
    """Each job done once: one rendition a page, its picture and its record of one run, one inbox row, a whole audit."""
    context = Context.open(settings_of(house.env), name="tests")
    try:
        made = [await job_of(context, UUID(id)) for id in jobs]
        async with context.db.begin() as tx:
            inbox = list((await tx.execute(select(ledger.inbox.c.external_id))).scalars())
            assert list((await tx.execute(select(ledger.outbox.c.id))).scalars()) == []
        assert sorted(inbox) == sorted(str(manifest_id(job.renditions)) for job in made)
        assert await Audit(context.db).broken() == {}
    finally:
        await context.close()
    for job in jobs:
        pages = house.wait_until(job)["pages"]
        assert [page["page"] for page in pages] == [1, 2]
        for page in pages:
            assert house.client.get(page["rendition"]).text == f"page {page['page']} of run {page['models']['run']}"
    assert house.sealed() == 5 * len(jobs) + other_objects  # scan, identity, two pages, manifest


async def test_one_scan_survives_a_redaction_worker_killed_at_every_step(house: House) -> None:
    with everyone(house, but=QUICK_WORKER):
        job = house.submit().json()["id"]
        for step in ("opened", "page_sealed", "pages_sealed", "manifest_sealed"):
            die(house, QUICK_WORKER, f"redaction.{step}")
        told = house.wait_until(job)  # nobody is left to tell of it: the sealed manifest is found
        assert told["attempts"] == 4
        answered = house.submit().json()["id"]
        die(house, QUICK_WORKER, "redaction.answered")
        house.wait_until(answered)
        await whole(house, [job, answered])


async def test_one_scan_survives_an_api_worker_killed_at_every_step(house: House) -> None:
    with everyone(house, but=API_WORKER):
        job = house.submit().json()["id"]
        for step in ("relay.claimed", "relay.pushed", "record.opened", "record.committed"):
            die(house, API_WORKER, step)
        house.wait_until(job)
        with running(API_WORKER, house.env, **QUICK):
            second = house.submit().json()["id"]
            house.wait_until(second)
        await whole(house, [job, second])


async def test_a_client_that_repeats_its_request_gets_one_job_from_an_api_killed_at_every_step(house: House) -> None:
    for step in ("submit.sealed", "submit.committed"):
        with running(API, house.env, **QUICK, crash_at=step) as process:
            wait_for(lambda: _answers(house), "the api to answer", process)
            with pytest.raises(httpx.TransportError):
                house.submit(key="once")
            assert process.wait(10) == 137
    with everyone(house):
        answer = house.submit(key="once")
        assert answer.status_code == 202
        job = answer.json()["id"]
        house.wait_until(job)
        assert [item["id"] for item in house.client.get("/v1/redaction-jobs").json()["items"]] == [job]
        # Two uploads and one identity of the attempts that died are left to the sweep of the unused.
        await whole(house, [job], other_objects=3)


async def test_nothing_is_lost_with_valkey_and_all_its_data(house: House, stack: Stack) -> None:
    with everyone(house, but=QUICK_WORKER):
        waiting = house.submit().json()["id"]
        wait_for(lambda: _owed(house) == 0, "the relay")
        stack.kill_valkey(lose_data=True)
        while_down = house.submit(b"slow").json()["id"]
        stack.restart_valkey()
        with running(QUICK_WORKER, house.env, **QUICK):
            wait_for(lambda: house.sealed() >= 6, "a page of one of them")
            stack.kill_valkey(lose_data=True)
            stack.restart_valkey()
            house.wait_until(waiting)
            house.wait_until(while_down)
        await whole(house, [waiting, while_down])


async def test_a_scan_that_kills_its_worker_every_time_ends_before_an_officer(house: House) -> None:
    with ExitStack() as stack:
        stack.enter_context(api(house.env, **QUICK))
        stack.enter_context(running(API_WORKER, house.env, **QUICK | {"max_attempts": "2"}))
        job = house.submit(b"poison").json()["id"]
        deaths = 0
        while house.state(job) != "failed":
            with running(QUICK_WORKER, house.env, **QUICK) as process:
                wait_for(lambda: process.poll() is not None or house.state(job) == "failed", "an end of it")
                deaths += process.returncode == 139
        told = house.wait_until(job, "failed")
        assert (deaths, told["attempts"], told["needs_human"], told["verified"]) == (2, 2, ["redaction.gave_up"], False)


def _answers(house: House) -> bool:
    try:
        return house.client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _owed(house: House) -> int:
    return int(sql(house.env["DATABASE_URL"], "select count(*) from review.outbox"))
