"""What the form's own labels tell: the value behind 姓名, 工作单位, 身份证号, 电话 and their kin, beside them or below.

A label counts where it stands like one: with a colon, alone in its cell, or (the unmistakable ones) at the head of a
cell.
Running prose that mentions a label does not fire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mangping.identity import Kind

from mangping_redaction.finders.rows import CELL, Cell, Row, below, level, rows
from mangping_redaction.finders.values import is_value, stranger, unread
from mangping_redaction.page import Ask, Finding, Found
from mangping_redaction.readers.line import Line

# (kind, unmistakable words that need no colon, words that need a colon or a cell of their own)
_WORDS: tuple[tuple[Kind, str, str], ...] = (
    ("name",
     "姓名|教师姓名|学生姓名|学员姓名|申报人姓名|申请人姓名|作者姓名|本人姓名|持证人姓名|获奖者姓名|校长姓名|"
     "法定代表人|法人代表|曾用名",
     "申报人|申请人|持证人|学员|被考核人|被聘人|受聘人|被推荐人|述职人|汇报人|总结人|报告人|获奖人|获奖者|获奖教师|"
     "作者|执教人?|执教教师|授课人|授课教师|任课教师|主讲人?|"
     "主持人|联系人|负责人|经办人|收款员|收款人|开票人|复核人?|填表人|承诺人|当事人|户主|所有人|名字|指导教师|教师|"
     "署名|课题主持人|参与人|证明人|Name|Full Name"),
    ("unit",
     "工作单位|单位名称|所在单位|单位全称|任职单位|任教学校|所在学校|学校名称|工作学校|聘用单位|用人单位|申报单位|"
     "推荐单位|服务单位|就职单位|原单位|现单位|"
     "现工作单位|毕业院校|毕业学校|学校全称|公司名称|企业名称|购买方名称|销售方名称|销货单位名称|购货单位|销货单位|"
     "建设单位|施工单位|培训单位|派出单位|现任教学校",
     "单位|学校|发证对象|名称|院校|公司|机构名称|Company|Employer|Work Unit|School|Organization"),
    ("id_number",
     "公民身份号码|公民身份证号码?|居民身份证号码?|身份证号码?|身份证件号码?|身份证明号码|身份号码|证件号码?|证号",
     "身份证|身份证明|ID No|ID Number|ID Card No|ID"),
    ("phone",
     "联系电话|手机号码?|移动电话|办公电话|联系方式|电话号码|家庭电话|本人电话|联系手机",
     "电话|手机|Tel|Phone|Mobile|Telephone"),
)  # fmt: skip
# Other labels: where they begin, the value before them ends.
_OTHERS = (
    "性别|民族|出生年月|出生日期|出生|年龄|籍贯|学历|学位|职务|职称|政治面貌|专业技术职务|专业|任教学科|学科|任教年级|"
    "学段|住址|地址|邮编|邮政编码|参加工作时间|入党时间|健康状况|"
    "日期|时间|证书编号|证书号|编号|有效期|发证机关|发证单位|发证日期|签发机关|层次|学制|学习形式|入学日期|毕业日期|"
    "培训时间|学时|成绩|备注|班级|课题|题目|国籍|类型|开户行|账号|"
    "纳税人识别号|邮箱|照片|所学专业|起止时间|主要职责|任职时间|任职年限|现任职务|申报职称|申报级别|手机|Sex|Gender|"
    "Nationality|Address|Date|Title|Email|E-mail"
)
# Set phrases of certificates that name their holder as plainly as a label does.
_PERSON = r"(?:[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,8}[·•・‧.][\u3400-\u9fff]{2,8})"
_PHRASE = re.compile(
    r"(?:\A|[，,。；;:：\s]|教师|老师|同志|员工|职工|学员|证明)"
    rf"(?P<a>{_PERSON})\s?[(（,，]\s?(?:男|女)?[，,]?(?:居民|公民)?身份证"
    rf"|(?:兹聘请?|聘请|特聘|授予|兹有|兹证明)(?P<b>{_PERSON})(?=同志|老师|教师|先生|女士|[(（,，]\s?[男女])"
)
_COLON = r"[\s]*[:：︰;；][\s]*"
_REACH_RIGHT = 16.0  # label heights to the value's cell
_REACH_BELOW = 3.2  # label heights down to the value's middle
_GAP = 2.6  # line heights of nothing inside a line: another cell begins


def _spaced(words: str) -> str:
    """The words longest first, with room between Han characters (姓　　名). 号码? stands for 号码 and 号."""
    plain = {way for word in words.split("|") for way in (word.replace("?", ""), re.sub(r".\?", "", word))}
    listed = sorted(plain, key=lambda word: (-len(word), word))
    return "|".join(
        r"(?<![A-Za-z])" + word.replace(" ", r"\s*") + r"(?![A-Za-z])" if word.isascii() else r"\s*".join(word)
        for word in listed
    )


_KINDS: dict[str, Kind] = {f"{kind}_{i}": kind for kind, *_ in _WORDS for i in (0, 1)}
_LABEL = re.compile(
    "|".join(f"(?P<{kind}_0>{_spaced(sure)})|(?P<{kind}_1>{_spaced(weak)})" for kind, sure, weak in _WORDS)
    + f"|(?P<other>{_spaced(_OTHERS)})",
    re.IGNORECASE,
)


Value = tuple[Cell, int, int]  # characters [start, end) of the cell's line


@dataclass(frozen=True, slots=True)
class Label:
    """A label at [start, end) of a row's text; kind None for one that only ends the value before it."""

    kind: Kind | None
    start: int
    end: int
    colon: bool


