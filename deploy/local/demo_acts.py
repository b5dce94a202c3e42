"""What the offices, the unit and the applicant do with a submitted application: one function an act, over HTTP.

The plan (reviews.yaml) is a list of steps `{at, do, …}`; ACTS says which function does a step. What a notice demands is
in the plan's words, never in this code.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pypdfium2

from deploy.local.demo_applicants import ADMIN, Json, Submitted, Town, redacted, upload
from deploy.local.demo_scans import applicant, scan

UNIT = "unit"
# Whose word a paper is: the applicant keeps the form and what was wrong, the unit its letters, an office the record.
_PRINTERS = {"defect_notice": "applicant", "review_form": "applicant", "review_record": "office"}


@dataclass(frozen=True)
class Printed:
    """A paper as it was issued, or why the notice does not allow it yet (`pdf` is None then)."""

    kind: str
    title: str
    code: str
    pdf: bytes | None = field(repr=False)
    why: tuple[Json, ...] = ()


@dataclass
class Case:
    """One application on its way: who sits where, and what the steps left for those after them."""

    town: Town
    one: Submitted
    plan: Json
    officers: dict[str, str] = field(default_factory=dict)  # by body; UNIT is the applicant's own unit
    group: str = ""
    posting: str = ""
    printed: dict[str, Printed] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"/v1/applications/{self.one.application}"

    @property
    def review(self) -> str:
        return f"/v1/reviews/{self.one.application}"

    def unit(self, method: str, path: str, **more: Any) -> Json:
        return self.by(UNIT, method, path, **more)

    def by(self, body: str, method: str, path: str, **more: Any) -> Json:
        told: Json = self.town.ask(self.officers[body], method, path, **more).json()
        return told


def settle(case: Case) -> None:
    """An administrator makes an office of each body that the notice names, appoints an officer in each, binds them."""
    town, programme = case.town, case.one.programme
    numbers = iter(range(case.plan["seed"], case.plan["seed"] + 50))
    case.officers[UNIT] = _officer(case, numbers, ("unit", case.one.unit))
    tiers = town.ask(ADMIN, "GET", f"/v1/programmes/{programme}/bodies").json()["items"][1:]
    bound = []
    for tier, body in ((one["tier"], body["title"]) for one in tiers for body in one["bodies"]):
        office = _office(case, body)
        case.officers[body] = _officer(case, numbers, ("authority", office))
        bound.append({"tier": tier, "body": body, "organisation": office})
    town.ask(ADMIN, "PUT", f"/v1/programmes/{programme}/bodies", json={"bodies": bound})


def _office(case: Case, body: str) -> str:
    name = case.plan.get("offices", {}).get(body, body)
    asked = {"parent": case.town.root, "name": name, "kind": "authority", "region": "CN"}
    return str(case.town.ask(ADMIN, "POST", "/v1/organisations", json=asked).json()["id"])


def _officer(case: Case, numbers: Iterator[int], *roles: tuple[str, str]) -> str:
    """Somebody invented, registered, with these roles."""
    number = next(numbers)
    person, who = applicant(number), f"demo-officer-{number}"
    known = {"name": person.name, "id_number": person.id_number, "phone": person.phone, "unit": case.one.unit}
    id = case.town.ask(who, "POST", "/v1/me", json=known).json()["id"]
    for role, place in roles:
        case.town.ask(ADMIN, "POST", f"/v1/people/{id}/roles", json={"role": role, "organisation": place})
    return who


# ---- the unit ----------------------------------------------------------------------------------------------------


def pledge(case: Case, step: Json) -> None:
    case.unit("POST", f"/v1/organisations/{case.one.unit}/pledge", json={"programme": case.one.programme})


def plan_posts(case: Case, step: Json) -> None:
    """Asked for, approved by each body of the step, filed."""
    asked = {"programme": case.one.programme, "posts": step["posts"]}
    plan = case.unit("PUT", f"/v1/organisations/{case.one.unit}/post-plan", json=asked)
    numbers = iter(range(case.plan["seed"] + 50, case.plan["seed"] + 99))
    for body in step["approved_by"]:
        office = _office(case, body)
        who = _officer(case, numbers, ("authority", office), ("authority", case.town.root))
        told = {"body": body, "organisation": office, "version": plan["version"]}
        case.town.ask(who, "POST", f"/v1/post-plans/{plan['id']}/approvals", json=told)
    case.unit("POST", f"/v1/post-plans/{plan['id']}/file")


def deliberate(case: Case, step: Json) -> None:
    members = [{**one, "name": applicant(700 + n).name} for n, one in enumerate(step["members"])]
    asked = {"programme": case.one.programme, "document_number": step["document"], "members": members}
    case.group = case.unit("POST", f"/v1/organisations/{case.one.unit}/groups", json=asked)["id"]
    told = {key: _plain(value) for key, value in step["told"].items()}
    case.unit("PUT", f"{case.where}/deliberation", json={"group": case.group, **told})


def post(case: Case, step: Json) -> None:
    """Publicity begins now; photos of where it hangs are pictures of the posted letter."""
    entry = {"application": case.one.application, "more": step.get("more", [])}
    asked = {"unit": case.one.unit, "programme": case.one.programme, "entries": [entry], **step["posting"]}
    case.posting = case.unit("POST", "/v1/postings", json=asked)["id"]
    for _ in range(step.get("photos", 0)):
        picture, binary = _picture(_issued(case, "publicity")), {"Content-Type": "application/octet-stream"}
        case.unit("POST", f"/v1/postings/{case.posting}/photos", content=picture, headers=binary)


def certify(case: Case, step: Json) -> None:
    case.unit("POST", f"/v1/postings/{case.posting}/certificate")


def teach(case: Case, step: Json) -> None:
    case.unit("PUT", f"{case.where}/teaching-load", json={"claims": step["claims"]})


def recommend(case: Case, step: Json) -> None:
    case.unit("PUT", f"{case.where}/recommendation", json=step["told"])


def bring(case: Case, step: Json) -> None:
    """The unit's own papers, brought while the application lies claimed at its desk, and through the redaction."""
    case.unit("POST", f"{case.review}/claim")
    for number, file in enumerate(step["files"], 80):
        _hand_over(case, case.officers[UNIT], file, number)
    for one in redacted(case.town, case.officers[UNIT], case.where):
        if one["by"] == "unit" and one["upright"] is False:
            case.unit("POST", f"{case.where}/attachments/{one['id']}/upright")


