"""A person as the register knows them, and what their numbers must look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from mangping.errors import Refused
from mangping.identity.numbers import check_character

_PHONE = re.compile(r"1[3-9]\d{9}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９ＸｘＸ－　", "0123456789XXX- ")


@dataclass(frozen=True, slots=True)
class Person:
    """`account` is the token's subject. What names the person is in clear only in memory, never in `repr`."""

    id: UUID
    account: str
    unit: UUID
    name: str = field(default="", repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)
    id_number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)  # what staff of the unit vouched for


def normal_id_number(text: str, today: date) -> str:
    """18 digits, the last perhaps X (GB 11643); a number of the old 15-digit kind is lengthened. Raises Refused."""
    plain = re.sub(r"[\s-]", "", text.translate(_FULL_WIDTH)).upper()
    if re.fullmatch(r"[1-9]\d{14}", plain):
        longer = plain[:6] + "19" + plain[6:]
        plain = longer + check_character(longer)
    if re.fullmatch(r"[1-9]\d{16}[\dX]", plain) and plain[17] == check_character(plain[:17]):
        try:
            born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
        except ValueError:
            born = today
        if date(1900, 1, 1) <= born < today:
            return plain
    raise Refused("person.id_number", "公民身份号码不正确。", "请对照身份证逐位核对后重新填写。")


def normal_phone(text: str) -> str:
    """A mobile number of the mainland, 11 digits. Raises Refused."""
    plain = re.sub(r"[\s-]", "", text.translate(_FULL_WIDTH)).removeprefix("+86")
    if not _PHONE.fullmatch(plain):
        raise Refused("person.phone", "手机号码不正确。", "请填写11位手机号码。")
    return plain