def find_labelled(lines: Sequence[Line], ask: Ask) -> Found:
    """Values behind labels: covered where they are, or may be, the applicant's, or where nobody's identity is known."""
    cells = level(lines)
    found: dict[tuple[int, int, int, str], Finding] = {}
    for kind, (cell, start, end) in _labelled(cells):
        if not stranger(kind, cell.line, start, end, ask.identity):
            confidence = min(0.95, 0.5 + cell.line.score / 2)
            finding = Finding(kind, cell.line.span(start, end), confidence, "label", f"value behind a label: {kind}")
            found[id(cell.line), start, end, kind] = finding
    return Found(tuple(found.values()))


def _labelled(cells: Sequence[Cell]) -> Iterator[tuple[Kind, Value]]:
    """Every value that a label or a set phrase points to."""
    for row in rows(cells):
        for label, following in pairwise([*labels_in(row.text), None]):
            if label is not None and label.kind is not None:
                for value in _values(row, label, following, cells):
                    yield label.kind, value
    for cell in cells:
        for match in _PHRASE.finditer(cell.line.text):
            start, end = match.span("a" if match.group("a") else "b")
            yield "name", (cell, start, end)


def labels_in(text: str) -> list[Label]:
    """The labels of a row, in order, that stand like labels."""
    found: list[Label] = []
    for match in _LABEL.finditer(text):
        group = match.lastgroup or ""
        kind = _KINDS.get(group)
        tail = re.match(r"[)）】\]]?" + _COLON, text[match.end() :])
        end = match.end() + (tail.end() if tail else 0)
        if _stands_as_label(text, match.start(), match.end(), bool(tail), _sure(match), group == "other", found):
            found.append(Label(kind, match.start(), end, bool(tail)))
    return found


def _sure(match: re.Match[str]) -> bool:
    """An unmistakable word, or any word stretched to the width of its column (名　　称)."""
    return (match.lastgroup or "").endswith("_0") or (
        not match.group().isascii() and bool(re.search(r"\s", match.group()))
    )


def _stands_as_label(
    text: str, start: int, end: int, colon: bool, sure: bool, other: bool, before: Sequence[Label]
) -> bool:
    head = text[:start].rstrip(" 　【[(（*•·、.0123456789一二三四五六七八九十")
    opens = not head or head[-1] in CELL + "。；;，,）)】]|｜" or text[start - 1 : start].isspace()
    alone = opens and re.match(r"[\s\])）】/]*(\t|\Z)", text[end:]) is not None
    if colon:
        # A label behind another one's value needs no opening: 姓名：王芳性别：女. A longer phrase in front is prose.
        return opens or bool(before) or len(head.rpartition(CELL)[2]) <= 6
    if alone:
        return True
    if other:
        return opens or bool(before)
    return sure and opens and re.match(r"[\s\t]*[\u3400-\u9fffA-Za-z0-9*]", text[end:]) is not None


