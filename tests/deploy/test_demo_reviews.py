"""Every programme walks from a draft to accepted, with one return and its correction, by the demo's own plan; the api is the
real one, its clock is the plan's, and the redaction's answers are given here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
import pypdfium2
import pytest
from mangping.clock import BEIJING
from mangping_api.domain.application import MACHINE, State
from mangping_api.domain.packs import shipped
from mangping_api.main import build
from mangping_api.storage import redaction_jobs
from mangping_api.tables import redaction_jobs as jobs
from mangping_api.wiring import Context, Factory
from sqlalchemy import select
from starlette.testclient import TestClient

from deploy.local import demo_acts, demo_applicants
from deploy.local.demo_applicants import ADMIN, Town, submit_all
from deploy.local.demo_reviews import Walked, told, walk
from deploy.local.stack import Stack
from deploy.local.state_picture import PLACES, drawn, walked
from tests.api.office import Clock
from tests.conftest import NewEnv, settings_of
from tests.services.making import answered

_scans = count(1)


@dataclass(frozen=True)
class Rehearsed(Town):
    """Without a socket: whoever asks for attachments finds the redaction's answers there."""

    context: Context = None  # type: ignore[assignment]
    time: Clock = None  # type: ignore[assignment]

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        if (method, path.rpartition("/")[2]) == ("GET", "attachments"):
            self.client.portal.call(self._answer)  # type: ignore[attr-defined]
        return super().ask(who, method, path, **more)

    async def _answer(self) -> None:
        async with self.context.db.begin() as tx:
            ids = (await tx.execute(select(jobs.c.id).where(jobs.c.state == "queued"))).scalars().all()
            waiting = [await redaction_jobs.find(tx, id) for id in ids]
        for job in waiting:
            assert job is not None
            await Factory(self.context).redaction_jobs().record(await answered(self.context, job))

    def set_clock(self, at: datetime) -> None:
        self.time.at = at


@pytest.fixture
def town(new_env: NewEnv, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsed]:
    """Papers are told apart by a number: what stands on them is another test's business."""
    paper: Callable[..., bytes] = lambda *about, **more: b"\xff\xd8\xff\xe0 paper %d" % next(_scans)  # noqa: E731
    for module in (demo_applicants, demo_acts):
        monkeypatch.setattr(module, "scan", paper)
    env, clock = new_env(), Clock(datetime.fromisoformat("2024-07-01T09:00:00+08:00"))
    context = replace(Context.open(settings_of(env), name="tests"), now=clock)
    with TestClient(build(settings_of(env), context=context), base_url="http://api") as client:
        appoint = Factory(context).people().appoint
        root = client.portal.call(appoint, f"sub:{ADMIN}", "某区职称工作办公室")  # type: ignore[union-attr]
        yield Rehearsed(cast(httpx.Client, client), stack, tmp_path / "clock", str(root), context=context, time=clock)


def test_every_programme_is_walked_from_a_draft_to_accepted_with_one_return(town: Rehearsed, tmp_path: Path) -> None:
    done: list[Walked] = []
    submit_all(town, then=lambda one: done.append(walk(town, one)))
    assert sorted(one.one.pack for one in done) == sorted(shipped())
    for one in done:
        tiers = shipped()[one.one.pack].pack.tiers
        steps = walked(MACHINE, [event["event"] for event in one.timeline["events"]])
        moved = [act for _, act, _ in steps if act != "sign"]
        between = ["pass"] * (len(tiers) - 1)
        assert moved == ["submit", "return", "resubmit", *between, "accept"], one.one.pack
        assert [back["outcome"] for back in one.returns] == ["returned"]
        assert {signed["tier"] for signed in one.sign_offs if signed["stands"]} == {tier.key for tier in tiers}
        letters = {"defect_notice", "publicity", "publicity_result", "review_form", "review_record"}
        assert {printed.kind for printed in one.printed} == letters, one.one.pack
        # One notice lets its form be printed only with the certificate.
        unprinted = [printed.kind for printed in one.printed if printed.pdf is None]
        assert unprinted == (["review_form"] if one.one.pack.startswith("guilin") else []), one.one.pack
        notice = _read(one, "defect_notice")
        columns = shipped()[one.one.pack].pack.materials.columns
        titles = {(column.key, item.key): f"{column.title}·{item.title}" for column in columns for item in column.items}
        asked = [back["asks_for"] for back in one.returns[0]["defects"] if back["asks_for"]]
        assert [place for place in (titles[to["column"], to["item"]] for to in asked) if place not in notice] == []
        assert _due(one) in notice, one.one.pack
    report = told(done, tmp_path)
    assert report.count("<svg") == len(done)
    pictures = sorted(path.name for path in (tmp_path / "papers").glob("*.png"))
    assert [name for name in pictures if f'src="papers/{name}"' not in report] == []


def _due(one: Walked) -> str:
    """The end of the correction as the notice of defects words it: midnight is 24:00 of the day before."""
    [clock] = [line for line in one.timeline["deadlines"] if line["kind"].startswith("correction.")]
    end = datetime.fromisoformat(clock["end"]).astimezone(BEIJING)
    midnight = (end.hour, end.minute) == (0, 0)
    day = end - timedelta(days=1) if midnight else end
    return f"请在{day.year}年{day.month}月{day.day}日{'24:00' if midnight else f'{end:%H:%M}'}前改正"


def _read(one: Walked, kind: str) -> str:
    [pdf] = [printed.pdf for printed in one.printed if printed.kind == kind]
    assert pdf is not None
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pages)


def test_every_state_has_its_place_in_the_picture() -> None:
    assert sorted(PLACES) == sorted(State)
    assert drawn(MACHINE, []).count("<rect") == len(State)


def test_a_walk_that_the_table_does_not_know_is_no_walk() -> None:
    with pytest.raises(ValueError, match=r"application\.accepted"):
        walked(MACHINE, ["application.begun", "application.accepted"])
