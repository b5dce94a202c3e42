"""Labels and values that running text breaks at the end of a line: 工作单 / 位：…, 工作单位：松台 / 市第三中学。"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mangping.identity import Kind

from mangping_redaction.finders.text.label_words import LABEL
from mangping_redaction.finders.text.rows import Cell, below
from mangping_redaction.finders.text.values import ORG_HEAD, TRANSLITERATED

HEAD = 5  # characters of a label at most on either side of the break
_TAIL = re.compile(rf"\s*(?P<tail>[\u3400-\u9fff]{{1,{HEAD}}})(?P<colon>\s*[:：︰]\s*)")
_MOBILE = re.compile(r"1[3-9]\d(?:[\s\-–—]?\d){8}(?![\d*])")
_INDENT = 3.0  # character heights by which the lines of a paragraph may begin apart
_MARGIN = 2.5  # by which they may end apart
_NEXT = 2.6  # line heights to the next line


def wraps(cell: Cell, cells: Sequence[Cell]) -> Cell | None:
    """The line of the same paragraph under this one, which reaches the end of its lines; None where there is none."""
    for under in below(cell, cells, _NEXT):
        begins = under.x0 - cell.x0 < _INDENT * cell.h
        ends = under.x1 - cell.x1 < _MARGIN * cell.h
        return under if begins and ends and 0.7 < under.h / cell.h < 1.4 else None
    return None


def broken_labels(cells: Sequence[Cell], kind_of: Callable[[str], Kind | None]) -> Iterator[tuple[Kind, Cell, int]]:
    """(kind, the line its value begins on, where) for every label whose end stands on the next line, before a colon."""
    tails = {
        id(cell): tail for cell in cells if (tail := _TAIL.match(cell.line.text)) and not LABEL.fullmatch(tail["tail"])
    }
    for cell in cells if tails else ():
        under = wraps(cell, cells)
        tail = tails.get(id(under))
        if under is None or tail is None:
            continue
        for size in range(HEAD, 0, -1):
            kind = kind_of(cell.line.text.rstrip()[-size:] + tail["tail"])
            if kind is not None:
                yield kind, under, tail.end()
                break


def rest_of(kind: Kind, said: str, under: str) -> int:
    """How many characters of the next line go on with a unit, name or mobile number that was broken; 0 for none."""
    if kind == "unit":
        found = ORG_HEAD.match(said + under)
    elif kind == "name":
        found = TRANSLITERATED.match(said + under)
    elif kind == "phone":
        found = _MOBILE.match(said + under)
    else:
        return 0
    return max(0, found.end() - len(said)) if found else 0
