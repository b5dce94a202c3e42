"""Signatures: no picture tells handwriting from print, so words do. The ink behind 签名, 承诺人, 校长： and their kin is covered.

Work is done in a frame (`pen.Frame`) laid along the anchor's line, whose origin is the end of the anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from mangping_redaction.finders.hand.columns import LEAST, whole_column
from mangping_redaction.finders.hand.pen import FIRST, Box, Frame, at_start, strokes, union
from mangping_redaction.finders.text.values import is_value
from mangping_redaction.page import Finding, Found, Page
from mangping_redaction.readers.line import Line

SIGNED = r"签\s*[名字章]|签到(?![表册时单地处率簿])|承诺人|签署人|签收人"
ROLE = (
    r"申请人|申报人|述职人|报告人|汇报人|总结人|被考核人|被聘人|受聘人|负责人|校长|园长|院长|所长|馆长|局长|书记|主任|组长|主管"
    r"|[校院园所]\s?[（(][校院园所][)）]\s?长|领导|经办人|审核人|填表人|鉴定人|证明人|推荐人|监督人|评议人|考核人|法人|法定代表人|指导教师|审批人"
)
# What stands with a signing word: 签字并按手印, 签字）, 签名（盖章）.
BESIDES = r"(?:[并及和、/或]*[按捺盖]?(?:手印|指印|指模|盖章|公章))?\s*[)）]?(?:[（(][^（()）]{0,8}[)）])?"
LATIN = (
    r"(?<![A-Za-z])(?:(?:Signature|Signed(?:\s*by)?|Nota?r?y(?:\s*Public)?)(?:\s*[:：;；]|(?!\s*[A-Za-z]))"
    r"|(?:Director|Principal|President|Dean|Chair(?:man|woman|person)|Headmaster|Registrar|Witness|Approved\s*by|Authori[sz]ed\s*by)"
    r"\s*[:：;；])"
)
# Those who judge sign in a row; a printed list of them has 、 between the names.
JUDGES = (
    r"(?:考核|考评|评审|评议|评选|评估|专家|验收|审核|审查|推荐|测评|监督|工作|领导)(?:小?组|委员会)(?:全体)?成员"
    r"|评委|评审专家|监考教师|监考员|见证人|参会人员|与会人员"
)
ANCHOR = re.compile(
    rf"(?:(?:{SIGNED}){BESIDES}\s*[:：;；]?|{LATIN}|(?:{ROLE}|{JUDGES})\s*(?:[（(](?:签字|签名|签章|盖章|签字或盖章)[)）])?\s*[:：;；])"
)
# Who signs what they did, in a cell of its own: the form asks for a hand beside it without a colon.
TITLE = re.compile(
    r"\s*(?:(?:主检|体检|检查|检验|检测|诊断|审核|复核|报告|主治|接诊|评估|化验)(?:医师|医生|技师|[师者员])"
    r"|(?:填表|制表|经办|审核|审批|复核|校对|核对|初审|复审|查验|受理|承办|鉴定|监考|主考|巡考|测试|测评|考评|评审|阅卷|评阅|记录|登记"
    r"|录入|统计|验收|监督|签发|批准|见证|承诺|声明|保证|签署|签收)[人员者])\s*"
)
BARE = ("签名", "签字", "签到")
WAITS = re.compile(r"(?:签名|签字|签章|签到)\s*[)）]?\s*[:：;；]?\s*\Z")  # nothing behind it: the hand may stand below
MANY = re.compile(r"人员|成员|专家|评委|代表|家长|教师|老师|全体|与会|参会|各方|双方")  # 参会人员签字: a row of hands
# A short line that ends in a name behind "…人：" or "…长：" is a signing line even when the word itself was misread.
SIGNING_LINE = re.compile(r"^(?!联[系络]|收[款件]|付款)[^，。,、]{1,6}[人长]\s*[:：](?=\s*[\u4e00-\u9fff·•.]{0,9}\s*$)")
DOTTED = re.compile(r"[\u4e00-\u9fff]{1,9}(?:\s*[·•・‧.．]\s*[\u4e00-\u9fff]{1,9})+")
ROW = re.compile(rf"(?:{JUDGES})\s*(?:[（(][^（()）]{{0,6}}[)）])?\s*[:：;；]\Z")
ROW_LONG = 24  # characters of a row of hands that was read as one line
LISTED = re.compile(r"[、，,]")
PROSE_GOES_ON = re.compile(r"\s*[之后时前的起均即]")  # 自双方签字之日起
SALUTATION = re.compile(r"\s*(?:尊敬|敬爱|亲爱|各位)")  # 尊敬的校领导：
# 月 and 年 stand in names (覃月兰, 江月): of a date they stand beside digits, blanks or one another.
DATE = r"[12][09]\d\d|\d\s*[年月日]|[年月]\s*[\d月日]|(?<![\u4e00-\u9fff])[年月]|日期"
STOP = re.compile(DATE + r"|时间|电话|盖章|公章|单位|\d{2,}|姓名|职务|职称|结论|结果|意见|备注|[。；]")
GUESSED = 0.4  # confidence of a line: below, what it says was guessed at a pen's strokes
BIT = 3  # digits that are none (何 is read 14)
NAME, DOTTED_NAME = 8, 18  # characters of the longest name, and of one in parts (阿卜杜热合曼·买买提依明)
PROSE = 14  # characters behind an anchor: a sentence, not a signature
COLON = 0.5  # line heights that a colon takes
NEXT, NEXT_APART = 1.2, 2.6  # line heights from what was written to what goes on with it; to a character or two alone
UNDER = 4.5  # line heights from a signing word that stands alone down to the hand under it
REACH = 11.0  # line heights, about 70 mm behind twelve-point print
LEFT = 2.5  # of a hand, behind what was read of it


def find_signatures(page: Page, among: Sequence[Line] | None = None) -> Found:
    """One finding for each anchor with ink behind it, in these lines (all of the page, unless told)."""
    findings = []
    for line, end, stop in _anchors(page.lines if among is None else among):
        if stop is None and ROW.search(line.text[:end]):
            findings += [_beside(hand) for hand in _with_others_beside([line], page.lines, ROW_LONG)[1:]]
        frame = _frame(line, end)
        reach, written = _room(frame, line, end, stop, page.lines)
        area = strokes(page.pixels, frame, reach)
        if written is not None:
            area = written if area is None else union(area, written)
        if area is not None:
            u0, v0, u1, v1 = area
            polygon = frame.box(min(u0, 0.05) - 0.05, v0 - 0.18, u1 + 0.18, v1 + 0.18)
            findings.append(Finding("signature", polygon, 0.9, "signature", "ink behind a signing word"))
        hands = _hands_below(line, page.lines)
        if area is None or len(hands) >= LEAST:  # a table's line beside its column's head is ink too
            findings += [_under(hand, page, alone=len(hands) < LEAST) for hand in hands]
    return Found(tuple(findings))


def _under(hand: Line, page: Page, *, alone: bool) -> Finding:
    """The hand with what the reader left of it: its strokes go on without a wide gap. In a column the next ink is the
    table's and its neighbours'."""
    frame = at_start(hand)
    read = frame.of(hand.polygon)
    inked = strokes(page.pixels, frame, read[2] + LEFT) if alone else None
    u0, v0, u1, v1 = read if inked is None else union(read, inked)
    box = frame.box(u0 - 0.2, v0 - 0.25, u1 + 0.2, v1 + 0.25)
    return Finding("signature", box, 0.8, "signature", "a hand under a signing word")


def _beside(hand: Line) -> Finding:
    frame = _frame(hand, len(hand.text))
    box = frame.box(frame.of(hand.polygon)[0] - 0.2, -0.25, 0.2, 1.25)
    return Finding("signature", box, 0.8, "signature", "a hand in a row behind a signing word")


def _hands_below(line: Line, lines: Sequence[Line]) -> list[Line]:
    """The hand under a signing word with nothing behind it, those beside it, or the column of them."""
    waits = WAITS.search(line.text)
    if waits is None:
        return []
    hands = [h for h in _hands_under(line, lines) if waits.group() in BARE or _is_name(h)]
    if MANY.search(line.text):
        hands = _with_others_beside(hands, lines)
    return whole_column(hands, lambda hand: _hands_under(hand, lines), _is_name)


def _hands_under(line: Line, lines: Sequence[Line]) -> Iterator[Line]:
    """What may be a name right under a signing word that stands alone (持证人签名), with its gloss between or without."""
    frame = _frame(line, len(line.text))
    width = line.length / line.height
    for other in lines:
        u0, v0, u1, v1 = frame.of(other.polygon)
        middle = (u0 + u1) / 2
        near = -width - 1 < middle < 1 and 1 <= (v0 + v1) / 2 - 0.5 <= UNDER
        if near and other is not line and _is_hand(other) and not other.text.isascii():
            yield other


def _is_name(line: Line) -> bool:
    """Whether a line under a word whose colon or bracket points beside it can be nothing but a hand."""
    return line.score < GUESSED or is_value("name", line.text, False, alone=True) == len(line.text)


def _with_others_beside(hands: Sequence[Line], lines: Sequence[Line], long: int = 0) -> list[Line]:
    """The hands with those that go on to the right of them in their rows, several read as one of up to `long` characters."""
    found = list(hands)
    for hand in found:
        frame = _frame(hand, len(hand.text))
        for other in lines:
            u0, v0, _, v1 = frame.of(other.polygon)
            beside = -0.5 < u0 < REACH and 0.0 < (v0 + v1) / 2 < 1.0 and 0.4 < v1 - v0 < 2.5
            several = len(other.text) <= long and not (STOP.search(other.text) or LISTED.search(other.text))
            if (
                beside
                and (several or _is_hand(other))
                and not other.text.isascii()
                and all(other is not h for h in found)
            ):
                found.append(other)
    return found


def _anchors(lines: Sequence[Line]) -> Iterator[tuple[Line, int, int | None]]:
    """(line, position after the anchor, position where something else begins or None)."""
    for line in lines:
        if TITLE.fullmatch(line.text):
            yield line, len(line.text), None
            continue
        for match in (*ANCHOR.finditer(line.text), *_signing_line(line.text)):
            after = line.text[match.end() :]
            following = ANCHOR.search(after)
            stops = [m.start() for m in (STOP.search(after), following) if m]
            if PROSE_GOES_ON.match(after) or SALUTATION.match(line.text):
                continue
            stop = min(stops) if stops else None
            length = stop if stop is not None else len(after)
            row = ROW.search(match.group()) and length <= ROW_LONG and not LISTED.search(after)
            if (_signs(match.group()) and length <= PROSE) or (match.group()[-1] in ":：;；" and (length <= 8 or row)):
                yield line, match.end(), None if stop is None else match.end() + stop


def _signs(anchor: str) -> bool:
    """Whether the word itself says that somebody signs, colon or not."""
    return "签" in anchor or "印" in anchor or anchor[0].isascii()


def _signing_line(text: str) -> list[re.Match[str]]:
    match = SIGNING_LINE.match(text)
    return [match] if match and not ANCHOR.search(text) else []


def _frame(line: Line, end: int) -> Frame:
    a, b, _, d = line.polygon.astype(np.float32)
    along = (b - a) / max(line.length, 1.0) * line.height
    begin = float(line.cells[end - 1, 1])
    if line.text[end - 1] in ":：;；":  # its two dots stand in the first half of its place: a pen may be in the other
        begin = min(begin, float(line.cells[end - 1, 0]) + COLON * line.height / max(line.length, 1.0))
    if end < len(line.text):  # a pen often starts before its place: half a character early
        begin = min(begin, float(line.cells[end, 0]))
    return Frame(a + begin * (b - a), along, (d - a).astype(np.float32))


def _room(frame: Frame, line: Line, end: int, stop: int | None, lines: Sequence[Line]) -> tuple[float, Box | None]:
    """(how far ink may belong to the signature, the box of what was read there as if it were text)."""
    end_of_line = frame.of(line.polygon)[2]
    said = any(c.isalnum() for c in line.text[end:])
    written = (0.0, 0.0, end_of_line, 1.0) if stop is None and end_of_line > 0.5 and said else None
    reach = REACH
    if stop is not None:
        reach = max(frame.of(line.span(stop, stop + 1))[0] - 0.1, 0.0)
        if reach > 0.6:
            written = (0.0, 0.0, reach, 1.0)
    others = [(frame.of(other.polygon), other) for other in lines if other is not line]
    for (u0, v0, u1, v1), other in sorted(others, key=lambda pair: pair[0][0]):
        if u0 < -0.3 or u0 > reach or min(v1, 1.0) - max(v0, 0.0) < 0.4 * min(v1 - v0, 1.0):
            continue
        gap = NEXT_APART if len(other.text) <= 2 else NEXT
        if _is_hand(other) and v1 - v0 < 3.2 and u0 < (written[2] + gap if written else FIRST):
            written = union(written or (0.0, 0.0, 0.0, 1.0), (u0, v0, u1, v1))
        elif other.score >= GUESSED:  # a blot says nothing: a seal may stand there
            reach = min(reach, u0 - 0.1)
    return reach, written if written is None or written[2] <= REACH else (*written[:2], REACH, written[3])


def _is_hand(line: Line) -> bool:
    """Whether a line in a signing place may be the signature itself: short, and neither a date nor another label."""
    bit = len(line.text) <= BIT and line.text.isdecimal()  # of a pen's strokes: no date is so short
    printed = not bit and line.score >= GUESSED and (STOP.search(line.text) or ANCHOR.search(line.text))
    return len(line.text) <= (DOTTED_NAME if DOTTED.fullmatch(line.text) else NAME) and not printed
