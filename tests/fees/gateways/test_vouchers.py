"""Fields mean what the tables say: exact fen, Beijing instants, channels; what means nothing is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.gateways.base import BillItem, BillOrder, Payer
from mangping_fees.gateways.vouchers import PAY_MODES, FieldRefused, bill, confirmation, confirmed

WORD = Confirmation(
    "K:1", "450300", "45030024300000000001", "202409100000000001", 38000, Channel.QR,
    datetime(2024, 9, 10, 23, 59, 59, tzinfo=BEIJING), "450300072001",
)  # fmt: skip
ORDER = BillOrder(
    "450300", 2024, "N1", date(2024, 9, 10), "450300072001", "收费单位",
    (BillItem("103042750101", "职称评审费", 38000, 1, "人·次", "副高级"),), 38000, Payer("申报人", "13900000000"),
)  # fmt: skip


def read(fields: dict[str, str]) -> Confirmation:
    return confirmation(fields, event_id="K:1", region_code="450300", modes=PAY_MODES)


@given(
    st.integers(1, 10**14),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(Channel),
)
def test_a_confirmation_comes_back_to_the_fen_and_the_second(fen: int, at: datetime, channel: Channel) -> None:
    word = replace(WORD, amount_fen=fen, paid_at=at.replace(microsecond=0), channel=channel)
    assert read(dict(confirmed(word))) == word


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Amt", ""), ("Amt", "0.00"), ("Amt", "-380.00"), ("Amt", "380.005"), ("Amt", "3.8e2"), ("Amt", "３８０"),
        ("Amt", "380,00"), ("Amt", "NaN"), ("Amt", "99999999999999.00"), ("PayCode", ""), ("PayCode", "a b"),
        ("TraNoBus", ""), ("TraNoBus", "x" * 65), ("CfmDate", "20240931"), ("CfmDate", "2024091"), ("CfmDate", ""),
        ("CfmTime", "246000"), ("CfmTime", "1212"),
    ],
)  # fmt: skip
def test_a_field_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        read({**confirmed(WORD), name: value})
    assert refused.value.field == ("CfmDate" if name == "CfmTime" else name)


def test_a_way_of_paying_that_nobody_knows_is_a_transfer() -> None:
    assert read({**confirmed(WORD), "PayMode": "77"}).channel is Channel.TRANSFER


def test_dates_with_marks_and_padding_are_read() -> None:
    told = {**confirmed(WORD), "CfmDate": " 2024-09-10 ", "CfmTime": "23:59:59", "Amt": " 380.00\n"}
    assert read(told) == WORD


def test_a_bill_has_the_fields_of_the_table() -> None:
    until = datetime(2024, 9, 13, 16, tzinfo=UTC)
    fields = bill(replace(ORDER, effective_until=until))
    assert fields == {
        "AdmDivCode": "450300", "SetYear": "2024", "PayNo": "N1", "PayCode": "", "BillDate": "20240910",
        "ChgAgenCode": "450300072001", "ChgAgenName": "收费单位", "PayerName": "申报人", "PayerAcct": "",
        "PayerOpBk": "", "Amt": "380.00", "OriAmt": "380.00", "DelayAmt": "0.00", "PayStats": "0",
        "RecAcctType": "1", "RecName": "", "RecAcct": "", "RecOpBk": "", "IsInterBank": "0",
        "PayInfo": "103042750101|职称评审费|380.00|人·次|1||副高级", "Memo": "", "CrcCode": "",
        "MobilePhone": "13900000000", "PayerCreditCode": "", "IsAutoMake": "0", "EffDate": "20240914000000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (replace(ORDER, amount_fen=37999), "Amt"),
        (replace(ORDER, payer=Payer("申" * 101)), "PayerName"),
        (replace(ORDER, payer=Payer("申\x00报")), "PayerName"),
        (replace(ORDER, bill_no="N" * 21), "PayNo"),
        (replace(ORDER, items=(replace(ORDER.items[0], name="职称|评审"),)), "PayInfo"),
        (replace(ORDER, items=(replace(ORDER.items[0], name="职" * 500),)), "PayInfo"),
    ],
)
def test_a_bill_that_the_wire_cannot_carry_is_refused_by_name(order: BillOrder, field: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        bill(order)
    assert refused.value.field == field
    assert "申" not in str(refused.value)
