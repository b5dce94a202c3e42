"""GL-78, by the notice's own pack: at 17:00 of September 10 what has not reached the city title office is given up, by the
clock itself; what reached it in time is judged there without haste, but cannot be corrected any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from mangping.clock import BEIJING
from mangping_api.wiring import Factory

from deploy.local import demo_applicants, demo_reviews
from deploy.local.demo_acts import ACTS, Case, settle
from deploy.local.demo_applicants import submit_all
from tests.deploy.test_demo_reviews import Rehearsed, town  # noqa: F401

PACK = "guilin-vice-senior-2024"
CLOSES = datetime(2024, 9, 10, 17, tzinfo=BEIJING)
EDUCATION, CITY = "市教育局职改办", "市职改办"


@pytest.fixture
def case(town: Rehearsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:  # noqa: F811
    """The demo's applicant of this notice, handed in; every body has its officer."""
    [plan] = [one for one in yaml.safe_load(demo_applicants.PLAN.read_text("utf-8")) if one["pack"] == PACK]
    (tmp_path / "one.yaml").write_text(yaml.safe_dump([plan], allow_unicode=True), "utf-8")
    monkeypatch.setattr(demo_applicants, "PLAN", tmp_path / "one.yaml")
    [made] = submit_all(town)
    [review] = [one for one in yaml.safe_load(demo_reviews.PLAN.read_text("utf-8")) if one["pack"] == PACK]
    settle(found := Case(town, made, review))
    return found


def _walked_to(case: Case, body: str) -> None:
    """All steps of the demo's plan before this body passes it on."""
    for step in case.plan["steps"]:
        if (step["do"], step.get("by")) == ("pass", body):
            return
        if step["do"] != "print":
            case.town.set_clock(datetime.fromisoformat(str(step["at"])))
            ACTS[step["do"]](case, step)


def _refused(case: Case, body: str, act: str, **more: Any) -> dict[str, Any]:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        case.by(body, "POST", f"{case.review}/{act}", **more)
    told: dict[str, Any] = refused.value.response.json()
    return told


def _swept(case: Case) -> str:
    """The state of the application once the clock has done its work."""
    here: Any = case.town
    here.client.portal.call(Factory(here.context).lapses().sweep)
    state: str = here.ask(case.one.who, "GET", case.where).json()["state"]
    return state


def _deadline(case: Case, kind: str) -> dict[str, Any]:
    told = case.town.ask(case.one.who, "GET", f"{case.where}/timeline").json()
    [found] = [one for one in told["deadlines"] if one["kind"] == kind]
    return dict(found)


def test_what_lies_anywhere_below_at_the_hour_is_given_up_by_the_clock(case: Case) -> None:
    before = _deadline(case, "arrival")
    assert (before["title"], before["rules"][0]["rule"]) == ("到达截止（市职改办接收审核材料时间）", "GL-78")
    assert datetime.fromisoformat(before["end"]) == CLOSES
    case.town.set_clock(CLOSES - timedelta(seconds=1))
    assert _swept(case) == "submitted"
    case.town.set_clock(CLOSES)
    assert _swept(case) == "abandoned"
    last = case.town.ask(case.one.who, "GET", f"{case.where}/timeline").json()["events"][-1]
    assert (last["event"], last["by"]) == ("application.abandoned", "clock")
    assert _deadline(case, "arrival")["state"] == "passed"
    assert case.unit("GET", "/v1/reviews")["items"] == []


def test_what_arrived_a_second_before_is_judged_after_the_hour_but_not_sent_back(case: Case) -> None:
    _walked_to(case, EDUCATION)
    case.town.set_clock(CLOSES - timedelta(minutes=10))
    ACTS["sign"](case, {"by": EDUCATION, "attested": ["fit_for_panel"]})
    case.town.set_clock(CLOSES)
    late = _refused(case, EDUCATION, "pass")
    assert late["code"] == "review.forbidden"
    assert [(one["code"], one["message"]) for one in late["findings"] if one["blocking"]] == [
        ("window.late", "市职改办接收审核材料时间已于2024-09-10 17:00截止，视为放弃申报")
    ]
    case.town.set_clock(CLOSES - timedelta(seconds=1))
    assert case.by(EDUCATION, "POST", f"{case.review}/pass")["tier"] == "city_office"
    case.town.set_clock(CLOSES)
    assert (_swept(case), _deadline(case, "arrival")["state"]) == ("submitted", "met")
    case.town.set_clock(CLOSES + timedelta(days=1))
    case.by(CITY, "POST", f"{case.review}/claim")
    for item in case.by(CITY, "GET", case.review)["items"]:
        told = {"verdict": "defect", "reason": "看不清"} if item["item"] == "section.work" else {"verdict": "ok"}
        case.by(CITY, "PUT", f"{case.review}/items/{item['item']}", json={"seen": item["seen"], **told})
    until = {"correct_until": (CLOSES + timedelta(days=3)).isoformat()}
    assert _refused(case, CITY, "return", json=until)["code"] == "review.correction_over"
    ACTS["pass"](case, {"by": CITY, "attested": ["fit_for_panel"]})
    assert _swept(case) == "accepted"
