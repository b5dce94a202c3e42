"""Evaluation is pure, deterministic, and answers with findings whatever a form may hold."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping.identity import numbers, pinyin, search
from mangping.policy import Uncovered, evaluate, figures, load
from mangping.policy.parts import ACTS, Act
from mangping_api.domain.packs import catalogue, folder

from tests.conftest import ROOT
from tests.policy.packs import NAMES, programme

CODE = re.compile(r'find\(\s*"([a-z_]+\.[a-z_]+)"')

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=12)
    | st.sampled_from(["无", "至今", "2024-02-30", "2024-13", "2024-09"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["year", "amount", "since", "until", "date", "degree", "result", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
FIELDS = sorted({f.key for name in NAMES for s in programme(name)[0].pack.form.sections for f in s.fields})


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(NAMES), form=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
def test_no_form_makes_it_fall(name: str, form: dict[str, Any]) -> None:
    policy, base = programme(name)
    facts = {**base, "form": {**base["form"], **form}}
    now = datetime(2024, 10, 1, 10, tzinfo=BEIJING)
    found = evaluate(policy, "submit", facts, now)
    assert found == evaluate(policy, "submit", copy.deepcopy(facts), now)


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("name", NAMES)
def test_nothing_known_is_never_nothing_wrong_with_what_is_asked(name: str, act: Act) -> None:
    """Fail closed: with no fact at all, every check of the act speaks, or has nobody to speak of."""
    policy, _ = programme(name)
    found = evaluate(policy, act, {}, datetime(2024, 10, 1, 10, tzinfo=BEIJING))
    pack = policy.pack
    checks = [
        one
        for some in (pack.scope, pack.exclusions, pack.eligibility, pack.unit_duties, pack.review_duties)
        for one in some
    ]
    silent = {one.key for one in checks if act in one.at} - {
        one.key
        for one in checks
        for finding in found
        if finding.place == one.place or finding.code == f"check.{one.key}"
    }
    blanks = {one.key for one in checks if "form." in one.require + (one.when or "")}
    assert silent - blanks - {"guarantee_by_hand"} == set()


def test_a_day_outside_the_pack_is_an_error_that_names_file_and_key() -> None:
    policy, base = programme("korla-primary")
    with pytest.raises(Uncovered) as error:
        evaluate(policy, "submit", base, datetime(2026, 1, 1, tzinfo=BEIJING))
    assert (error.value.file, error.value.key) == ("korla-primary-2024.yaml", "valid")
    with pytest.raises(ValueError, match="zone"):
        evaluate(policy, "submit", base, datetime(2024, 10, 1))  # noqa: DTZ001


def test_findings_repeat_notice_article_and_quote() -> None:
    policy, base = programme("korla-primary")
    (late,) = evaluate(policy, "submit", base, datetime(2024, 10, 26, tzinfo=BEIJING))
    assert (late.code, late.rule_ids, late.article, late.quote) == (
        "window.late", ("KP-11",), "四", "个人网上申报时间：9月30日--10月25日",
    )  # fmt: skip
    assert late.trace == ("通知载明截止2024年10月25日（星期五）24:00",)


def test_nothing_of_a_person_is_in_a_finding() -> None:
    policy, base = programme("bazhou-technical")
    facts = {**base, "form": {**base["form"], "summary": "测试乙在示例高级技工学校任教。"}}
    found = evaluate(policy, "submit", facts, datetime(2024, 10, 7, tzinfo=BEIJING))
    said = "".join(f"{one.message}{one.remedy}{one.place}" for one in found)
    assert [word for word in ("测试乙", "示例高级技工学校") if word in said] == []


@given(st.integers(0, 72 * 3600))
@settings(max_examples=40, deadline=None)
def test_forty_eight_hours_are_forty_eight_hours(seconds: int) -> None:
    policy, base = programme("bazhou-technical")
    returned = datetime(2024, 9, 30, 17, 30, tzinfo=BEIJING)
    record = {**base["record"], "submissions": 1, "returned_at": returned}
    facts = {**base, "record": record, "form": {**base["form"], "appointed_on": "2015-01-01"}}
    found = evaluate(policy, "resubmit", facts, returned + timedelta(seconds=seconds))
    assert [one.code for one in found] == (["correction.late"] if seconds >= 48 * 3600 else [])


def test_a_deadline_is_told_with_how_it_was_counted() -> None:
    policy, base = programme("guilin-vice-senior")
    due = next(one for one in figures(policy, base, datetime(2024, 9, 13, tzinfo=BEIJING)) if one.key == "fee_due")
    assert due.value == "2024-09-18 24:00"
    assert due.deadline is not None
    assert due.deadline.trace[0] == "2024年9月12日（星期四）当日不计，第3日为2024年9月15日（星期日）"


def test_what_arrives_too_late_is_told_by_the_name_of_where_it_arrives() -> None:
    policy, base = programme("aksu-party-school")
    facts = {**base, "record": {**base["record"], "arrived_at": datetime(2024, 8, 30, 18, tzinfo=BEIJING)}}
    (found,) = evaluate(policy, "receive", facts, datetime(2024, 9, 2, 10, tzinfo=BEIJING))
    assert (found.code, found.message) == (
        "arrival.late", "首次到达阿克苏地委党校评审委员会的时间晚于2024-08-30 18:00，视为放弃申报",
    )  # fmt: skip


def test_a_file_without_what_a_check_asks_for_is_found_not_passed() -> None:
    """The form has a column of the same name; that does not excuse the file."""
    policy, base = programme("guilin-vice-senior")
    facts = {**base, "materials": {**base["materials"], "auxiliary": [{"item": "exception_proof", "hash": "x"}]}}
    (found,) = evaluate(policy, "submit", facts, datetime(2024, 8, 10, 10, tzinfo=BEIJING))
    assert (found.code, found.rule_ids, found.message) == ("fact.unknown", ("GL-69",), "缺少“出具单位”，无法核对")


@pytest.mark.parametrize("may", [True, False])
def test_whether_a_correction_may_pass_the_window_is_a_parameter(may: bool) -> None:
    file = folder() / "bazhou-technical-2024.yaml"
    text = file.read_text("utf-8").replace("may_pass_window: true", f"may_pass_window: {str(may).lower()}")
    _, base = programme("bazhou-technical")
    record = {**base["record"], "submissions": 1, "returned_at": datetime(2024, 10, 7, 17, tzinfo=BEIJING)}
    found = evaluate(
        load(text, file.name, catalogue()),
        "resubmit",
        {**base, "record": record},
        datetime(2024, 10, 8, tzinfo=BEIJING),
    )
    assert [one.code for one in found] == ([] if may else ["window.late"])


def test_the_list_of_finding_codes_in_the_docs_is_whole() -> None:
    sources = (ROOT / "shared/mangping/policy").glob("*.py")
    written = {code for file in sources for code in CODE.findall(file.read_text("utf-8"))}
    documented = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)`", (ROOT / "docs/policy-packs.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(
        written
        | {
            "material.side",
            "material.part",
            "material.upright",
            "material.clear",
            "material.opens",
            "material.misplaced",
        }
    ) == sorted(documented)


YEARS = (
    "    years:\n"
    "      - {when: \"form.education.exists(x, x.degree == '硕士')\", years: 1, cite: KP-05}\n"
    "      - {when: 'true', years: 3, cite: KP-05}\n"
)


@pytest.mark.parametrize(
    ("years", "stated", "found"),
    [
        ("", None, [("seniority.unknown", False)]),  # the notice only names the criteria: an officer judges
        (YEARS, None, [("seniority.short", True)]),  # 2022-09-01 to 2024-12-31 is two full years
        (YEARS.replace("硕士", "大学本科"), None, []),
        (YEARS, 2, []),  # who states the years has the last word
    ],
)
def test_years_of_the_criteria_are_asked_once_a_pack_holds_them(
    years: str, stated: int | None, found: list[tuple[str, bool]]
) -> None:
    text = (folder() / "korla-primary-2024.yaml").read_text("utf-8")
    old = "  - {number: 新人社发〔2023〕71号, title: 中小学教师系列职称评审条件（试行）, when: unit.kind == '中小学', cite: KP-05}\n"
    assert text.count(old) == 1
    new = old.strip().removeprefix("- {").removesuffix("}").replace(", ", "\n    ")
    policy = load(text.replace(old, f"  - {new}\n{years}"), "korla-primary-2024.yaml", catalogue())
    _, base = programme("korla-primary")
    facts = {**base, "criteria": {"years_required": stated}}
    told = evaluate(policy, "submit", facts, datetime(2024, 10, 1, 10, tzinfo=BEIJING))
    assert [(one.code, one.blocking) for one in told if one.code.startswith("seniority.")] == found


def test_no_identity_stays_in_memory_after_an_evaluation() -> None:
    policy, base = programme("bazhou-technical")
    facts = {**base, "form": {**base["form"], "summary": f"本人{base['person']['name']}自参加工作以来"}}
    found = evaluate(policy, "submit", facts, datetime(2024, 10, 1, 10, tzinfo=BEIJING))
    assert [one.field for one in found if one.code == "form.identity"] == ["summary"]
    assert [kept.cache_info().currsize for kept in (search.plan, numbers.written, pinyin.spellings)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "binds"), [("korla-initial", {"opens"}), ("korla-primary", {"opens", "clear", "upright"})]
)
def test_what_the_notice_does_not_demand_of_an_upload_is_remarked_on_but_it_must_open(
    name: str, binds: set[str]
) -> None:
    policy, base = programme(name)
    facts = copy.deepcopy(base)
    column = next(key for key, held in facts["materials"].items() if held)
    facts["materials"][column][0] |= {"opens": False, "clear": False, "upright": False}
    found = evaluate(policy, "submit", facts, datetime(2024, 10, 10, 10, tzinfo=BEIJING))
    told = {one.code.partition(".")[2]: one.blocking for one in found if one.code.startswith("material.")}
    assert told == {key: key in binds for key in ("opens", "clear", "upright")}
