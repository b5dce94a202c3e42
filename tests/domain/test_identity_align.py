"""The quick refusals before an alignment never refuse what an alignment would find."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from mangping.identity import search
from mangping.identity.align import Pattern, align, lacking
from mangping.identity.fold import fold

LETTERS = "王主玉芳方库尔勒市第三五中学校"


@given(
    st.text(LETTERS, min_size=2, max_size=9),
    st.text(LETTERS, min_size=1, max_size=16),
    st.integers(0, 2),
    st.integers(0, 8),
    st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=16, max_size=16),
)
def test_what_lacks_characters_has_no_alignment(
    wanted: str, text: str, edits: int, start: int, doubts: list[str]
) -> None:
    read = fold(text, [char + doubt for char, doubt in zip(text, doubts, strict=False)])
    pattern, start = Pattern(wanted, edits), min(start, len(text) - 1)
    low, high = max(0, start - edits), start + len(wanted) + edits
    if lacking(pattern, read, low, high):
        assert align(pattern, read, start) is None


PERSON, WORK = ("王芳", "方玉主"), ("库尔勒市第三中学",)


@given(
    st.text(LETTERS + "末未李，。", min_size=1, max_size=24),
    st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=24, max_size=24),
)
def test_a_form_whose_letters_are_absent_has_no_hit(text: str, doubts: list[str]) -> None:
    read = fold(text, [char + doubt for char, doubt in zip(text, doubts, strict=False)])
    plan = search.plan(PERSON, WORK)
    forms = {id(form): replace(form, letters=frozenset()) for seeded in plan.seeds.values() for form, _ in seeded}
    asked_all = replace(
        plan,
        seeds={char: tuple((forms[id(form)], at) for form, at in seeded) for char, seeded in plan.seeds.items()},
    )
    assert search._forms_in(plan, read) == search._forms_in(asked_all, read)
