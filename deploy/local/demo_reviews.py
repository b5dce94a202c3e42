"""Each applicant's file on its way through the tiers: returned once, put right, accepted; and what the report tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from mangping_api.domain.application import MACHINE
from markupsafe import Markup

from deploy.local.demo_acts import ACTS, Case, Printed, pictures, settle
from deploy.local.demo_applicants import Json, Submitted, Town
from deploy.local.processes import ServiceFailed
from deploy.local.state_picture import drawn, walked
from deploy.local.templates import template
from deploy.local.words import PARTIES, STANDINGS, word

PLAN = Path(__file__).with_name("reviews.yaml")


@dataclass(frozen=True)
class Walked:
    """An application that was accepted. `tiers` are titles by key; timeline, returns and sign-offs as the api told them."""

    one: Submitted
    tiers: dict[str, str]
    timeline: Json
    returns: tuple[Json, ...]
    sign_offs: tuple[Json, ...]
    printed: tuple[Printed, ...]


@dataclass(frozen=True)
class Shown:
    """A paper of the report: its file and its pages as pictures, relative to the report; or why there is none yet."""

    title: str
    code: str
    file: str
    pages: tuple[str, ...]
    why: tuple[Json, ...]


def walk(town: Town, one: Submitted) -> Walked:
    """From submitted to accepted, at the notice's own times. httpx.HTTPStatusError when a step is refused; ServiceFailed
    when the last one leaves it anywhere but accepted."""
    plans = {plan["pack"]: plan for plan in yaml.safe_load(PLAN.read_text("utf-8"))}
    case = Case(town, one, plans[one.pack])
    town.set_clock(one.at)
    settle(case)
    for step in case.plan["steps"]:
        town.set_clock(datetime.fromisoformat(str(step["at"])))
        ACTS[step["do"]](case, step)
    state = town.ask(one.who, "GET", case.where).json()["state"]
    if state != "accepted":
        raise ServiceFailed(f"{one.pack}: the application is {state}, not accepted")
    tiers = town.ask(one.who, "GET", f"/v1/programmes/{one.programme}/bodies").json()["items"]
    office = list(case.officers)[-1]
    return Walked(
        one,
        {tier["tier"]: tier["title"] for tier in tiers},
        town.ask(one.who, "GET", f"{case.where}/timeline").json(),
        tuple(town.ask(one.who, "GET", f"{case.where}/returns").json()["items"]),
        tuple(case.by(office, "GET", case.review)["sign_offs"]),
        tuple(case.printed.values()),
    )


def told(done: Iterable[Walked], out: Path) -> Markup:
    """The part of the report about them; their papers go to out/papers, as PDF and as pictures."""
    (out / "papers").mkdir(parents=True, exist_ok=True)
    cases = [_view(one, out) for one in done]
    return Markup(template("reviews.html.j2", who_word=_who, standing_word=_standing).render(cases=cases))


def _view(done: Walked, out: Path) -> dict[str, Any]:
    events = done.timeline["events"]
    steps = walked(MACHINE, [event["event"] for event in events])
    # Filling in is told by the applicants' part; here only what moved the file, and what the unit did for it.
    shown = [event for event in events if _moves(event)]
    return {
        "done": done, "events": shown, "picture": drawn(MACHINE, steps),
        "papers": [_shown(one, done.one.pack, out) for one in done.printed],
    }  # fmt: skip


def _moves(event: Json) -> bool:
    if event["event"] == "attachment.added":
        return bool(event["by"] == "office")
    return event["event"].startswith("application.") and event["event"] not in _FILLING


_FILLING = frozenset({"application.section_saved", "application.rechecked"})
_BY_UNIT = frozenset(
    {"attachment.added"} | {
        f"application.{act}"
        for act in (
            "deliberated", "posted", "posting_photographed", "publicity_certified", "recommended", "load_reckoned"
        )
    }
)  # fmt: skip


def _who(event: Json) -> str:
    """The office that acted; a person is never told, the applicant but as such."""
    return event["body"] or ("所在单位" if event["event"] in _BY_UNIT else word(PARTIES, event["by"]))


def _standing(line: Json, at: str) -> str:
    """How a deadline stood at that time; the clock's own look at it comes a moment later."""
    over = line["state"] == "running" and datetime.fromisoformat(line["end"]) <= datetime.fromisoformat(at)
    return word(STANDINGS, "passed" if over else line["state"])


def _shown(printed: Printed, pack: str, out: Path) -> Shown:
    if printed.pdf is None:
        return Shown(printed.title, "", "", (), printed.why)
    stem = f"papers/{pack}-{printed.kind}"
    (out / f"{stem}.pdf").write_bytes(printed.pdf)
    pages = []
    for number, picture in enumerate(pictures(printed.pdf, 100, "png"), 1):
        pages.append(f"{stem}-{number}.png")
        (out / pages[-1]).write_bytes(picture)
    return Shown(printed.title, printed.code, f"{stem}.pdf", tuple(pages), ())
