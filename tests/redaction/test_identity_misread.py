"""A name that the reader takes for another, doubting it in one place only, is covered wherever it stands alike."""

from __future__ import annotations

import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.finders.text.identity import find_identity
from mangping_redaction.page import Ask, Page

from tests.redaction.lines import line, said

ASK = Ask(Identity(names=("陆赟",)))


def page(*texts: str, doubted: bool) -> Page:
    first = line("陆赞先生/女士：", 100, 100, candidates=("陆", "赞赟" if doubted else "赞", *"先生/女士："))
    others = tuple(line(text, 100, 180 + 80 * n) for n, text in enumerate(texts))
    return Page(np.zeros((600, 1200, 3), np.uint8), lines=(first, *others))


def test_it_is_covered_again_where_the_reader_was_sure() -> None:
    there = page("收件人：陆赞电话：14284623834", "来自大陆赞助商", doubted=True)
    assert said(find_identity(there, ASK), there.lines) == [("name", "陆赞"), ("name", "陆赞")]


@pytest.mark.parametrize("text", ["收件人：陆赞", "陆赞老师"])
def test_a_name_that_was_nowhere_doubted_is_somebody_elses(text: str) -> None:
    there = page(text, doubted=False)
    assert find_identity(there, ASK).findings == ()


def test_the_short_form_that_a_page_gives_the_unit_is_covered_wherever_it_stands() -> None:
    ask = Ask(Identity(units=("松台县浮屠镇蔡家祠村小学",)))
    lines = (
        line("我单位松台县浮屠镇蔡家祠村小学（以下简称“蔡祠小", 100, 100),
        line("学”）于八月公示，", 100, 150),
        line("蔡祠小学对以上证明负责，祠小不负责", 100, 400),
    )
    found = said(find_identity(Page(np.zeros((600, 1200, 3), np.uint8), lines=lines), ask), lines)
    assert found == [("unit", "学"), ("unit", "松台县浮屠镇蔡家祠村小学"), ("unit", "蔡祠小"), ("unit", "蔡祠小学")]


@pytest.mark.parametrize("short", ["甲方", "我校", "用人单位"])
def test_what_a_contract_calls_any_unit_is_no_short_form(short: str) -> None:
    ask = Ask(Identity(units=("松台县第三中学",)))
    lines = (line(f"松台县第三中学（以下简称{short}）", 100, 100), line(f"{short}的义务", 100, 300))
    found = said(find_identity(Page(np.zeros((600, 1200, 3), np.uint8), lines=lines), ask), lines)
    assert found == [("unit", "松台县第三中学")]
