"""Set phrases of certificates and letters, which name somebody as plainly as a label does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mangping_redaction.finders.text.values import is_value

_PERSON = r"(?:[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,8}[·•・‧.][\u3400-\u9fff]{2,8})"
_PHRASE = re.compile(
    r"(?:\A|[，,。；;:：\s]|教师|老师|同志|员工|职工|学员|证明)(?![我本该]校)"
    rf"(?P<a>{_PERSON})\s?[(（,，]\s?(?:男|女)?[，,]?(?:居民|公民)?身份证"
    rf"|(?:兹聘请?|聘请|特聘|授予|兹有|兹证明)(?!一[位名]|[我本该])(?P<b>{_PERSON})(?=同志|老师|教师|先生|女士|[(（,，]\s?[男女])"
    rf"|\A(?P<c>{_PERSON})(?=(?:同志|老师|先生|女士)\s?[:：]\s*\Z)"  # whom a letter of appointment addresses
    rf"|(?:作者|个人)简[介历]\s?[:：]?\s?(?P<e>{_PERSON})\s?(?=[(（,，])"  # papers
    # 学生柏志梅，性别女，: diplomas
    rf"|(?:\A|[，,。；;:：\s]|学生|学员|研究生)(?!学生|学员|研究生)(?P<d>{_PERSON})\s?[，,]?\s?(?=性别\s?[:：]?\s?[男女])"
)
_NOBODY = re.compile(r"主任|校长|家长|同学|教师|老师|领导|评委")  # 班主任老师：


def named(text: str) -> Iterator[tuple[int, int]]:
    """Where set phrases name somebody; those that say no more than that it is a person must be followed by a name."""
    for match in _PHRASE.finditer(text):
        said = match.group(match.lastgroup or 0)
        if match.lastgroup in ("a", "b") or (is_value("name", said, False, alone=True) and not _NOBODY.search(said)):
            yield match.span(match.lastgroup or 0)