# ---- every tier --------------------------------------------------------------------------------------------------


def sign(case: Case, step: Json) -> None:
    """Claimed, every item in order, signed with the words that the notice wants of this body."""
    body = step.get("by", UNIT)
    case.by(body, "POST", f"{case.review}/claim")
    _judge(case, body, {})
    seen = case.by(body, "GET", case.review)["seen"]
    word = {"agree": True, "seen": seen, "texts": step.get("texts", {}), "attested": step.get("attested", [])}
    case.by(body, "POST", f"{case.review}/sign", json=word)


def pass_on(case: Case, step: Json) -> None:
    sign(case, step)
    case.by(step.get("by", UNIT), "POST", f"{case.review}/pass")


def send_back(case: Case, step: Json) -> None:
    """Returned with the step's defects, by item; all other items are in order."""
    body = step.get("by", UNIT)
    case.by(body, "POST", f"{case.review}/claim")
    _judge(case, body, step["defects"])
    until = {"correct_until": step["correct_until"].isoformat()} if "correct_until" in step else {}
    case.by(body, "POST", f"{case.review}/return", json=until)


def _judge(case: Case, body: str, defects: dict[str, Json]) -> None:
    """One verdict an item. KeyError when a defect is of an item that is not there: the plan does not fit the form."""
    left = dict(defects)
    for item in case.by(body, "GET", case.review)["items"]:
        held = item["attachment"]
        defect = left.pop(f"{held['column']}.{held['item']}" if held else item["item"], None)
        looked = [page["page"] for page in held["pages"] if not page["verified"]] if held else []
        told = {"verdict": "defect", **defect} if defect else {"verdict": "ok", "checked": looked}
        case.by(body, "PUT", f"{case.review}/items/{item['item']}", json={"seen": item["seen"], **told})
    if left:
        raise KeyError(f"{case.one.pack}: no such item to judge: {sorted(left)}")


# ---- the applicant -----------------------------------------------------------------------------------------------


def correct(case: Case, step: Json) -> None:
    """Values put right, pages looked over, handed in again."""
    town, who, where = case.town, case.one.who, case.where
    for section, values in step.get("form", {}).items():
        path = f"{where}/sections/{section}"
        kept = town.ask(who, "GET", path)
        content = {**kept.json()["content"], **{key: _plain(value) for key, value in values.items()}}
        town.ask(who, "PUT", path, json={"content": content}, headers={"If-Match": kept.headers["ETag"]})
    town.ask(who, "POST", f"{where}/recheck")
    town.ask(who, "POST", f"{where}/submit")


def _hand_over(case: Case, who: str, file: Json, number: int) -> str:
    """A paper that was issued here, as a picture; or one that is drawn."""
    issued = "issued" in file
    content = _picture(_issued(case, file["issued"])) if issued else scan(file["paper"], case.one.person, number)
    return upload(case.town, who, case.where, file, content)


# ---- paper -------------------------------------------------------------------------------------------------------


def print_out(case: Case, step: Json) -> None:
    """Issued and kept. What the notice does not let be printed yet is kept with its findings."""
    for kind in step["kinds"]:
        try:
            _issued(case, kind)
        except httpx.HTTPStatusError as refused:
            problem = refused.response.json()
            if problem["code"] != "paper.not_yet":
                raise
            case.printed[kind] = Printed(kind, problem["title"], "", None, tuple(problem["findings"]))


def _issued(case: Case, kind: str) -> Printed:
    by = _PRINTERS.get(kind, UNIT)
    who = {"applicant": case.one.who, "office": list(case.officers.values())[-1]}.get(by) or case.officers[by]
    papers = f"{case.where}/papers"
    made = case.town.ask(who, "POST", papers, json={"kind": kind}).json()
    listed = case.town.ask(who, "GET", papers).json()["items"]
    title = next(one["title"] for one in listed if one["id"] == made["id"])
    pdf = case.town.ask(who, "GET", f"{papers}/{made['id']}").content
    case.printed[kind] = Printed(kind, title, made["code"], pdf)
    return case.printed[kind]


def pictures(pdf: bytes, dpi: float, suffix: str) -> Iterator[bytes]:
    """Every page of a paper, in the format of this suffix ("png", "jpeg")."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        held = io.BytesIO()
        page.render(scale=dpi / 72).to_pil().convert("RGB").save(held, suffix, quality=88)
        yield held.getvalue()


def _picture(printed: Printed) -> bytes:
    """Its first page as a scanner would bring it."""
    assert printed.pdf is not None
    return next(pictures(printed.pdf, 150, "jpeg"))


def _plain(value: Any) -> Any:
    """Days of the plan as the api reads them."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value if isinstance(value, bool | int | str) or value is None else str(value)


ACTS: dict[str, Callable[[Case, Json], None]] = {
    "pledge": pledge, "plan": plan_posts, "deliberate": deliberate, "post": post, "certify": certify, "teach": teach,
    "recommend": recommend, "bring": bring, "sign": sign, "pass": pass_on, "return": send_back, "correct": correct, "print": print_out,
}  # fmt: skip
