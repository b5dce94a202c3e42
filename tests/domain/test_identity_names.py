"""A person's name in text: every way it is written, read well or badly, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.identity import Identity, find

SEPARATORS = "·•・‧.。．－-∙⋅ 　\n"


def covered(name: str, text: str) -> list[str]:
    """What is to be covered, as it stands in the text."""
    return [text[h.start : h.end] for h in find(Identity(names=(name,)), text) if not h.near]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("王芳", "姓名王芳性别女", "王芳"),
        ("王芳", "王　芳", "王　芳"),
        ("王 芳", "教师王芳同志", "王芳"),
        ("王芳", "由王\n芳主讲", "王\n芳"),
        ("王芳", "主芳老师", "主芳"),
        ("李晓英", "把孩子交给季晓英老师", "季晓英"),
        ("李晓英", "李晓'英", "李晓'英"),
        ("依明·玉素甫", "教师依明.玉素甫(身份证号", "依明.玉素甫"),
        ("依明·玉素甫", "依 明 ・ 玉 素 甫", "依 明 ・ 玉 素 甫"),
        ("依明·玉素甫", "依明,玉素甫同志", "依明,玉素甫"),
        ("依明·玉素甫", "依朋·玉索甫", "依朋·玉索甫"),
        ("依明玉素甫", "依明玉素甫在", "依明玉素甫"),
        ("依明·玉素甫", "述职人：依明", "依明"),
        ("帕提古丽·阿迪力", "帕提占丽阿迪力", "帕提占丽阿迪力"),
        ("帕提古丽·阿迪力", "帕提古丽，阿迪力金钩寺小学", "帕提古丽，阿迪力"),
        ("帕提古丽阿迪力", "作者帕提古丽.阿迪力", "帕提古丽.阿迪力"),
        ("黄道生", "我校黃道生老师", "黃道生"),
        ("张艳丽", "教師張豔麗", "張豔麗"),
        ("马力", "马力同志", "马力"),
        ("马力", "姓名：马力", "马力"),
        ("于平", "由于平老师主讲", "于平"),
    ],
)
def test_is_covered(name: str, text: str, said: str) -> None:
    assert covered(name, text) == [said]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王芳", "王芳芳同学"),
        ("王芳", "王老师和王某"),
        ("王芳", "国王的芳香"),
        ("马力", "电动机的马力很大"),
        ("马力", "100马力"),
        ("文静", "她性格文静大方"),
        ("于平", "由于平时努力"),
        ("方超", "对方超过了我们"),
        ("高峰", "登上高峰，俯瞰"),
        ("依明·玉素甫", "依明·艾山老师"),
        ("依明·玉素甫", "玉素甫老师"),
        ("阿依古丽·吾买尔", "阿依古丽·祖力皮亚"),
        ("马力", "the mali of it"),
        ("孙灿", "the sun can shine"),
        ("王芳", "Wang Fangling"),
    ],
)
def test_stays_readable(name: str, text: str) -> None:
    assert covered(name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王芳", "Wang Fang"), ("王芳", "FANG WANG"), ("王芳", "wangfang"), ("王芳", "Fang Wang"),
            ("王芳", "Wáng Fāng"),
        ("李晓英", "Li Xiao-ying"), ("李晓英", "Xiaoying LI"), ("李晓英", "LI, XIAOYING"), ("李晓英", "Li Xiao Ying"),
        ("欧阳静", "Ouyang Jing"), ("单小红", "Shan Xiaohong"), ("吕强", "Lv Qiang"), ("吕强", "Lyu Qiang"),
        ("依明·玉素甫", "Yiming Yusufu"), ("依明·玉素甫", "YUSUFU YIMING"), ("依明·玉素甫", "Yi Ming Yu Su Fu"),
        ("Imin Yüsüp", "YUSUP Imin"),
    ],
)  # fmt: skip
def test_latin_letters(name: str, text: str) -> None:
    assert covered(name, f"Name: {text}, 2020") == [text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("账号 wangfang1985", "wangfang"),
        ("wangfang01@mail.invalid", "wangfang"),
        ("WANGFANG88", "WANGFANG"),
        ("wang2fang", ""),
    ],
)
def test_the_number_that_ends_an_account_is_no_letter(text: str, said: str) -> None:
    assert "".join(covered("王芳", text)) == said


@pytest.mark.parametrize("text", ["Li X.Y", "X. Y. Li", "Li XY"])
def test_initials_behind_a_surname(text: str) -> None:
    assert covered("李晓英", f"[3] {text}. Teaching") == [text]


@pytest.mark.parametrize("text", ["Shen Z.Y", "C. Y. Shen"])
def test_initials_in_every_reading_of_the_given_name(text: str) -> None:
    assert covered("沈重阳", f"[3] {text}. Teaching") == [text]


def test_one_other_character_in_two_is_only_near_when_it_was_read_badly() -> None:
    who = Identity(names=("王芳",))
    sure, unsure = ("王", "苹"), ("王", "苹革")
    assert find(who, "王苹", sure) == ()
    assert [hit.near for hit in find(who, "王苹", unsure)] == [True]


def test_a_candidate_of_the_reader_counts() -> None:
    hits = find(Identity(names=("崔珺",)), "崔那", ("崔", "那珺郡"))
    assert [(h.start, h.end, h.near) for h in hits] == [(0, 2, False)]


def test_a_surely_read_other_name_is_only_near() -> None:
    hits = find(Identity(names=("李晓英",)), "李晓东", tuple("李晓东"))
    assert [hit.near for hit in hits] == [True]


def test_reasons_never_repeat_the_text() -> None:
    hits = find(Identity(names=("王芳",), units=("松台市第三中学",)), "王芳在松台市第三中学 Wang Fang")
    assert [hit.why for hit in hits] == ["name", "unit", "name in Latin letters"]


@given(st.lists(st.text(SEPARATORS, max_size=3), min_size=4, max_size=4))
def test_any_separator_inside_a_dotted_name(gaps: list[str]) -> None:
    gaps = [gap.replace("\n", " ") for gap in gaps]
    text = (
        "依"
        + gaps[0].replace("。", "")
        + "明"
        + gaps[1]
        + "玉"
        + gaps[2].replace("。", "")
        + "素"
        + gaps[3].replace("。", "")
        + "甫"
    )
    assert [(h.start, h.end) for h in find(Identity(names=("依明·玉素甫",)), f"：{text}。")] == [(1, 1 + len(text))]


@given(st.text("的一在学教生年工作，。\n ", max_size=30), st.text("的一在学教生年工作，。\n ", max_size=30))
def test_places_map_back_exactly(left: str, right: str) -> None:
    name = "帕提古丽·阿迪力"
    text = f"{left}{name}{right}"
    assert [text[h.start : h.end] for h in find(Identity(names=(name,)), text)] == [name]


@given(st.text(max_size=60), st.text(max_size=8), st.text(max_size=12))
def test_no_text_breaks_it(text: str, name: str, unit: str) -> None:
    hits = find(Identity((name,), (unit,), (text[:18],), (text[:11],)), text)
    assert all(0 <= h.start < h.end <= len(text) and 0 < h.confidence <= 1 for h in hits)


def test_two_candidates_tell_in_three_characters_and_are_read_again_in_two() -> None:
    three = find(Identity(names=("汪龙晨",)), "注尤晨", ("注汪", "尤龙", "晨"))
    two = find(Identity(names=("王芳",)), "玊苹", ("玊王", "苹芳"))
    assert [(h.end, h.near) for h in three] == [(3, False)]
    assert [(h.end, h.near) for h in two] == [(2, True)]


@pytest.mark.parametrize("text", ["xue Yu", "xue yu", "同志 xue Yu 在我校"])
def test_pinyin_alone_tells_in_any_case(text: str) -> None:
    assert [(h.cls, h.near) for h in find(Identity(names=("喻雪",)), text)] == [("name", False)]


def test_pinyin_inside_running_english_needs_its_capitals() -> None:
    assert find(Identity(names=("喻雪",)), "we saw the xue yu can grow") == ()
