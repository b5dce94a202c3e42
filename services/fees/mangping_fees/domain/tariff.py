"""What a notice charges: dated and cited standards by item, kind and level, and how long there is to pay.

Read from data: an unknown or missing key is an error that names it, never a default, and never a zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from mangping.clock import BEIJING, DAY, Deadline, Roll, Unscheduled, after_days, at
from mangping.errors import Refused

from mangping_fees.domain.payment import Channel


@dataclass(frozen=True, slots=True)
class Payee:
    """Who collects. `division` is 行政区划, `pay_code` the form that this province's codes have (they stay opaque)."""

    division: str
    unit_code: str
    unit_name: str
    pay_code: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Due:
    """Either N 日 after receipt, or a printed window whose last day ends at 24:00 and is not put off.

    `quote` and `lapse` are the notice's own words: how long there is, and what becomes of who does not pay.
    """

    cite: str
    quote: str = ""
    lapse: str = ""
    days: int | None = None
    roll: Roll = "off_days"
    opens: date | None = None
    last_day: date | None = None

    def deadline(self, started_at: datetime, region: str) -> Deadline:
        """The end. `started_at` is the receipt where the period is relative, and ignored where it is printed.

        Raises Unscheduled for a period whose days nobody can count yet; a printed end stands whatever the calendar says.
        """
        if self.days is not None:
            return after_days(started_at, self.days, rule=self.cite, region=region, roll=self.roll)
        assert self.last_day is not None
        try:
            return at(self.last_day, rule=self.cite, region=region)
        except Unscheduled as unknown:
            end = datetime.combine(self.last_day + DAY, time(0), BEIJING)
            words = (
                f"通知载明截止{self.last_day:%Y-%m-%d}24:00",
                f"{unknown.year}年放假安排尚未公布，印明的截止不受影响",
            )
            return Deadline(self.cite, end, end, end, "", words)

    @property
    def relative(self) -> bool:
        return self.days is not None

    def opening(self) -> datetime | None:
        return datetime.combine(self.opens, time(0), BEIJING) if self.opens else None


@dataclass(frozen=True, slots=True)
class Standard:
    """One approved charge. `also` names levels that the same standard covers."""

    item: str
    kind: str
    level: str
    amount_fen: int
    project_code: str
    name: str
    unit: str
    basis: str
    cite: str
    also: tuple[str, ...] = ()

    def covers(self, item: str, kind: str, level: str) -> bool:
        return (item, kind) == (self.item, self.kind) and level in (self.level, *self.also)


@dataclass(frozen=True, slots=True)
class Tariff:
    programme: str
    region: str  # of the calendar
    payee: Payee
    payer: Literal["applicant", "unit"]
    channels: frozenset[Channel]
    due: Due
    valid_from: date
    valid_until: date  # exclusive
    standards: tuple[Standard, ...]

    def standard(self, item: str, kind: str, level: str, on: date) -> Standard:
        """The approved charge on this day. Refused when there is none: what has no standard cannot be billed."""
        found = [standard for standard in self.standards if standard.covers(item, kind, level)]
        if not found or not self.valid_from <= on < self.valid_until:
            raise Refused("fee.no_standard", "该申报类型和级别没有经批准的收费标准。", "请联系评审办公室核对收费标准。")
        return found[0]


def read(told: Mapping[str, Any]) -> Tariff:
    """From the mapping a YAML file holds. ValueError naming the key at fault."""
    top = _exactly(
        told, {"programme", "region", "payee", "payer", "channels", "due", "valid", "standards"}, where="tariff"
    )
    payee = _exactly(top["payee"], {"division", "unit_code", "unit_name", "pay_code"}, where="payee")
    valid = _exactly(top["valid"], {"from", "until"}, where="valid")
    channels = _exactly(top["channels"], {"allow", "cite", "quote"}, where="channels")
    if top["payer"] not in ("applicant", "unit"):
        raise ValueError("payer: applicant or unit")
    standards = tuple(_standard(one) for one in top["standards"])
    _no_two_cover_the_same(standards)
    return Tariff(
        _text(top, "programme"), _text(top, "region"),
        Payee(
            _text(payee, "division"), _text(payee, "unit_code"), _text(payee, "unit_name"),
            re.compile(_text(payee, "pay_code")),
        ),
        top["payer"], frozenset(Channel(name) for name in channels["allow"]), _due(top["due"]),
        _is(valid, "from", date), _is(valid, "until", date), standards,
    )  # fmt: skip


def _due(told: Mapping[str, Any]) -> Due:
    if "days" in told:
        held = _exactly(told, {"days", "roll", "cite", "quote"}, {"lapse"}, where="due")
        if held["roll"] not in ("off_days", "statutory_only", "none"):
            raise ValueError("due.roll: off_days, statutory_only or none")
        return Due(*_words(held), days=_is(held, "days", int), roll=held["roll"])
    held = _exactly(told, {"last_day", "cite", "quote"}, {"opens", "lapse"}, where="due")
    opens = _is(held, "opens", date) if "opens" in held else None
    return Due(*_words(held), opens=opens, last_day=_is(held, "last_day", date))


def _words(held: Mapping[str, Any]) -> tuple[str, str, str]:
    lapse = _exactly(held["lapse"], {"cite", "quote"}, where="due.lapse") if "lapse" in held else {"quote": ""}
    return _text(held, "cite"), _text(held, "quote"), lapse["quote"]


def _standard(told: Mapping[str, Any]) -> Standard:
    needed = {"item", "kind", "level", "amount_fen", "project_code", "name", "unit", "basis", "cite", "quote"}
    held = _exactly(told, needed, {"also"}, where="standards")
    amount: int = _is(held, "amount_fen", int)
    if not 0 < amount < 10**9:
        raise ValueError("amount_fen: a whole number of fen above zero")
    return Standard(
        _text(held, "item"), _text(held, "kind"), _text(held, "level"), amount, _text(held, "project_code"),
        _text(held, "name"), _text(held, "unit"), _text(held, "basis"), _text(held, "cite"),
        tuple(held.get("also", ())),
    )  # fmt: skip


def _no_two_cover_the_same(standards: tuple[Standard, ...]) -> None:
    covered = [(one.item, one.kind, level) for one in standards for level in (one.level, *one.also)]
    if len(set(covered)) != len(covered) or not covered:
        raise ValueError("standards: each item, kind and level has exactly one standard")


def _exactly(told: Any, needed: Collection[str], optional: Collection[str] = (), *, where: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise ValueError(f"{where}: a mapping is needed")
    unknown, missing = set(told) - set(needed) - set(optional), set(needed) - set(told)
    if unknown or missing:
        raise ValueError(f"{where}: unknown {sorted(map(str, unknown))}, missing {sorted(missing)}")
    return told


def _is(told: Mapping[str, Any], key: str, kind: Callable[..., Any]) -> Any:
    """Of exactly this type: a bool is no int, an instant is no date."""
    if type(told[key]) is not kind:
        raise ValueError(f"{key}: has the wrong type")
    return told[key]


def _text(told: Mapping[str, Any], key: str) -> str:
    found: str = _is(told, key, str)
    if not found:
        raise ValueError(f"{key}: is empty")
    return found
