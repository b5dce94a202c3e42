"""One invented applicant of each notice, from a draft to a submitted application, over HTTP, at the notice's own time.

`submit_all` loads the packs, founds the units, and takes each applicant through the form, the uploads and the masking.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml
from mangping import rehearsal
from markupsafe import Markup

from bench.generator.people import Person
from deploy.local.demo_scans import applicant, scan
from deploy.local.processes import ServiceFailed, only
from deploy.local.stack import Stack
from deploy.local.templates import template
from deploy.local.words import STANDINGS, word

PACKS = Path(__file__).resolve().parents[2] / "services/api/policy"
PLAN = Path(__file__).with_name("applicants.yaml")
SCOPE = "review:read review:write"
ADMIN = "demo-admin"
PATIENCE_S = 900.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Town:
    """Where the applicants live: a running stack, its clock's file, the organisation that holds the programmes."""

    client: httpx.Client
    stack: Stack
    clock: Path
    root: str
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        """As that person; httpx.HTTPStatusError with the problem's code when it is refused."""
        if who not in self.tokens:
            self.tokens[who] = self.stack.token(who, SCOPE, client_id="", azp="")
        headers = {"Authorization": f"Bearer {self.tokens[who]}", **more.pop("headers", {})}
        answer = self.client.request(method, path, headers=headers, **more)
        if answer.is_error:
            raise httpx.HTTPStatusError(f"{method} {path}: {answer.text}", request=answer.request, response=answer)
        return answer

    def set_clock(self, at: datetime) -> None:
        rehearsal.set_to(self.clock, at)


@dataclass(frozen=True)
class Submitted:
    """An application that was handed in; `who` is its applicant's subject. Findings, timeline as the api told them."""

    pack: str
    title: str
    programme: str
    application: str
    unit: str
    who: str
    person: Person = field(repr=False)
    at: datetime
    before: tuple[Json, ...]
    between: tuple[Json, ...]
    after: tuple[Json, ...]
    pages: tuple[Json, ...]
    timeline: Json


def open_town(client: httpx.Client, stack: Stack, clock: Path, env: dict[str, str]) -> Town:
    """The first administrator is appointed by an operator; everything else happens over HTTP."""
    program = str(Path(sys.executable).with_name("mangping-api"))
    command = [program, "appoint", f"sub:{ADMIN}", "自治区职称工作办公室"]
    told = subprocess.run(command, env=only(tuple(env), env), capture_output=True, text=True)
    if told.returncode != 0:
        raise ServiceFailed(f"nobody could be appointed\n{told.stderr}")
    return Town(client, stack, clock, told.stdout.split()[-1])


def submit_all(town: Town, *, then: Callable[[Submitted], None] = lambda one: None) -> list[Submitted]:
    """Each applicant in the order of the calendar; `then` goes on with one before the next one begins."""
    done = []
    for plan in yaml.safe_load(PLAN.read_text("utf-8")):
        made = _submit(town, plan)
        then(made)
        done.append(made)
    return done


def _submit(town: Town, plan: Json) -> Submitted:
    at = datetime.fromisoformat(str(plan["at"]))
    town.set_clock(at)
    person, who = applicant(plan["seed"]), f"demo-{plan['pack']}"
    unit, programme = _settle(town, plan, person, who)
    asked = {"programme": programme, **plan["choice"]}
    id = town.ask(who, "POST", "/v1/applications", json=asked).json()["id"]
    where = f"/v1/applications/{id}"
    before = _findings(town, who, where)
    form = town.ask(who, "GET", f"/v1/programmes/{programme}/form").json()
    _fill(town, plan, who, where, form, person)
    for number, file in enumerate(plan["files"]):
        upload(town, who, where, file, scan(file["paper"], person, number, turn=file.get("turn", 0)))
    held = redacted(town, who, where)
    between = _findings(town, who, where)
    _put_right(town, plan, who, where, held)
    after = _findings(town, who, where)
    town.ask(who, "POST", f"{where}/submit", headers={"Idempotency-Key": f"submit-{id}"})
    timeline = town.ask(who, "GET", f"{where}/timeline").json()
    pages = tuple(page for one in _held(town, who, where)["items"] for page in one["pages"])
    return Submitted(
        plan["pack"], form["title"], programme, id, unit, who, person, at, before, between, after, pages, timeline
    )  # fmt: skip


def _settle(town: Town, plan: Json, person: Person, who: str) -> tuple[str, str]:
    """(unit, programme): the pack is loaded, the unit founded, the applicant registered and vouched for."""
    text = (PACKS / f"{plan['pack']}.yaml").read_text("utf-8")
    body: Json = {"organisation": town.root, "text": text}
    programme = town.ask(ADMIN, "POST", "/v1/programmes", json=body).json()["id"]
    body = {"parent": town.root, "name": person.unit, "kind": "unit", "region": plan["region"]}
    unit = town.ask(ADMIN, "POST", "/v1/organisations", json=body).json()["id"]
    town.ask(ADMIN, "PUT", f"/v1/organisations/{unit}/facts", json={"facts": plan["unit"]})
    known = {"name": person.name, "id_number": person.id_number, "phone": person.phone, "unit": unit}
    id = town.ask(who, "POST", "/v1/me", json=known).json()["id"]
    if plan["person"]:
        town.ask(ADMIN, "PUT", f"/v1/people/{id}/facts", json={"facts": plan["person"]})
    return unit, programme


