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

from mangping_redaction.finders.text.broken import broken_labels, rest_of, wraps
from mangping_redaction.finders.text.label_words import KINDS, LABEL, UNLISTED
from mangping_redaction.finders.text.phrases import SCHOOL, in_brackets, is_somebody, named, own_school, writes_from
from mangping_redaction.finders.text.rows import CELL, Cell, Row, below, level, rows
from mangping_redaction.finders.text.stacked import stacked
from mangping_redaction.finders.text.values import ORDINARY_ORG, is_value, missing, stranger, unread
from mangping_redaction.page import Ask, Finding, Found
from mangping_redaction.readers.line import FILL, Line

# Of a school's name, though a label begins with it: 职业中等专业学校, 民族中学.
_OF_A_SCHOOL = re.compile(r"(?:技术|职业|双语|实验)?(?:学校|学院|中学|小学|大学|幼儿园)")
_COLON = r"[\s]*[:：︰;；][\s]*"
_ASIDE = r"(?:[)）】\]]|[(（][^()（）:：\t]{1,10}[)）])?"  # 甲方（盖章）：
_GLOSS = re.compile(  # 姓名 Name, 工作单位 (Work Unit)
    r"\s*[(（/]?\s*(?:(?:Full\s*)?Name|(?:Work\s*)?Unit|Employer|ID(?:\s*(?:Card\s*)?(?:No\.?|Number))?|Tel|Phone)[)）]?"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_REACH_RIGHT = 16.0  # label heights to the value's cell
_REACH_BELOW = 3.2  # label heights down to the value's middle
_BESIDE_SCHOOL = 4.0  # heights of a school's line to a name behind it
_PROSE = 12  # characters of a line of running text
_GAP = 2.6  # line heights of nothing inside a line: another cell begins


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
    cells = level(stacked(lines, is_label))
    found: dict[tuple[int, int, int, str], Finding] = {}
    for kind, (cell, start, end) in _labelled(cells):
        if not stranger(kind, cell.line, start, end, ask.identity):
            confidence = min(0.95, 0.5 + cell.line.score / 2)
            before, after = missing(kind, cell.line.text[start:end], ask.identity)
            place = cell.line.span(start, end, 0 if start else before, after)
            finding = Finding(kind, place, confidence, "label", f"value behind a label: {kind}")
            found[id(cell.line), start, end, kind] = finding
    return Found(tuple(found.values()))


def labelled(lines: Sequence[Line]) -> Iterator[tuple[Kind, Line, int, int]]:
    """(kind, line, start, end) of every value that a label or a set phrase points to, whoever it belongs to."""
    for kind, (cell, start, end) in _labelled(level(stacked(lines, is_label))):
        yield kind, cell.line, start, end


def _labelled(cells: Sequence[Cell]) -> Iterator[tuple[Kind, Value]]:
    """Every value that a label or a set phrase points to."""
    for row in rows(cells):
        listed = labels_in(row.text)
        unlisted = list(_unlisted(row.text, listed))
        for label, following in pairwise([*sorted([*listed, *unlisted], key=lambda label: label.start), None]):
            if label is not None and label.kind is not None:
                for value in _values(row, label, following, cells):
                    if label not in unlisted or _is_plain(label.kind, value):
                        yield label.kind, value
    for kind, cell, start in broken_labels(cells, kind_of):
        beside = _beside(kind, cell, [(cell, start, _until(cell.line.text, start))])
        yield from ((kind, value) for value in beside)
    own = own_school([cell.line.text for cell in cells])
    for cell in cells:
        if own and cell.line.text.rstrip(":： ") == own:
            yield "unit", (cell, 0, len(own))
            yield from (("name", (name, 0, len(name.line.text))) for name in cells if _is_named_beside(name, cell))
            yield from (("name", value) for value in _named_right_above(cell, cells) if _is_plain("name", value))
        yield from _author(cell, cells)
        yield from _holder(cell, cells)
        yield from ((kind, (cell, start, end)) for kind, start, end in named(cell.line.text))
        if len(cell.line.text) >= _PROSE and (under := wraps(cell, cells)) is not None:
            yield from _named_over(cell, under)


def _named_over(cell: Cell, under: Cell) -> Iterator[tuple[Kind, Value]]:
    """What a set phrase names on the next line, or both parts of it where running text breaks it at the end of its line."""
    length = len(cell.line.text)
    for kind, start, end in named(cell.line.text + under.line.text):
        if start < length < end:
            yield kind, (cell, start, length)
        if length < end:
            yield kind, (under, max(start - length, 0), end - length)


def _is_named_beside(name: Cell, school: Cell) -> bool:
    """Whether the cell is a name, and nothing else, that stands behind the one school of the page, as below a summary's title."""
    beside = abs(name.y - school.y) < school.h / 2 and 0 < name.x0 - school.x1 < _BESIDE_SCHOOL * school.h
    return beside and is_value("name", name.line.text, False, alone=True) == len(name.line.text)


def _holder(cell: Cell, cells: Sequence[Cell]) -> Iterator[tuple[Kind, Value]]:
    """Whom a card names right above the sex, where its labels are too pale to be read."""
    if cell.line.text.strip() not in ("男", "女"):
        return
    yield from (("name", value) for value in _named_right_above(cell, cells) if abs(value[0].x0 - cell.x0) < value[0].h)


def _named_right_above(cell: Cell, cells: Sequence[Cell]) -> Iterator[Value]:
    """The name, and nothing else, of which the cell is the next below."""
    for name in cells:
        text = name.line.text
        near = 0 < cell.y - name.y < _REACH_BELOW * name.h and is_value("name", text, False, alone=True) == len(text)
        if near and next(iter(below(name, cells, _REACH_BELOW)), None) is cell:
            yield name, 0, len(text)


def _author(cell: Cell, cells: Sequence[Cell]) -> Iterator[tuple[Kind, Value]]:
    """A paper's author above the school that the cell tells, and the school; who is honoured, and the school in brackets."""
    author, honoured = writes_from(cell.line.text), in_brackets(cell.line.text)
    if (school := author or honoured) is None:
        return
    names = list(_named_right_above(cell, cells))
    if author or names:
        yield "unit", (cell, *school)
    yield from (("name", value) for value in names)


def labels_in(text: str) -> list[Label]:
    """The labels of a row, in order, that stand like labels."""
    found: list[Label] = []
    for match in LABEL.finditer(text):
        if found and match.start() < found[-1].end:
            continue
        group = match.lastgroup or ""
        kind = KINDS.get(group)
        gloss = None if match.group().isascii() else _GLOSS.match(text, match.end())
        word = gloss.end() if gloss else match.end()
        tail = re.match(_ASIDE + _COLON, text[word:])
        end = word + (tail.end() if tail else 0)
        if _stands_as_label(text, match.start(), word, bool(tail), _sure(match), group == "other", found):
            found.append(Label(kind, match.start(), end, bool(tail)))
    return found


def _unlisted(text: str, listed: Sequence[Label]) -> Iterator[Label]:
    """What stands like a label at the head of its cell, and ends like one, though nobody listed it."""
    at = 0
    for said in text.split(CELL):
        head = re.fullmatch(r"\s*(?P<word>[^:：]+?)\s*(?P<colon>[:：].*)?", said)
        begin, end = (at + head.start("word"), at + head.end("word")) if head else (at, at)
        kind = next((kind for kind, shape in UNLISTED if head and shape.fullmatch(head["word"])), None)
        if head and kind and not any(label.start < end and begin < label.end for label in listed):
            colon = head.start("colon") >= 0
            yield Label(kind, begin, end + colon, colon)
        at += len(said) + 1


def _is_plain(kind: Kind, value: Value) -> bool:
    """Whether it can be nothing else: a name in full and no office, a school, a whole number."""
    cell, start, end = value
    said = cell.line.text[start:end]
    match kind:
        case "name":
            return is_somebody(said) and not re.search("[。，,、]", said)
        case "unit":
            return SCHOOL.search(said) is not None and not ORDINARY_ORG.fullmatch(said)
        case _:
            return is_value(kind, said, False, whole=True) == len(said)


def _until(text: str, start: int) -> int:
    """Where the next label begins, or the text ends."""
    return min((label.start for label in labels_in(text) if label.start >= start), default=len(text))


def kind_of(text: str) -> Kind | None:
    """What a text labels that is a label and nothing else; None for all that is not asked for."""
    found = LABEL.fullmatch(text)
    return KINDS.get(found.lastgroup or "") if found else None


def is_label(text: str) -> bool:
    """Whether the whole text is a label, of whatever."""
    return LABEL.fullmatch(text) is not None


def _sure(match: re.Match[str]) -> bool:
    """An unmistakable word, or any word stretched to the width of its column (名　　称)."""
    return (match.lastgroup or "").endswith("_0") or (
        not match.group().isascii() and bool(re.search(r"\s", match.group()))
    )


def _stands_as_label(
    text: str, start: int, end: int, colon: bool, sure: bool, other: bool, before: Sequence[Label]
) -> bool:
    head = text[:start].rstrip(" 　【[(（*•·、.0123456789一二三四五六七八九十")
    opens = not head or head[-1] in CELL + "。；;，,）)】]|｜/" or text[start - 1 : start].isspace()
    alone = opens and re.match(r"[\s\])）】/]*(\t|\Z)", text[end:]) is not None
    if colon:
        # A label behind another one's value needs no opening: 姓名：王芳性别：女. A longer phrase before a mere word is prose.
        return opens or sure or bool(before) or text[start - 1] in "（(【[" or len(head.rpartition(CELL)[2]) <= 6
    if alone:
        return True
    if other:
        return (opens or bool(before)) and not _OF_A_SCHOOL.match(text, end)
    if not (opens or before):
        return False
    return (sure and re.match(r"[\s\t]*[\u3400-\u9fffA-Za-z0-9*]", text[end:]) is not None) or _filled(text, start, end)


def _filled(text: str, start: int, end: int) -> bool:
    """Whether nothing but a value stands between a word of three characters or more and the next label, or the end of
    its cell: 联系人赵国栋联系电话."""
    following = LABEL.search(text, end)
    said = text[end : following.start() if following else len(text)].partition(CELL)[0]
    kind = kind_of(text[start:end])
    if kind == "name":
        plain = 3 <= len(said) <= 4 or re.search("[·•・‧]", said)
        return end - start >= 3 and bool(plain) and is_value(kind, said, False, alone=True) == len(said)
    return kind in ("phone", "id_number") and is_value(kind, said, False, whole=True) == len(said) > 0


def _values(row: Row, label: Label, following: Label | None, cells: Sequence[Cell]) -> Iterator[Value]:
    """Where the label's value stands: behind it in its row or, when its cell ends there, a little off the row or below
    it."""
    assert label.kind is not None
    stop = following.start if following is not None else len(row.text)
    pieces = list(row.pieces(label.end, stop))
    own = [cell for cell, *_ in row.pieces(label.start, label.end)][-1:]
    if not own:
        return
    down = own[0].half > own[0].h  # a column: the middle of its row is not the middle of its cell
    beside = _off_the_row(label.kind, own[0], cells) if down else []
    beside = beside or _beside(label.kind, own[0], pieces)
    if beside and not label.colon and _heads_a_column(label.kind, own[0], beside[0], cells):
        yield from _column(label.kind, own[0], cells)
        return
    if not beside and not pieces:
        beside = _off_the_row(label.kind, own[0], cells)
    yield from beside
    if beside:
        yield from _continued(label.kind, beside[-1], cells)
    elif pieces and (broken := list(_wrapped(label.kind, pieces[-1], cells))):
        yield from broken
    elif not (label.colon and pieces) and not any(cell is own[0] for cell, *_ in pieces):
        yield from _column(label.kind, own[0], cells)


def _heads_a_column(kind: Kind, own: Cell, beside: Value, cells: Sequence[Cell]) -> bool:
    """Whether what stands beside a name's label is but the next head of a table (姓名 部门): no name, with one under 姓名."""
    cell, start, end = beside
    if kind != "name" or cell is own or is_value(kind, cell.line.text[start:end], False, alone=True):
        return False
    return next(_column(kind, own, cells), None) is not None


def _off_the_row(kind: Kind, own: Cell, cells: Sequence[Cell]) -> list[Value]:
    """The value right beside a label that stands in a cell of its own, up to a line higher or lower, in the order of
    reading."""
    reach = max(1.2 * own.h, own.half)  # a label that runs down its cell stands beside whatever stands in the cell
    far = 6 * own.h if own.half < own.h else 10 * own.h
    near = [c for c in cells if abs(c.y - own.y) < reach and 0 < c.x0 - own.x1 < far and c.h < 2.2 * own.h]
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
        if far or cell.h > 2.2 * own.h or FILL in cell.line.text:  # the value is covered already
            break
        trimmed = _trim(cell.line, start, end)
        if trimmed is None or kind_of(cell.line.text[trimmed[0] : trimmed[1]]):  # 姓名 Name
            continue
        size = is_value(kind, cell.line.text[trimmed[0] : trimmed[1]], bool(values))
        if not size and kind == "unit" and not values and _goes_on(cell, trimmed, pieces):
            size = trimmed[1] - trimmed[0]
        if not size and not values and unread(cell.line, *trimmed):
            size = trimmed[1] - trimmed[0]  # where the value stands is known, what it says is not
        if not size:
            break
        values.append((cell, trimmed[0], trimmed[0] + size))
        edge = cell.x1
        if size < trimmed[1] - trimmed[0] or kind == "name":
            break
    return values


def _goes_on(cell: Cell, trimmed: tuple[int, int], pieces: Sequence[Value]) -> bool:
    """Whether the next piece of the row makes a unit of what is none alone: a seal has parted 松台 市第三中学."""
    after = next((p for p in pieces if p[0].x0 > cell.x1 - cell.h), None)
    if after is None or trimmed[1] < len(cell.line.text.rstrip()) or after[0].x0 - cell.x1 > 1.5 * cell.h:
        return False
    said = cell.line.text[trimmed[0] : trimmed[1]] + after[0].line.text[after[1] : after[2]]
    return is_value("unit", said, False, whole=True) > 0


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
    if end < len(cell.line.text.rstrip("·•・‧.． ")) or (kind != "name" and is_value(kind, said, False, whole=True)):
        return
    yield from list(_wrapped(kind, last, cells))[1:]
    if kind == "name":
        return
    for under in below(cell, cells, 2.2):
        aligned = abs(under.x0 - (cell.x0 + float(cell.line.cells[start, 0]) * (cell.x1 - cell.x0))) < 1.5 * cell.h
        size = is_value(kind, said + under.line.text, False) - len(said)
        whole = size > 0 and is_value(kind, said + under.line.text[:size], False, whole=True)
        if aligned and whole and not labels_in(under.line.text):
            yield under, 0, size
        return


def _wrapped(kind: Kind, last: Value, cells: Sequence[Cell]) -> Iterator[Value]:
    """Both parts of a value that running text breaks at the end of its line; nothing where the next does not go on."""
    cell, start, end = last
    under = wraps(cell, cells)
    size = rest_of(kind, cell.line.text[start:end].strip(), under.line.text) if under is not None else 0
    if under is not None and size:
        yield last
        yield under, 0, size


def _column(kind: Kind, own: Cell, cells: Sequence[Cell]) -> Iterator[Value]:
    """The value in the cell below, or the whole column under a table's head, over a cell that holds none."""
    above, held = own, False
    for under in below(own, cells, 40.0):
        if under.y - above.y > _REACH_BELOW * max(own.h, above.h) or (
            labels_in(under.line.text) and not above.line.text.isdigit()
        ):
            return
        trimmed = _trim(under.line, 0, len(under.line.text))
        if trimmed and kind_of(under.line.text[trimmed[0] : trimmed[1]]) == kind:
            above = under  # the label in another tongue
            continue
        asks = under.line.text.rstrip().endswith((":", "："))  # a label nobody listed
        size = (
            is_value(kind, under.line.text[trimmed[0] : trimmed[1]], False, alone=True) if trimmed and not asks else 0
        )
        if trimmed and size:
            yield under, trimmed[0], trimmed[0] + size
        elif not held:
            return
        above, held = under, bool(size)
