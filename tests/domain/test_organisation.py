"""Unified social credit codes: GB 32100-2015."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.errors import Refused
from mangping_api.domain.organisation import normal_credit_code

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
RIGHT = "91350100M000100Y43"  # the worked example that goes with the standard


@pytest.mark.parametrize("code", [RIGHT, " 91350100m000100y43 "])
def test_a_right_code_is_kept_in_capitals(code: str) -> None:
    assert normal_credit_code(code) == RIGHT


@pytest.mark.parametrize(
    "code", ["", "91350100M000100Y4", "91350100M000100Y44", "9135010OM000100Y43", "\uff191350100M000100Y43"]
)
def test_anything_else_is_refused(code: str) -> None:
    with pytest.raises(Refused) as refused:
        normal_credit_code(code)
    assert refused.value.code == "organisation.credit_code"


@given(st.text(CHARACTERS, min_size=17, max_size=17), st.data())
def test_one_wrong_character_is_always_noticed(first: str, data: st.DataObject) -> None:
    right = [last for last in CHARACTERS if _taken(first + last)]
    assert len(right) == 1
    whole, place = first + right[0], data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from([one for one in CHARACTERS if one != whole[place]]))
    assert _taken(whole[:place] + other + whole[place + 1 :]) is False


def _taken(code: str) -> bool:
    try:
        return normal_credit_code(code) == code
    except Refused:
        return False
