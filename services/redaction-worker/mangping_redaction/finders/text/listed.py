"""Names one after another behind a word for several people: 课题组成员：, 指导教师：, with marks between them or mere room."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from mangping_redaction.finders.text.values import is_value
from mangping_redaction.readers.line import Line

_PEOPLE = re.compile(
    r"(?:成员|组员|人员|编委|主编|参编|执笔|编者|撰稿人?|作者|合作者|参与者|参与人|参加者|获奖者|获奖教师|教师|老师|评委|专家|委员|代表)"
    r"(?:名单|姓名)?\s*[:：︰]"
)
_MARK = re.compile(r"[、，,；;/\s]")
_GROUP = re.compile(
    r"全体|教师|老师|主任|学生|领导|代表|成员|校长|人员|家长|员工|同学|干部|专家|骨干|组长|班级"
)  # of people, not one
LEAST = 3  # names that make a row without a word before them
_ONE = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,9}(?:[·•・‧][\u3400-\u9fff]{1,10})+")
_COUNTED = re.compile(r".[一二三四五六七八九十\d]")  # 高一, 周三
WIDER = 1.25  # times the usual step from one character to the next: another name begins


def listed_names(line: Line) -> Iterator[tuple[int, int]]:
    """Characters [start, end) of each name of a list behind its word, where two or more stand and nothing else does."""
    for people in _PEOPLE.finditer(line.text):
        parts = list(_parts(line, people.end()))
        if len(parts) > 1 and all(_is_name(line.text[slice(*part)]) for part in parts):
            yield from parts


def row_of_names(line: Line) -> Iterator[tuple[int, int]]:
    """The same of a line that is nothing but names: LEAST or more, most of them beyond doubt."""
    parts = list(_parts(line, 0))
    texts = [line.text[slice(*part)] for part in parts]
    if len(parts) >= LEAST and all(map(_may_be_one, texts)) and 3 * sum(map(_is_name, texts)) >= 2 * len(texts):
        yield from parts


def _parts(line: Line, begin: int) -> Iterator[tuple[int, int]]:
    apart = _apart(line)
    start = begin
    for at in range(begin, len(line.text) + 1):
        mark = at == len(line.text) or _MARK.match(line.text[at])
        if start < at and (mark or apart[at]):
            yield start, at
            start = at
        if mark:
            start = at + 1


def _apart(line: Line) -> list[bool]:
    """Whether a character stands farther from the one before it than they usually do: readers drop blanks."""
    middles = line.cells.mean(axis=1)
    steps = np.diff(middles)
    return [False, *(steps > WIDER * np.median(steps)).tolist()] if len(steps) else [False]


def _is_name(text: str) -> bool:
    return _may_be_one(text) and is_value("name", text, False, alone=True) == len(text)


def _may_be_one(text: str) -> bool:
    return bool(_ONE.fullmatch(text)) and not _GROUP.search(text) and not _COUNTED.fullmatch(text)
