"""What kind of document a page is, by the words of its title: a mark out of a closed list, never the words themselves.

A title stands alone in large print. The words of an ID card's back and of a mark of secrecy stand in small print too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from mangping.contracts import DocumentKind

from mangping_redaction.readers.line import Line

_LARGE = 1.25  # times the page's median line height
_BESIDE = 12  # characters that may stand beside the words: a year, a place, an issuer
_FEW = 3  # lines; a page of fewer has no size to compare with

TITLES: dict[DocumentKind, tuple[str, ...]] = {
    "id_card": ("居民身份证",),
    "diploma": ("毕业证书", "毕业证"),
    "degree": ("学位证书", "学位证"),
    "register": ("学历证书电子注册备案表", "学籍在线验证报告", "毕业生登记表"),
    "title_certificate": ("专业技术资格证书", "职称证书", "任职资格证书", "专业技术职务任职资格评审表"),
    "teacher_certificate": ("教师资格证书", "教师资格证"),
    "putonghua": ("普通话水平测试等级证书", "普通话等级证书"),
    "continuing_education": ("继续教育合格证书", "学分认定合格证书", "继续教育证书", "公需课合格证书", "专业课合格证书",
                             "公需科目考试合格证"),
    "exemption": ("免学审批表", "免试审批表", "免除继续教育学习申请表"),
    "assessment": ("考核登记表", "年度考核表"),
    "award": ("荣誉证书", "获奖证书", "表彰证书", "优秀教师证书", "奖状"),
    "patent": ("专利证书",),
    "pledge": ("承诺书",),
    "recommendation": ("推荐报告",),
    "publicity": ("公示", "公示结果"),
    "insurance": ("社会保险缴费清单", "社保缴费清单", "养老保险缴费证明", "社会保险参保缴费证明"),
}  # fmt: skip
_ANYWHERE: tuple[tuple[DocumentKind, re.Pattern[str]], ...] = (
    ("id_card", re.compile(r"公民身份号码.*")),
    ("secret", re.compile(r"(绝密|机密|秘密)(?:[★☆*＊].{0,8})?")),
)


def kinds(lines: Sequence[Line]) -> tuple[DocumentKind, ...]:
    """The kinds that the titles on a page name, in the order of the table; mostly one, often none."""
    read = [("".join(line.text.split()), line.height) for line in lines if line.text]
    usual = median(height for _, height in read) if len(read) >= _FEW else 0.0
    titles = [text for text, height in read if height >= _LARGE * usual]
    named: dict[DocumentKind, None] = {}
    for kind, words in TITLES.items():
        if any(_names(text, word) for text in titles for word in words):
            named[kind] = None
    for kind, pattern in _ANYWHERE:
        if any(pattern.fullmatch(text) for text, _ in read):
            named[kind] = None
    return tuple(named)


def _names(title: str, word: str) -> bool:
    """Whether a title is these words with hardly more beside them; what follows may only be a remark in brackets."""
    before, found, after = title.partition(word)
    return bool(found) and len(before) <= _BESIDE and (not after or after[0] in "（([")
