"""Who was named once on a page without a form, wherever else it names them: in short, in a heading, amid prose.

A label or the tagger tells a name or a unit here and misses it there (十二中 in a heading, 以巴音图雅同志为榜样). What they told is
looked for as if a form had told it, so a unit's short forms come with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from mangping.identity import Identity, Kind, find

from mangping_redaction.finders.text.labels import labelled
from mangping_redaction.finders.text.listed import listed_names, row_of_names
from mangping_redaction.finders.text.phrases import SCHOOL
from mangping_redaction.finders.text.stamped import find_stamped
from mangping_redaction.finders.text.thirdparty import named_in
from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.layout import joints
from mangping_redaction.readers.line import Line

SURE = 0.9  # mean score of a value's characters: a misread name is nobody's
AGAIN = 3  # characters that nobody misreads alike twice
MOST = 40, 12  # names and units of a page: a list of winners has as many; each unit has a dozen forms
_HAN = re.compile(r"[\u3400-\u9fff·•・‧]{2,18}\Z")


def find_echoed(page: Page, ask: Ask) -> Found:
    """Findings for what the page told of people and schools whose class the form does not know, wherever it stands."""
    kinds = _unknown(ask)
    told = _told(page, kinds, ask) if kinds else Identity()
    if not told:
        return Found()
    findings: dict[tuple[int, int, int, str], Finding] = {}
    for line, start, end in _listed(page, ask) if "name" in kinds else ():
        findings[id(line), start, end, "name"] = Finding("name", line.span(start, end), 0.7, "echo", "a name in a list")
    for joint in joints(page.lines, 2):
        for hit in find(told, joint.text, joint.candidates):
            for line, start, end in () if hit.near else joint.pieces(hit.start, hit.end):
                finding = Finding(hit.cls, line.span(start, end), hit.confidence, "echo", "named elsewhere on the page")
                findings.setdefault((id(line), start, end, hit.cls), finding)
    return Found(tuple(findings.values())) + find_stamped(page, told.units)


def _unknown(ask: Ask) -> frozenset[Kind]:
    """The kinds of which anybody's may be covered: all of them with third parties, else those that no form tells."""
    known: tuple[tuple[Kind, tuple[str, ...]], ...] = ("name", ask.identity.names), ("unit", ask.identity.units)
    return frozenset(kind for kind, values in known if ask.third_parties or not values)


def _told(page: Page, kinds: frozenset[Kind], ask: Ask) -> Identity:
    """What labels, lists and, where others are asked for, the tagger name surely."""
    values: dict[Kind, dict[str, None]] = {"name": {}, "unit": {}}
    for kind, text, sure in _values(page, ask):
        shape = _HAN if kind == "name" else SCHOOL
        if kind in kinds and shape.search(text) and (sure or _is_said_again(text, page)):
            values[kind][text] = None
    return Identity(tuple(islice(values["name"], MOST[0])), tuple(islice(values["unit"], MOST[1])))


def _is_said_again(text: str, page: Page) -> bool:
    """Whether what was read unsurely was read so twice, and is no short word."""
    return len(text) >= AGAIN and sum(text in line.text for line in page.lines) > 1


def _values(page: Page, ask: Ask) -> Iterator[tuple[Kind, str, bool]]:
    """(kind, what it says, whether that was read surely)."""
    for kind, line, start, end in labelled(page.lines):
        yield kind, line.text[start:end], _surely(line, start, end)
    for line, start, end in _listed(page, ask):
        yield "name", line.text[start:end], _surely(line, start, end)
    for line in page.lines if ask.third_parties else ():
        for kind, start, end, _ in named_in(line.text):
            yield kind, line.text[start:end], _surely(line, start, end)


def _listed(page: Page, ask: Ask) -> Iterator[tuple[Line, int, int]]:
    for line in page.lines:
        names = dict.fromkeys([*listed_names(line), *(row_of_names(line) if ask.third_parties else ())])
        yield from ((line, start, end) for start, end in names)


def _surely(line: Line, start: int, end: int) -> bool:
    scores = line.scores[start:end]
    return bool(scores) and sum(scores) >= SURE * len(scores)
