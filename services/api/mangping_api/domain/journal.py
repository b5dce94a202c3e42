"""Journals: known by ISSN, CN number and title, however people write them; which papers of a form a list names. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mangping.errors import Refused
from stdnum import issn

Kind = Literal["risk", "core"]
_ISSN = re.compile(r"(?<![\d-])(\d{4})-?(\d{3}[\dX])(?![\dX])")
_CN = re.compile(r"(?:CN)?(\d{2})-(\d{4})(?!\d)")
_CELLS = ("journal", "number", "issn", "cn", "title", "publication")
CORE_WORD = "国家级核心期刊"


@dataclass(frozen=True, slots=True)
class Journal:
    """One line of a list. `reason`: why it is a risk; of core journals which list it stands in."""

    title: str
    issn: str = ""
    cn: str = ""
    reason: str = ""

    def marks(self) -> tuple[str, ...]:
        """All that it is recognised by. Refused when a number is wrong, so that a list is never half useless."""
        found = []
        if self.issn:
            plain = _folded(self.issn)
            if not issn.is_valid(plain):
                raise Refused("journal.issn", "刊物清单中有不正确的ISSN号。", "请核对ISSN号的校验位后重新装载。")
            found.append(f"issn:{issn.compact(plain)}")
        if self.cn:
            if (match := _CN.search(_folded(self.cn))) is None:
                raise Refused("journal.cn", "刊物清单中有不正确的CN号。", "CN号的格式为CN dd-dddd，请核对后重新装载。")
            found.append(f"cn:{match[1]}{match[2]}")
        if title := title_mark(self.title):
            found.append(title)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Paper:
    """A row of the form that names a journal: where it stands (1-based), what it is called, and its journal's marks."""

    label: str
    marks: frozenset[str]
    core: bool


def title_mark(title: str) -> str:
    """《人民教育》(半月刊) and 人民教育 are one journal."""
    plain = re.sub(r"\([^)]*\)", "", _folded(title))
    plain = re.sub(r"[^0-9A-Z\u3400-\u9fff]", "", plain)
    return f"title:{plain}" if plain else ""


def papers(form: Mapping[str, Any]) -> Iterator[Paper]:
    """Every row that names a journal, in whichever list of the form."""
    for key, rows in form.items():
        if not isinstance(rows, list):
            continue
        for number, row in enumerate(rows, start=1):
            cells = [row[name] for name in _CELLS if isinstance(row, dict) and isinstance(row.get(name), str)]
            if isinstance(row, dict) and ("journal" in row or "number" in row or "issn" in row):
                core = any(cell.strip() == CORE_WORD for cell in cells)
                yield Paper(f"{key}:{number}", frozenset(mark for cell in cells for mark in _read(cell)), core)


def named(found: Iterable[Paper], listed: Iterable[str]) -> list[str]:
    """The labels of those papers of which any mark stands in a list."""
    marks = frozenset(listed)
    return [paper.label for paper in found if paper.marks & marks]


def _read(cell: str) -> Iterator[str]:
    plain = _folded(cell)
    for match in _ISSN.finditer(plain):
        if issn.is_valid(match[1] + match[2]):
            yield f"issn:{match[1]}{match[2]}"
    for match in _CN.finditer(plain):
        yield f"cn:{match[1]}{match[2]}"
    if title := title_mark(cell):
        yield title


def _folded(text: str) -> str:
    """Half width, upper case, one kind of dash, no spaces."""
    return re.sub(r"\s+", "", re.sub(r"[‐‑‒–—―−]", "-", unicodedata.normalize("NFKC", text))).upper()
