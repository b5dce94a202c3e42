"""Names one after another behind a word for several people: 课题组成员：, 指导教师：, with marks between them or mere room."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_ROOM = 0.35  # line heights of nothing between two characters: another name begins


def listed_names(line: Line) -> Iterator[tuple[int, int]]:
    """Characters [start, end) of each name of a list, where two or more stand and nothing else does."""
    for people in _PEOPLE.finditer(line.text):
        parts = list(_parts(line, people.end()))
        names = [part for part in parts if _is_name(line.text[slice(*part)])]
        if len(names) > 1 and len(names) == len(parts):
            yield from names


def _parts(line: Line, begin: int) -> Iterator[tuple[int, int]]:
    start = begin
    for at in range(begin, len(line.text) + 1):
        mark = at == len(line.text) or _MARK.match(line.text[at])
        if start < at and (mark or (line.cells[at, 0] - line.cells[at - 1, 1]) * line.length > _ROOM * line.height):
            yield start, at
            start = at
        if mark:
            start = at + 1


def _is_name(text: str) -> bool:
    return not _GROUP.search(text) and is_value("name", text, False, alone=True) == len(text)
