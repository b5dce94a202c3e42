"""Journals are recognised however people write them, and only then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping_api.domain.journal import Journal, named, papers, title_mark
from stdnum import issn

TITLES = st.text("教育研究学报前沿新疆广西ABC", min_size=1, max_size=12)


@given(TITLES)
def test_brackets_spaces_width_and_remarks_make_no_other_journal(title: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "A" <= c <= "Z" else c for c in title)
    written = [f"《{title}》", f"{title}（半月刊）", " ".join(title), wide, title.lower()]
    assert {title_mark(one) for one in written} == {title_mark(title)}


@given(st.integers(0, 9_999_999))
def test_an_issn_is_found_in_running_text_and_a_wrong_check_digit_is_not(number: int) -> None:
    seven = f"{number:07}"
    right = seven + issn.calc_check_digit(seven)
    wrong = seven + ("0" if right[-1] != "0" else "1")
    listed = Journal("x", issn=right).marks()
    found = {
        text: [*named(papers({"papers": [{"number": text}]}), [listed[0]])]
        for text in (f"ISSN {right[:4]}-{right[4:]}", f"issn{right}，2023年第3期", f"ISSN {wrong[:4]}-{wrong[4:]}")
    }
    assert list(found.values()) == [["papers:1"], ["papers:1"], []]


@pytest.mark.parametrize("text", ["CN 45-1234/G4", "CN45-1234", "（CN45－1234/G4）", "45-1234"])
def test_a_cn_number_is_found_with_and_without_its_class(text: str) -> None:
    assert named(papers({"papers": [{"journal": text}]}), Journal("x", cn="CN 45-1234/G4").marks()[:1]) == ["papers:1"]


def test_only_rows_that_name_a_journal_are_papers_and_core_ones_are_known() -> None:
    form = {
        "papers": [{"what": "甲", "number": "ISSN 0000-0019", "journal": "国家级核心期刊"}, {"what": "乙", "journal": "某学报"}],
        "history": [{"since": "2009-09", "where": "某学报"}], "awards": "某学报",
    }  # fmt: skip
    assert [(paper.label, paper.core) for paper in papers(form)] == [("papers:1", True), ("papers:2", False)]
