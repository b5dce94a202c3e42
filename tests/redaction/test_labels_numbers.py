"""Numbers that lead to a person, and the many numbers of a page that do not."""

from __future__ import annotations

import pytest
from mangping_redaction.finders.text.numbers import find_numbers
from mangping_redaction.page import Ask

from tests.redaction.lines import line, said

ASK = Ask()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("号码650196198001175810", [("id_number", "650196198001175810")]),
        ("61019819730308902X", [("id_number", "61019819730308902X")]),
        ("389201199001245580", [("id_number", "389201199001245580")]),
        ("650196 1980 0117 5810", [("id_number", "650196 1980 0117 5810")]),
        ("650196800117581", [("id_number", "650196800117581")]),
        ("650196198001175810*", [("id_number", "650196198001175810*")]),  # a speck behind it
        ("3604211990****2417", [("id_number", "3604211990****2417")]),
        ("致电13800138000", [("phone", "13800138000")]),
        ("138 0013 8000", [("phone", "138 0013 8000")]),
        ("138****8000", [("phone", "138****8000")]),
        ("13800138000 650196198001175810", [("id_number", "650196198001175810"), ("phone", "13800138000")]),
    ],
)
def test_is_covered(text: str, values: list[tuple[str, str]]) -> None:
    lines = [line(text)]
    assert said(find_numbers(lines, ASK), lines) == values


@pytest.mark.parametrize(
    "text",
    [
        "证书编号285931202205537612", "2020年12月05日", "202012051234", "913301097441052544", "144030700", "￥25543.59",
        "35001888721050748492",
        "034*7<7*95->-+3+*72>5-96", "12345678901234567890", "账号13800138000", "1.2.3.4.5.6.7.8",
        "100 200 300 400 500 600",
    ],
)  # fmt: skip
def test_stays_readable(text: str) -> None:
    assert find_numbers([line(text)], ASK).findings == ()


def test_a_number_broken_over_two_lines() -> None:
    lines = [line("身份证号码650196198"), line("001175810)于2020年", 100, 140)]
    assert said(find_numbers(lines, ASK), lines) == [("id_number", "001175810"), ("id_number", "650196198")]


def test_a_number_broken_over_two_lines_with_a_speck_read_as_a_dot_behind_it() -> None:
    lines = [line("任教证明已寄出，你的电话1380013."), line("8000是否有效", 100, 150)]
    assert said(find_numbers(lines, ASK), lines) == [("phone", "1380013."), ("phone", "8000")]


def test_a_starred_number_broken_among_its_stars() -> None:
    lines = [line("身份证号：6207*******"), line("***9617 单位：松台市第三中学", 100, 150)]
    assert said(find_numbers(lines, ASK), lines) == [("id_number", "***9617"), ("id_number", "6207*******")]


@pytest.mark.parametrize(
    ("first", "second"), [("身份证件号：6", "50196198001175810，于2014年6月"), ("电话：1", "3800138000")]
)
def test_a_number_of_which_the_line_ends_behind_the_first_digit(first: str, second: str) -> None:
    lines = [line(first), line(second, 100, 140)]
    told = {text for _, text in said(find_numbers(lines, ASK), lines)}
    assert told == {first[-1], second.split("，")[0]}


def test_a_digit_that_ends_a_line_above_a_longer_number_is_its_own() -> None:
    lines = [line("班级：高一3"), line("20190117581", 100, 140)]
    assert find_numbers(lines, ASK).findings == ()


def test_a_misread_date_is_put_right_by_what_else_the_reader_saw() -> None:
    text = "650196198001575810"
    read = [*text[:12], "51", *text[13:]]
    unsure = line(text, score=0.8, candidates=read)
    assert said(find_numbers([unsure], ASK), [unsure]) == [("id_number", text)]
    assert find_numbers([line(text)], ASK).findings == ()
