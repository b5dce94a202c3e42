"""The applicant's own numbers in text: grouped, starred, shortened, misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.identity import Identity, find
from mangping.identity.numbers import check_character

NUMBER, PHONE = "650196198001175810", "13800138000"
WHO = Identity(id_numbers=(NUMBER,), phones=(PHONE,))


def covered(text: str) -> list[str]:
    return [text[h.start : h.end] for h in find(WHO, text) if not h.near]


@pytest.mark.parametrize(
    "said",
    [
        "650196198001175810", "650196 1980 0117 5810", "650196-19800117-5810", "6 5 0 1 9 6 1 9 8 0 0 1 1 7 5 8 1 0",
        "65019619800\n1175810",
        "650196800117581", "650196********5810", "6501****5810", "6501961980****5810", "65O196I98OO117581O",
        "６５０１９６１９８００１１７５８１０",
        "650196198001176810", "65019619801175810", "650196198001177710", "13800138000", "138-0013-8000",
        "138 0013 8000", "138****8000", "13800138001",
    ],
)  # fmt: skip
def test_is_covered(said: str) -> None:
    assert covered(f"号码:{said}。") == [said]


@pytest.mark.parametrize(
    "text",
    [
        "2020年1月17日",
        "证书编号20200117",
        "410195198409036598",
        "13900139000",
        "650196********1111",
        "金额 13800.00 元",
        "139****9000",
    ],
)
def test_stays_readable(text: str) -> None:
    assert covered(text) == []


def test_a_country_code_stays() -> None:
    assert covered("+86 138 0013 8000") == ["138 0013 8000"]


def test_fifteen_digits_lead_to_eighteen() -> None:
    old = "650196800117581"
    new = old[:6] + "19" + old[6:]
    new += check_character(new)
    assert [h.cls for h in find(Identity(id_numbers=(old,)), f"身份证{new}")] == ["id_number"]


@pytest.mark.parametrize("mark", ["X", "x", "×", "Ｘ"])
def test_a_check_character_in_every_shape(mark: str) -> None:
    hits = find(Identity(id_numbers=("61019819730308902X",)), f"61019819730308902{mark}")
    assert [(h.start, h.end) for h in hits] == [(0, 18)]


@given(st.lists(st.integers(0, 17), min_size=1, max_size=3, unique=True), st.data())
def test_three_misread_digits_still_tell(places: list[int], data: st.DataObject) -> None:
    said = list(NUMBER)
    for place in places:
        said[place] = data.draw(st.sampled_from(sorted(set("0123456789") - {said[place]})))
    assert [(h.start, h.end) for h in find(WHO, "".join(said)) if h.cls == "id_number"] == [(0, 18)]