def _values(row: Row, label: Label, following: Label | None, cells: Sequence[Cell]) -> Iterator[Value]:
    """Where the label's value stands: behind it in its row or, when its cell ends there, a little off the row or below
    it."""
    assert label.kind is not None
    stop = following.start if following is not None else len(row.text)
    pieces = list(row.pieces(label.end, stop))
    own = [cell for cell, *_ in row.pieces(label.start, label.end)][-1:]
    if not own:
        return
    beside = _beside(label.kind, own[0], pieces)
    if not beside and not pieces:
        beside = _off_the_row(label.kind, own[0], cells)
    yield from beside
    if beside:
        yield from _continued(label.kind, beside[-1], cells)
    elif not any(cell is own[0] for cell, *_ in pieces):
        yield from _column(label.kind, own[0], cells)


def _off_the_row(kind: Kind, own: Cell, cells: Sequence[Cell]) -> list[Value]:
    """The value right beside a label that stands in a cell of its own, up to a line higher or lower, in the order of
    reading."""
    near = [c for c in cells if abs(c.y - own.y) < 1.2 * own.h and 0 < c.x0 - own.x1 < 6 * own.h and c.h < 2.2 * own.h]
    near = sorted((c for c in near if c.x0 < min(n.x0 for n in near) + own.h), key=lambda c: c.y)
    said = "".join(c.line.text.strip() for c in near)
    if not said or any(labels_in(c.line.text) for c in near) or not is_value(kind, said, False, alone=True):
        return []
    return [(c, 0, len(c.line.text)) for c in near]


def _beside(kind: Kind, own: Cell, pieces: Sequence[Value]) -> list[Value]:
    """The value in the pieces of the row behind a label: as far as it looks like one and nothing wide lies between."""
    values: list[Value] = []
    edge = own.x1
    for cell, start, end in pieces:
        far = cell is not own and cell.x0 - edge > (_REACH_RIGHT if not values else 1.5) * own.h
        if far or cell.h > 2.2 * own.h:
            break
        trimmed = _trim(cell.line, start, end)
        if trimmed is None:
            continue
        size = is_value(kind, cell.line.text[trimmed[0] : trimmed[1]], bool(values))
        if not size and not values and unread(cell.line, *trimmed):
            size = trimmed[1] - trimmed[0]  # where the value stands is known, what it says is not
        if not size:
            break
        values.append((cell, trimmed[0], trimmed[0] + size))
        edge = cell.x1
        if size < trimmed[1] - trimmed[0] or kind == "name":
            break
    return values


def _trim(line: Line, start: int, end: int) -> tuple[int, int] | None:
    """The piece without blanks and punctuation around it, cut where a wide gap opens."""
    text = line.text
    while start < end and not (text[start].isalnum() or text[start] in "*＊("):
        start += 1
    for i in range(start + 1, end):
        gap = (line.cells[i, 0] - line.cells[i - 1, 1]) * line.length
        if gap > _GAP * line.height:
            end = i
            break
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "*＊)"):
        end -= 1
    return (start, end) if start < end else None


def _continued(kind: Kind, last: Value, cells: Sequence[Cell]) -> Iterator[Value]:
    """The second line of a unit or number that was broken: right under the first, no label itself, and the two make
    one."""
    cell, start, end = last
    said = cell.line.text[start:end]
    if end < len(cell.line.text.rstrip()) or kind == "name" or is_value(kind, said, False, whole=True):
        return
    for under in below(cell, cells, 2.2):
        aligned = abs(under.x0 - (cell.x0 + float(cell.line.cells[start, 0]) * (cell.x1 - cell.x0))) < 1.5 * cell.h
        size = is_value(kind, said + under.line.text, False) - len(said)
        whole = size > 0 and is_value(kind, said + under.line.text[:size], False, whole=True)
        if aligned and whole and not labels_in(under.line.text):
            yield under, 0, size
        return


def _column(kind: Kind, own: Cell, cells: Sequence[Cell]) -> Iterator[Value]:
    """The value in the cell below, or the whole column under a table's head."""
    above = own
    for under in below(own, cells, 40.0):
        if under.y - above.y > _REACH_BELOW * max(own.h, above.h) or (
            labels_in(under.line.text) and not above.line.text.isdigit()
        ):
            return
        trimmed = _trim(under.line, 0, len(under.line.text))
        size = is_value(kind, under.line.text[trimmed[0] : trimmed[1]], False, alone=True) if trimmed else 0
        if not trimmed or not size:
            return
        yield under, trimmed[0], trimmed[0] + size
        above = under
