"""Other people and other units: covered only when third parties are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction.finders.text.thirdparty import find_third_parties, named_in
from mangping_redaction.page import Ask, Page

from tests.redaction.lines import line, said


def page(*texts: str) -> Page:
    lines = tuple(line(text, 100, 100 + 42 * n) for n, text in enumerate(texts))
    return Page(np.zeros((400, 1200, 3), np.uint8), lines=lines)


def test_nobody_is_looked_for_unless_asked() -> None:
    assert find_third_parties(page("当事人黄巍来自浙江优策投资管理有限公司"), Ask()).findings == ()


def test_people_and_units_are_covered_when_asked() -> None:
    there = page("当事人黄巍在浙江优策投资管理有限公司任职")
    told = said(find_third_parties(there, Ask(third_parties=True)), there.lines)
    assert set(told) == {("name", "黄巍"), ("unit", "浙江优策投资管理有限公司")}


def test_a_unit_that_runs_on_in_the_next_line() -> None:
    there = page("1979年11月出生，现任浙江优策投资", "管理有限公司的实际控制人，负责投资")
    told = said(find_third_parties(there, Ask(third_parties=True)), there.lines)
    assert {text for cls, text in told if cls == "unit"} >= {"浙江优策投资", "管理有限公司"}


def test_ordinary_words_are_no_unit() -> None:
    assert [found for found in named_in("各类中小学、幼儿园和高等职业技术学院开户银行") if found[0] == "unit"] == []


def test_amounts_are_nobody() -> None:
    assert named_in("壹拾柒万伍仟捌佰圆整") == ()


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("经九年一贯制学校研究", "九年一贯制学校"), ("系松台市高级中学（东校区）教师", "松台市高级中学（东校区）"),
        ("现任松台市特殊教育学校教师", "松台市特殊教育学校"), ("在松台县职业中等专业学校", "松台县职业中等专业学校"),
    ],
)  # fmt: skip
def test_kinds_of_schools_and_their_campus(text: str, unit: str) -> None:
    units = {text[start:end] for kind, start, end, _ in named_in(text) if kind == "unit"}
    assert unit in units


def test_schools_in_general_are_no_unit() -> None:
    for text in ("各级职业技术学校", "全国中等专业学校", "农村双语学校", "拟推荐申报中小学高级教师人员"):
        assert [found for found in named_in(text) if found[0] == "unit"] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("关于农彩凤等同志职务任免的通知", {"农彩凤"}), ("农彩凤同志任松台市第三中学教务主任", {"农彩凤"}),
        ("免去农彩凤等二名同志的职务", {"农彩凤"}), ("全体同志", set()), ("向各位党员同志致敬", set()), ("女同志较多", set()),
    ],
)  # fmt: skip
def test_whoever_is_called_a_comrade_is_named(text: str, names: set[str]) -> None:
    assert {text[start:end] for kind, start, end, _ in named_in(text) if kind == "name"} == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("扎西央金名师工作室", {"扎西央金"}), ("廖凤英名班主任工作室", {"廖凤英"}), ("初中数学名师工作室", set()),
        ("自治区级名师工作室", set()), ("松台市名班主任工作室", set()),
    ],
)  # fmt: skip
def test_whoever_a_workshop_is_called_after_is_named(text: str, names: set[str]) -> None:
    assert {text[start:end] for kind, start, end, _ in named_in(text) if kind == "name"} == names
