"""An organisation: a unit, a bureau, a committee's office. They form a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from mangping.errors import Refused

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z (GB 32100)


@dataclass(frozen=True, slots=True)
class Organisation:
    """`line` are the ids from the root down to this one. `former_names` are covered on scans like the present name."""

    id: UUID
    line: tuple[UUID, ...]
    name: str
    former_names: tuple[str, ...]
    kind: str
    region: str
    facts: Mapping[str, Any] = field(default_factory=dict)  # what packs ask of a unit

    @property
    def parent(self) -> UUID | None:
        return self.line[-2] if len(self.line) > 1 else None


def normal_credit_code(text: str) -> str:
    """A unified social credit code (统一社会信用代码): 18 characters, the last one the check character of the others
    (GB 32100-2015). Raises Refused."""
    plain = "".join(text.split()).upper()
    if len(plain) == 18 and set(plain) <= set(_CREDIT):
        total = sum(_CREDIT.index(one) * pow(3, place, 31) for place, one in enumerate(plain[:17]))
        if plain[17] == _CREDIT[-total % 31]:
            return plain
    message, remedy = "统一社会信用代码不正确。", "请对照单位的登记证书，逐位核对18位代码。"
    raise Refused("organisation.credit_code", message, remedy)
