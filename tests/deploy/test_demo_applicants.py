"""The demo's plan fits the notices: every paper can be drawn, every item is one that its pack asks for."""

from __future__ import annotations

import yaml
from mangping_api.domain.packs import shipped

from deploy.local.demo_applicants import PLAN
from deploy.local.demo_scans import PAPERS, applicant, scan

PLANS = yaml.safe_load(PLAN.read_text("utf-8"))


def test_one_applicant_a_notice_in_the_order_of_the_calendar() -> None:
    assert sorted(plan["pack"] for plan in PLANS) == sorted(shipped())
    assert [plan["at"] for plan in PLANS] == sorted(plan["at"] for plan in PLANS)


def test_every_file_is_one_that_its_notice_asks_for() -> None:
    for plan in PLANS:
        columns = shipped()[plan["pack"]].pack.materials.columns
        items = {(column.key, item.key): item for column in columns for item in column.items}
        for file in plan["files"]:
            item = items[file["column"], file["item"]]
            assert file["paper"] in PAPERS
            assert file.get("side", "") in ("", *item.sides), (plan["pack"], file)


def test_every_form_field_is_one_of_the_pack() -> None:
    for plan in PLANS:
        form = shipped()[plan["pack"]].pack.form
        assert set(plan["form"]) <= {field.key for section in form.sections for field in section.fields}


def test_a_paper_is_the_same_picture_each_time_and_another_for_another_number() -> None:
    person = applicant(3)
    first, again, other = (scan("putonghua", person, number) for number in (1, 1, 2))
    assert (first == again, first == other, first[:3]) == (True, False, b"\xff\xd8\xff")
