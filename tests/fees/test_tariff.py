"""What may be billed, for how much, and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping_fees.domain import tariff
from mangping_fees.storage.tariffs import Tariffs


def bj(*when: int) -> datetime:
    return datetime(*when, tzinfo=BEIJING)  # type: ignore[arg-type,misc]


ON = date(2024, 10, 20)
GL, BZ, AK, KI = "guilin-vice-senior-2024", "bazhou-technical-2024", "aksu-party-school-2024", "korla-initial-2024"


@pytest.fixture(scope="module")
def tariffs() -> Tariffs:
    return Tariffs.shipped()


@pytest.mark.proves("BZ-68", "BZ-69", "GL-91", "KI-35")
@pytest.mark.parametrize(
    ("programme", "kind", "level", "fen"),
    [
        (GL, "评审", "副高级", 38000), (BZ, "评审", "中级", 38000), (BZ, "评审", "初级", 22000),
        (BZ, "初次确定", "初级", 10000), (BZ, "初次确定", "中级", 38000), (BZ, "授予", "中级", 38000),
        (AK, "评审", "高级", 70000), (AK, "评审", "副高级", 70000), (AK, "评审", "中级", 40000),
        (AK, "评审", "初级", 20000), (KI, "初次确定", "初级", 10000),
    ],
)  # fmt: skip
def test_the_charges_of_the_notices(tariffs: Tariffs, programme: str, kind: str, level: str, fen: int) -> None:
    assert tariffs.of(programme).standard("review", kind, level, ON).amount_fen == fen


@pytest.mark.parametrize(
    ("programme", "kind", "level", "on"),
    [
        (GL, "评审", "正高级", ON), (GL, "评审", "副高级", date(2025, 1, 1)), (GL, "评审", "副高级", date(2024, 7, 22)),
        (BZ, "授予", "初级", ON), (KI, "评审", "初级", ON), ("korla-primary-2024", "评审", "初级", ON),
    ],
)  # fmt: skip
def test_what_has_no_approved_standard_cannot_be_billed(
    tariffs: Tariffs, programme: str, kind: str, level: str, on: date
) -> None:
    with pytest.raises(Refused) as refused:
        tariffs.of(programme).standard("review", kind, level, on)
    assert refused.value.code == "fee.no_standard"


@pytest.mark.proves("AK-09", "BZ-07")
@pytest.mark.parametrize(
    ("programme", "received", "end"),
    [
        (GL, bj(2024, 9, 12, 10), bj(2024, 9, 19)),  # the third day is Mid-Autumn, the holiday ends on 17
        (GL, bj(2024, 9, 28, 10), bj(2024, 10, 9)),
        (GL, bj(2024, 9, 9, 23, 59), bj(2024, 9, 13)),
        (BZ, bj(2024, 10, 20), bj(2024, 10, 25)),
        (AK, bj(2024, 9, 1), bj(2024, 9, 16)),
        (KI, bj(2024, 11, 1), bj(2024, 11, 5)),
    ],
)
def test_until_when_there_is_to_pay(tariffs: Tariffs, programme: str, received: datetime, end: datetime) -> None:
    held = tariffs.of(programme)
    found = held.due.deadline(received, held.region)
    assert (found.end, found.rule) == (end, held.due.cite)


def told() -> dict[str, Any]:
    return {
        "programme": "p", "region": "CN", "payer": "applicant",
        "payee": {"division": "450300", "unit_code": "U", "unit_name": "某单位", "pay_code": r"\d{16}"},
        "channels": {"allow": ["qr"], "cite": "X-1", "quote": "q"},
        "due": {"days": 3, "roll": "none", "cite": "X-2", "quote": "q"},
        "valid": {"from": date(2024, 1, 1), "until": date(2025, 1, 1)},
        "standards": [
            {
                "item": "review", "kind": "评审", "level": "中级", "amount_fen": 38000, "project_code": "1",
                "name": "n", "unit": "人·次", "basis": "b", "cite": "X-3", "quote": "q",
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("standards.0", "amount_fen", 380.0), ("standards.0", "amount_fen", 0), ("standards.0", "amount_fen", True),
        ("standards.0", "cite", ""), ("standards.0", "colour", 1), ("due", "roll", "sometimes"), ("due", "days", "3"),
        ("valid", "from", bj(2024, 1, 1)), ("payee", "unit_code", None), ("channels", "allow", ["cash"]),
        ("", "payer", "friend"), ("", "standards", []),
    ],
)  # fmt: skip
def test_a_tariff_that_is_not_exactly_one_is_refused(where: str, key: str, value: object) -> None:
    held: Any = told()
    assert tariff.read(held).payee.unit_code == "U"
    target = held
    for part in filter(None, where.split(".")):
        target = target[int(part)] if part.isdigit() else target[part]
    target[key] = value
    with pytest.raises(ValueError, match=r"\w"):
        tariff.read(held)
