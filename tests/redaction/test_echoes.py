"""What a page without a form named once is found wherever else it stands; what a form knows is nobody's echo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.finders.text.echoes import find_echoed
from mangping_redaction.page import Ask, Finding, Page

from tests.redaction.lines import line, said

EVERYBODY = Ask(third_parties=True)


def page(*texts: str, score: float = 0.99) -> Page:
    lines = tuple(line(text, 100, 100 + 80 * n, score=score) for n, text in enumerate(texts))
    return Page(np.zeros((900, 1600, 3), np.uint8), lines=lines)


def echoed(there: Page, ask: Ask) -> list[tuple[str, str]]:
    return said(find_echoed(there, ask), there.lines)


def test_a_labelled_value_is_found_in_the_prose_below_without_third_parties() -> None:
    there = page(
        "姓名：巴音图雅", "工作单位：松台市第十二中学", "以巴音图雅同志为榜样，立足课堂", "作为十二中数学教研组组长"
    )
    assert echoed(there, Ask()) == [
        ("name", "巴音图雅"), ("name", "巴音图雅"), ("unit", "十二中"), ("unit", "松台市第十二中学"),
    ]  # fmt: skip


def test_a_unit_that_the_page_told_is_covered_as_far_as_a_seal_hides_it() -> None:
    seal = Finding("seal", np.array([[270, 140], [560, 140], [560, 320], [270, 320]], np.float32), 0.9, "seal", "ring")
    there = replace(page("工作单位：松台市第十二中学", "松台市第十二"), findings=(seal,))
    assert [finding.why for finding in find_echoed(there, Ask()).findings] == [
        "named elsewhere on the page", "unit cut short by a seal",
    ]  # fmt: skip
    assert echoed(replace(there, findings=()), Ask()) == [("unit", "松台市第十二中学")]


def test_what_the_tagger_tells_counts_where_others_are_asked_for() -> None:
    texts = "活动由松台市第十二中学组织", "市十二中", "高三中期复习"
    assert echoed(page(*texts), Ask()) == []
    assert echoed(page(*texts), EVERYBODY) == [("unit", "市十二中"), ("unit", "松台市第十二中学")]


@pytest.mark.parametrize(
    "ask",
    [
        Ask(Identity(names=("王芳",), units=("和安县第一中学",))),
        Ask(Identity(names=("王芳",), units=("松台市第三中学",))),
    ],
)
def test_where_a_form_tells_name_and_unit_others_stay_readable(ask: Ask) -> None:
    assert echoed(page("姓名：李秀英", "工作单位：松台市第九中学", "李秀英老师从九中调入"), ask) == []


def test_a_kind_that_the_form_does_not_know_is_echoed_alone() -> None:
    there = page("姓名：李秀英", "工作单位：松台市第九中学", "李秀英老师一直在九中任教")
    assert echoed(there, Ask(Identity(names=("王芳",)))) == [("unit", "九中"), ("unit", "松台市第九中学")]


def test_what_was_read_badly_but_twice_alike_is_told() -> None:
    assert echoed(page("主持人：逢雪莲", "听取了主持人逢雪莲的汇报", score=0.85), Ask()) == [("name", "逢雪莲")] * 2
    assert echoed(page("主持人：柏英", "听取了柏英的汇报", score=0.85), Ask()) == []


def test_a_badly_read_value_and_an_office_are_nobodys_echo() -> None:
    assert echoed(page("姓名：巴音图雅", "以巴音图稚同志为榜样", score=0.7), Ask()) == []
    assert echoed(page("工作单位：松台市教育局", "报市教育局审批"), Ask()) == []


@pytest.mark.parametrize(
    "text",
    ["课题组成员：蒋玉梅、诸葛云、周一鸣", "课题组成员：蒋玉梅 诸葛云 周一鸣", "主要成员：蒋玉梅，诸葛云，周一鸣"],
)
def test_every_name_of_a_list_is_told(text: str) -> None:
    assert echoed(page(text), Ask()) == [("name", "周一鸣"), ("name", "蒋玉梅"), ("name", "诸葛云")]


def test_names_of_a_list_between_which_the_reader_saw_no_blank() -> None:
    whole = line("课题组成员：蒋玉梅诸葛云")
    cells = whole.cells * 0.9
    cells[9:] += 0.05
    there = Page(np.zeros((400, 1600, 3), np.uint8), lines=(replace(whole, cells=cells),))
    assert [finding.cls for finding in find_echoed(there, Ask()).findings] == ["name", "name"]


def test_what_is_no_list_of_names_tells_nobody() -> None:
    assert echoed(page("参加人员：全体教师、各处室主任"), Ask()) == []
    assert echoed(page("课题组成员：蒋玉梅、诸葛云"), Ask(Identity(names=("王芳",), units=("和安县第一中学",)))) == []


def test_a_line_that_is_nothing_but_names_is_a_list_where_others_are_asked_for() -> None:
    texts = "宁静、贺桂香、才仁卓嘎、何秀珍", "语文、数学、英语、物理", "高一、高二、高三"
    assert echoed(page(*texts), Ask()) == []
    assert echoed(page(*texts), EVERYBODY) == [
        ("name", "何秀珍"),
        ("name", "宁静"),
        ("name", "才仁卓嘎"),
        ("name", "贺桂香"),
    ]
