"""Numbers of people: what is taken, and as what."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from mangping.errors import Refused
from mangping_api.domain.person import Person, normal_id_number, normal_phone

TODAY = date(2024, 9, 30)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("11010519491231002X", "11010519491231002X"),
        (" 110105 19491231 002x", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
        ("810000199408230021", "810000199408230021"),  # 港澳居民居住证
    ],
)
def test_an_id_number_is_taken_in_its_usual_writings(written: str, read: str) -> None:
    assert normal_id_number(written, TODAY) == read


@pytest.mark.parametrize(
    "wrong", ["", "110105194912310021", "11010519491331002X", "11010520990101001X", "阿", "1101051949123100", "0" * 18]
)
def test_a_wrong_id_number_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        normal_id_number(wrong, TODAY)
    assert (refused.value.code, str(refused.value)) == ("person.id_number", "person.id_number")


@pytest.mark.parametrize("written", ["13800000000", "138 0000 0000", "+86 138-0000-0000", "１３８００００００００"])
def test_a_mobile_number_is_taken_in_its_usual_writings(written: str) -> None:
    assert normal_phone(written) == "13800000000"


@pytest.mark.parametrize("wrong", ["", "2168525", "12800000000", "138000000001"])
def test_another_number_is_no_mobile_number(wrong: str) -> None:
    with pytest.raises(Refused, match=r"^person\.phone$"):
        normal_phone(wrong)


def test_a_person_s_repr_names_no_one() -> None:
    person = Person(UUID(int=1), "sub:1", UUID(int=2), "阿依古丽", ("古丽",), "11010519491231002X", "13800000000")
    assert repr(person) == repr(Person(UUID(int=1), "sub:1", UUID(int=2)))
