"""A unit in text: its full name, the short forms it yields, and the other schools and words that resemble it."""

from __future__ import annotations

import pytest
from mangping.identity import Identity, find


def covered(unit: str, text: str) -> list[str]:
    """What is to be covered, as it stands in the text."""
    return [text[h.start : h.end] for h in find(Identity(units=(unit,)), text) if not h.near]


@pytest.mark.parametrize(
    ("unit", "text", "said"),
    [
        ("库尔勒市第三中学", "在库尔勒市第三中学任教", "库尔勒市第三中学"),
        ("库尔勒市第三中学", "库尔勒三中", "库尔勒三中"),
        ("库尔勒市第三中学", "库尔勒市三中", "库尔勒市三中"),
        ("库尔勒市第三中学", "一直在市三中从事", "市三中"),
        ("库尔勒市第三中学", "我与三中一同成长", "三中"),
        ("库尔勒市第三中学", "受三中委派", "三中"),
        ("库尔勒市第三中学", "毕业后分到第三中学", "第三中学"),
        ("库尔勒市第三中学", "库尔勒市第3中学", "库尔勒市第3中学"),
        ("库尔勒市第三中学", "库尔勤市笫三中学", "库尔勤市笫三中学"),
        ("库尔勒市第三中学", "库尔勒\n市第三中学", "库尔勒\n市第三中学"),
        ("库尔勒市第三中学", "库尔勒市第三中学生物教研组", "库尔勒市第三中学"),
        ("塔什库尔市职业技术学校", "现任职业技术学校教研组长", "职业技术学校"),
        ("塔什库尔市职业技术学校", "成为市职校的骨干", "市职校"),
        ("望海川市实验中学", "在实验中学工作", "实验中学"),
        ("望海川市实验中学", "市实验中学", "市实验中学"),
        ("云岭市第三小学", "调入三小。", "三小"),
        ("喀拉布克市第七幼儿园", "现任七幼教研组长", "七幼"),
        ("博斯坦泉市第二十八中学", "在28中", "28中"),
        ("博斯坦泉市第二十八中学", "市二十八中", "市二十八中"),
        ("松台市东湖区第九初级中学", "东湖区九中推荐", "东湖区九中"),
        ("松台市东湖区第九初级中学", "在九初中", "九初中"),
        ("乌兰苏市红柳镇中心小学", "红柳镇中心小学推荐", "红柳镇中心小学"),
        ("乌兰苏市红柳镇中心小学", "红柳中心校", "红柳中心校"),
        ("新疆天海能源股份有限公司", "天海能源", ""),
        ("库尔勒天海能源股份有限公司", "库尔勒天海能源公司", "库尔勒天海能源公司"),
        ("市三中", "在市三中", "市三中"),
    ],
)
def test_is_covered(unit: str, text: str, said: str) -> None:
    assert covered(unit, text) == ([said] if said else [])


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("库尔勒市第三中学", "党的十九届三中全会精神"),
        ("库尔勒市第三中学", "十三中"),
        ("库尔勒市第三中学", "库尔勒市第十三中学"),
        ("库尔勒市第三中学", "库尔勒市第二中学"),
        ("库尔勒市第三中学", "库尔勒市第三小学"),
        ("库尔勒市第三中学", "市五中"),
        ("库尔勒市第三中学", "和田市三中"),
        ("库尔勒市第三中学", "乌鲁木齐市第三中学"),
        ("库尔勒市第三中学", "第三中学生运动会"),
        ("库尔勒市第三中学", "三中队"),
        ("云岭市第八小学", "工作八小时"),
        ("云岭市第三小学", "三小组讨论"),
        ("塔什库尔市职业技术学校", "塔什库尔市技工学校"),
        ("塔什库尔市职业技术学校", "各类职业技术学校"),
        ("塔什库尔市职业技术学校", "中等职业技术学校"),
        ("望海川市实验中学", "乌鲁木齐市实验中学"),
        ("望海川市实验中学", "临溪外国语实验中学"),
        ("喀拉布克市第七幼儿园", "喀拉布克市第二幼儿园"),
        ("乌兰苏市红柳镇中心小学", "乌兰苏市中心小学的"),
        ("松台市东湖区第九初级中学", "松台市第九中学"),
    ],
)
def test_stays_readable(unit: str, text: str) -> None:
    assert covered(unit, text) == []


def test_a_numeral_the_reader_doubted_is_read_again() -> None:
    who = Identity(units=("松台市第七中学",))
    hits = find(who, "市二中", ("市", "二七", "中"))
    assert [hit.near for hit in hits] == [True]
    assert find(who, "市二中", ("市", "二", "中")) == ()


def test_former_names_are_further_entries() -> None:
    who = Identity(units=("松台市第三中学", "松台市第一初级中学"))
    text = "分配到松台市第一初级中学，后更名为松台市第三中学"
    assert [text[h.start : h.end] for h in find(who, text)] == ["松台市第一初级中学", "松台市第三中学"]


def test_another_place_broken_over_two_lines() -> None:
    assert covered("望海川市第八中学", "更名为云岭\n市第八中学") == []


def test_a_short_form_given_by_the_form_is_judged_by_what_stands_in_front() -> None:
    assert covered("职业技术学校", "博斯坦泉市职业技术学校") == []
    assert covered("职业技术学校", "职业技术学校推荐") == ["职业技术学校"]
