"""A broken pack is refused whole; each fault names file, line and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from mangping.policy import Broken, Policy, hints, load
from mangping.policy.parts import Ending, Lapse
from mangping_api.domain.application import MACHINE, State
from mangping_api.domain.course import ON_LAPSE, ON_UNPAID
from mangping_api.domain.packs import catalogue, folder, shipped
from mangping_api.policy_cli import check, compare, written_schema

from tests.conftest import ROOT

FILE = "korla-primary-2024.yaml"
TEXT = (folder() / FILE).read_text("utf-8")


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Broken) as broken:
        load(text, FILE, catalogue())
    return [(fault.line, fault.key, fault.message) for fault in broken.value.faults]


def line(start: str) -> int:
    return next(number for number, text in enumerate(TEXT.splitlines(), start=1) if text.strip().startswith(start))


_REFUSALS = "不在可选值之内：refused、not_accepted、rejected_year"
CHANGES = [
    ("version: 1\n", "version: 1\nextra: 1\n", "extra", "不认识的键"),
    ("    closes: 2024-10-25\n", "    closes: 2024-10-25\n    shuts: x\n", "windows.0.shuts", "不认识的键"),
    ("    on_late: refused\n    cite: KP-11\n", "    on_late: refused\n", "windows.0.cite", "缺少这一项"),
    ("cite: KP-11\n", "cite: KP-99\n", "windows.0.cite", "规则目录里没有KP-99"),
    ("cite: KP-11\n", "cite: BZ-05\n", "windows.0.cite", "BZ-05是另一份通知的规则"),
    ("max: 3", "max: 2.5", "submissions.max", "不得用小数：金额以分计，比例以百分数计"),
    ("max: 3", "max: '3'", "submissions.max", "须为整数"),
    ("max: 3", "max: 0", "submissions.max", "须大于零"),
    ("year: 2024\n", "year: 2024\nyear: 2025\n", "year", "同一个键写了两次"),
    ("require: unit.rural\n", "require: unit.rurall\n", "eligibility.2.require", "不认识的名称：unit.rurall"),
    ("require: unit.rural\n", "require: rural_unit(unit)\n", "eligibility.2.require", "不认识的名称：rural_unit"),
    ("require: unit.rural\n", "require: unit.name\n", "eligibility.2.require", "条件须得出true或false"),
    ("not_after: formal_review\n", "not_after: review\n", "correction.not_after", "没有叫“review”的时间窗口"),
    ("since: work_since,", "since: summary,", "seniority.since", "须为表中的日期栏目"),
    (
        "title: 业绩佐证材料, need: optional,",
        "title: 毕业证,",
        "materials.columns.1.items.0",
        "“毕业证”由承诺代替，不得再要求提供",
    ),
    ("closes: 2024-10-25", "closes: 2024-10-32", "windows.0.closes", "没有这一天"),
    ("first: 2024-09-01", "first: 2024-02-30", "valid.first", "没有这一天"),
    ("opens: 2024-09-30", "opens: 2024-08-30", "windows.0.opens", "2024-08-30不在适用日期之内"),
    ("need: optional,", "need: perhaps,", "materials.columns.0.items.1.need", "不在可选值之内：always、optional"),
    ("on_exhausted: rejected_year", "on_exhausted: own_risk", "submissions.on_exhausted", _REFUSALS),
    ("on_exhausted: rejected_year", "on_exhausted: abandoned", "submissions.on_exhausted", _REFUSALS),
    ("max: 3", "max: 99999999999999", "submissions.max", "时刻与编号请加引号"),
    ("{role: unit, cite: KP-08}", "{role: unit}", "materials.columns.4.items.1.by.cite", "缺少这一项"),
    (
        "{role: unit, cite: KP-08}",
        "{role: office, cite: KP-08}",
        "materials.columns.4.items.1.by.role",
        "不在可选值之内：unit",
    ),
    (
        "instead: {items: [ce_exemption]",
        "instead: {items: [ethics_statement]",
        "materials.columns.0.items.0.instead",
        "“ethics_statement”不由同一方提供，不能替代",
    ),
    (
        "  no_objection: {cite: KP-41}\n",
        "  online: {columns: [nowhere], cite: KP-41}\n",
        "publicity.online.columns.0",
        "没有这个材料栏目",
    ),
    ("last: 2025-12-31", "last: 2031-12-31", "valid.last", "2031年放假安排尚未公布或未装载，不能计算期限"),
]


@pytest.mark.parametrize(("old", "new", "key", "message"), CHANGES)
def test_one_fault_is_told_with_its_key(old: str, new: str, key: str, message: str) -> None:
    assert TEXT.count(old) >= 1
    found = faults(TEXT.replace(old, new, 1))
    assert [(one, said) for _, one, said in found] == [(key, message)]


def test_faults_name_their_lines_and_come_all_at_once() -> None:
    broken = TEXT.replace("    closes: 2024-10-25\n", "    closes: 10月25日\n", 1).replace("max: 3", "max: x", 1)
    assert faults(broken) == [
        (line("closes: 2024-10-25"), "windows.0.closes", "没有这一天"),
        (line("submissions:"), "submissions.max", "须为整数"),
    ]


def test_what_compares_a_number_with_a_word_is_a_fault() -> None:
    ((_, key, message),) = faults(TEXT.replace("require: unit.rural\n", "require: unit.name >= 3\n", 1))
    assert key == "eligibility.2.require"
    assert message.startswith("条件无法计算：")


def test_what_is_not_cel_or_not_yaml_is_a_fault() -> None:
    ((_, key, message),) = faults(TEXT.replace("require: unit.rural\n", "require: unit.rural &&\n", 1))
    assert (key, message.partition("：")[0]) == ("eligibility.2.require", "不是合格的CEL表达式")
    ((number, key, message),) = faults("format: 1\nid: [\n")
    assert (number, key, message.partition("：")[0]) == (3, "", "不是合格的YAML")


def test_references_and_depth_are_refused_before_they_are_read() -> None:
    assert faults("a: &a [1]\nb: *a\n") == [(2, "", "不得使用引用（*）")]
    assert faults("a:\n " + "[" * 40 + "]" * 40) == [(2, "", "嵌套不得超过30层")]


def test_unquoted_clock_times_and_yes_are_faults() -> None:
    assert [message for *_, message in faults("format: 18:00\nid: yes\n")] == [
        "时刻与编号请加引号",
        "请写true或false，文字请加引号",
    ]


def test_a_pack_for_a_new_notice_brings_its_own_rules() -> None:
    new = TEXT.replace("id: korla-primary-2024", "id: korla-primary-2025").replace("KP-", "ZZ-")
    own = "".join(f"  - {{id: ZZ-{n:02}, article: 一, quote: 原文{n}}}\n" for n in range(1, 54))
    policy = load(new.replace("region: CN-XJ-KORLA\n", f"region: CN-XJ-KORLA\nrules:\n{own}", 1), FILE, catalogue())
    assert policy.catalogue.rules["ZZ-11"].quote == "原文11"
    assert faults(new)[0][2] == "规则目录里没有ZZ-01"


def test_a_printed_day_off_is_worth_a_look(shipped_aksu: Policy) -> None:
    assert [hint.message for hint in hints(shipped_aksu)] == [
        "提示：“缴费截止时间”止日2024-09-15为中秋节，按通知载明日期不顺延"
    ]


@pytest.fixture
def shipped_aksu() -> Policy:
    file = folder() / "aksu-party-school-2024.yaml"
    return load(file.read_text("utf-8"), file.name, catalogue())


def test_check_tells_file_line_and_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(TEXT.replace("max: 3", "max: x", 1), "utf-8")
    assert check([folder() / FILE, bad]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == f"{bad}:{line('submissions:')}: submissions.max：须为整数"
    assert check([folder() / FILE]) == 0


def test_two_versions_are_compared_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(TEXT.replace("closes: 2024-10-25", "closes: 2024-10-31").replace("max: 3", "max: 2"), "utf-8")
    assert compare(folder() / FILE, new) == 0
    assert capsys.readouterr().out.splitlines() == [
        "时间窗口 › “个人网上申报时间” › 截止日期：2024-10-25 → 2024-10-31（KP-11）",
        "提交次数 › 次数上限：3 → 2（KP-25）",
    ]
    assert compare(new, new) == 0
    assert capsys.readouterr().out == "两个版本内容相同\n"


def test_the_committed_json_schema_is_what_the_code_says() -> None:
    assert (ROOT / "docs/schema/policy-pack.json").read_text("utf-8") == written_schema()
    assert json.loads(written_schema())["additionalProperties"] is False


def test_every_shipped_pack_fits_the_committed_json_schema() -> None:
    schema = json.loads((ROOT / "docs/schema/policy-pack.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert [
        error.message for policy in shipped().values() for error in validator.iter_errors(policy.document.value)
    ] == []


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        ("guilin-vice-senior-2024", "    on_lapse: abandoned\n", "    on_lapse: own_risk\n", "fees.due.on_lapse"),
        ("aksu-party-school-2024", "on_late: abandoned, cite: AK-07", "on_late: own_risk, cite: AK-07", "arrival.on_late"),
    ],
)  # fmt: skip
def test_where_something_must_follow_ones_own_risk_is_no_answer(name: str, old: str, new: str, key: str) -> None:
    """What is not paid, or did not arrive, in time is ended; a pack that does not say how is refused."""
    text = (folder() / f"{name}.yaml").read_text("utf-8")
    assert text.count(old) == 1
    with pytest.raises(Broken) as broken:
        load(text.replace(old, new), f"{name}.yaml", catalogue())
    assert [(fault.key, fault.message) for fault in broken.value.faults] == [
        (key, "不在可选值之内：refused、abandoned、not_accepted、rejected_year")
    ]


def test_what_must_arrive_arrives_at_the_tier_after_the_one_that_receives() -> None:
    text = (folder() / "guilin-vice-senior-2024.yaml").read_text("utf-8")
    old = "arrival: {tier: city_office,"
    assert text.count(old) == 1
    for tier, message in (("title_office", "须为接收材料（before: receive）的下一层级"), ("nobody", "没有这个层级")):
        with pytest.raises(Broken) as broken:
            load(text.replace(old, f"arrival: {{tier: {tier},"), "guilin.yaml", catalogue())
        assert [(fault.key, fault.message) for fault in broken.value.faults] == [("arrival.tier", message)]


def test_whatever_a_pack_may_say_of_a_lapse_has_an_act() -> None:
    assert (set(ON_LAPSE), set(ON_UNPAID)) == (set(get_args(Lapse)), set(get_args(Ending)))
    assert [MACHINE.may(State.RETURNED, act) for act in ON_LAPSE.values()] == [True] * len(ON_LAPSE)
    assert [MACHINE.may(State.ACCEPTED, act) for act in ON_UNPAID.values()] == [True] * len(ON_UNPAID)
    assert [MACHINE.may(State.SUBMITTED, ON_LAPSE[one]) for one in get_args(Ending)] == [True] * len(ON_UNPAID)