def _fill(town: Town, plan: Json, who: str, where: str, form: Json, person: Person) -> None:
    """Every section of the form, the exact texts, the statements, what is declared and which fields are covered."""
    values = {key: _value(value, person) for key, value in plan["form"].items()}
    values |= {"name": person.name, "id_number": person.id_number, "phone": person.phone, "unit": person.unit}
    sections = {
        key: {name: values[name] for name in section["properties"] if name in values}
        for key, section in form["properties"].items()
    }  # fmt: skip
    signed = {"handwritten": True, "fingerprint": True}
    sections["texts"] = {one["key"]: {"text": one["text"], **signed} for one in form["x-texts"]}
    sections["attestations"] = {one["key"]: True for one in form["x-attestations"]}
    sections |= {key: plan[key] for key in ("declared", "covered") if plan.get(key)}
    for key, content in sections.items():
        path, first = f"{where}/sections/{key}", {"If-Match": '"0"'}
        town.ask(who, "PUT", path, json={"content": content}, headers=first)


def _value(value: Any, person: Person) -> Any:
    """`*N text` repeats the text, {name} is the applicant's; a day is written as a day."""
    if isinstance(value, str) and value.startswith("*"):
        times, _, words = value[1:].partition(" ")
        return words * int(times)
    if isinstance(value, str):
        return value.replace("{name}", person.name)
    if isinstance(value, list):
        return [{key: _value(cell, person) for key, cell in row.items()} for row in value]
    return value if isinstance(value, bool | int) else str(value)


def upload(town: Town, who: str, where: str, file: Json, content: bytes) -> str:
    place = {key: str(file[key]) for key in ("column", "item", "side", "year", "valid_until") if key in file}
    headers = {"Content-Type": "application/octet-stream"}
    answer = town.ask(who, "POST", f"{where}/attachments", params=place, content=content, headers=headers)
    return str(answer.json()["id"])


def _held(town: Town, who: str, where: str) -> Json:
    told: Json = town.ask(who, "GET", f"{where}/attachments").json()
    return told


def redacted(town: Town, who: str, where: str) -> list[Json]:
    """All attachments, once every answer is in. ServiceFailed when none comes."""
    end = time.monotonic() + PATIENCE_S
    while (told := _held(town, who, where))["pending"]:
        if time.monotonic() > end:
            raise ServiceFailed(f"{told['pending']} attachments had no answer after {PATIENCE_S:.0f} s")
        time.sleep(0.3)
    held: list[Json] = told["items"]
    return held


def _put_right(town: Town, plan: Json, who: str, where: str, held: list[Json]) -> None:
    """What the applicant does about the findings: a wrong paper goes, a turned page is accepted, each is decided on."""
    for one, file in zip(held, plan["files"], strict=True):
        if file.get("wrong"):
            town.ask(who, "DELETE", f"{where}/attachments/{one['id']}")
        else:
            decide(town, who, where, one)
    town.ask(who, "POST", f"{where}/recheck")


def decide(town: Town, who: str, where: str, one: Json) -> None:
    """The applicant accepts a page turned upright, and says whether the document needs covering."""
    path = f"{where}/attachments/{one['id']}"
    if one["upright"] is False:
        town.ask(who, "POST", f"{path}/upright")
    version = town.ask(who, "GET", path).headers["ETag"]
    covered = any(page["proposals"] for page in one["pages"])
    decided = {"decision": "yes" if covered else "no"}
    town.ask(who, "PUT", f"{path}/masking", json=decided, headers={"If-Match": version})


def _findings(town: Town, who: str, where: str) -> tuple[Json, ...]:
    return tuple(town.ask(who, "GET", f"{where}/findings").json()["items"])


def told(done: list[Submitted]) -> Markup:
    """The part of the report about them."""
    return Markup(
        template("applicants.html.j2", standing_word=partial(word, STANDINGS)).render(
            done=done, stages=tuple(map(_stages, done))
        )
    )


def _stages(one: Submitted) -> list[tuple[str, int, list[Json]]]:
    """(when, how many forbid the submission, all of them) of the three times the applicant asked what is wrong."""
    asked: Iterator[tuple[str, tuple[Json, ...]]] = iter(
        (("刚新建", one.before), ("填报、上传后", one.between), ("改正后，提交时", one.after))
    )
    return [(when, sum(item["blocking"] for item in items), list(items)) for when, items in asked]
