"""What an evaluation answers: findings for people to act on, each with the words of the notice it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mangping.clock import BEIJING, Calendar
from mangping.errors import MangpingError
from mangping.policy.citations import Citation
from mangping.policy.conditions import Answers, Unknown, plain
from mangping.policy.facts import title
from mangping.policy.load import Policy
from mangping.policy.pack import Pack
from mangping.policy.paper import Bringer
from mangping.policy.parts import Act

FILLING: tuple[Act, ...] = ("submit", "resubmit")


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect (or, not blocking, one remark): a stable code, its rules, where, what and what to do, in Chinese."""

    code: str
    rules: tuple[Citation, ...]
    place: str
    message: str
    remedy: str
    blocking: bool = True
    field: str = ""
    trace: tuple[str, ...] = ()

    @property
    def rule_ids(self) -> tuple[str, ...]:
        return tuple(rule.rule for rule in self.rules)

    @property
    def article(self) -> str:
        return "；".join(rule.article for rule in self.rules)

    @property
    def quote(self) -> str:
        return "；".join(rule.quote for rule in self.rules)


class Uncovered(MangpingError):
    """The pack does not answer for this day: an operator loads the right one."""

    def __init__(self, policy: Policy, day: date) -> None:
        line = policy.document.line(("valid",))
        super().__init__(f"{policy.file}:{line}: valid：{day}不在本政策包适用日期之内")
        self.file, self.line, self.key, self.day = policy.file, line, "valid", day


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: may this act be done, on these facts, at this instant."""

    policy: Policy
    act: Act
    facts: Mapping[str, Any]
    now: datetime
    calendar: Calendar | None
    answers: Answers = field(repr=False)

    @classmethod
    def of(
        cls, policy: Policy, act: Act, facts: Mapping[str, Any], now: datetime, calendar: Calendar | None = None
    ) -> Asked:
        """Raises Uncovered outside the pack's days, ValueError for an instant without a zone."""
        if now.tzinfo is None:
            raise ValueError("an instant needs its zone")
        pack, local = policy.pack, now.astimezone(BEIJING)
        if not pack.valid.first <= local.date().isoformat() <= pack.valid.last:
            raise Uncovered(policy, local.date())
        known = plain(facts)
        answers = Answers(known, pack.scales, local, pack.year, act)
        if (years := _years_required(pack, answers)) is not None and "years_required" not in known.get("criteria", {}):
            known = {**known, "criteria": {**known.get("criteria", {}), "years_required": years}}
            answers = Answers(known, pack.scales, local, pack.year, act)
        return cls(policy, act, known, local, calendar, answers)

    @property
    def today(self) -> str:
        return self.now.date().isoformat()

    @property
    def filling(self) -> bool:
        return self.act in FILLING

    @property
    def brings(self) -> Bringer | None:
        """Whose documents this act answers for: the applicant's own when it is handed in, those of the unit when the
        first tier lets it go; None at any other act."""
        if self.filling:
            return "applicant"
        return "unit" if self.act == self.policy.pack.tiers[0].before else None

    def group(self, name: str) -> Mapping[str, Any]:
        found = self.facts.get(name, {})
        return found if isinstance(found, Mapping) else {}

    def instant(self, group: str, name: str) -> datetime | None:
        text = self.group(group).get(name)
        if text is None:
            return None
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return found.astimezone(BEIJING)

    def find(
        self,
        code: str,
        parts: Any,
        place: str,
        message: str,
        remedy: str,
        *,
        blocking: bool = True,
        field: str = "",
        trace: tuple[str, ...] = (),
    ) -> Finding:
        cited = self.policy.cited(*(parts if isinstance(parts, tuple | list) else (parts,)))
        return Finding(code, cited, place, message, remedy, blocking, field, trace)

    def asks(
        self, condition: str | None, part: Any, place: str, then: Callable[[], Iterator[Finding]]
    ) -> Iterator[Finding]:
        """`then` where the condition holds; a missing fact is a finding, never a no."""
        try:
            holds = self.answers.holds(condition)
        except Unknown as unknown:
            yield from self.unknown(unknown.name, part, place)
            return
        if holds:
            yield from then()

    def surely(self, condition: str | None) -> bool:
        """Whether the condition holds; what nobody can tell does not (for telling, never for judging)."""
        try:
            return self.answers.holds(condition)
        except Unknown:
            return False

    def perhaps(self, condition: str | None) -> bool:
        """Whether the condition holds for all that is known; what nobody can tell may."""
        try:
            return self.answers.holds(condition)
        except Unknown:
            return True

    def unknown(self, name: str, part: Any, place: str) -> Iterator[Finding]:
        """A fact nobody stated. A blank that the form's own judge already finds is not told twice."""
        if self.filling and self._found_as_blank(name):
            return
        message = f"缺少“{self._title(name)}”，无法核对" if name else "有关内容填写不合格，无法核对"
        yield self.find("fact.unknown", part, place, message, "请补充后再办理", field=name)

    def _found_as_blank(self, name: str) -> bool:
        """Cells of the form's rows and shown fields: the form's judge asks for every one of them."""
        if name.startswith("form.*."):
            return True
        fields = (one for section in self.policy.pack.form.sections for one in section.fields)
        return any(name == f"form.{one.key}" and self.surely(one.when) for one in fields)

    def _title(self, name: str) -> str:
        group, _, key = name.partition(".")
        if group == "form":
            return self.field_title(key)
        columns = self.policy.pack.materials.columns if group == "materials" else ()
        return next((column.title for column in columns if column.key == key), title(name))

    def field_title(self, key: str) -> str:
        sections = self.policy.pack.form.sections
        return next((one.title for section in sections for one in section.fields if one.key == key), key)


def _years_required(pack: Pack, answers: Answers) -> int | None:
    """By the first criteria that apply and have years for this applicant; None when nobody can tell."""
    try:
        applying = (one for one in pack.criteria if one.years and answers.holds(one.when))
        fitting = (row for one in applying for row in one.years if answers.holds(row.when))
        return next((row.years for row in fitting), None)
    except Unknown:
        return None
