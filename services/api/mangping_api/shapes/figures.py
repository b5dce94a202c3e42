"""What a pack says in figures and words, as it is got: deadlines with their trace, fee, bans, offices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from mangping.clock import Deadline
from mangping.policy import Citation, Figure
from pydantic import Field

from mangping_api.wire import Out

Trace = Annotated[tuple[str, ...], Field(description="how it was counted, step by step")]
RawEnd = Annotated[datetime, Field(description="before it was put off past days off")]


class RuleOut(Out):
    rule: str
    article: str
    quote: str

    @classmethod
    def of(cls, rule: Citation) -> RuleOut:
        return cls(rule=rule.rule, article=rule.article, quote=rule.quote)


class CountedOut(Out):
    """Ends are exclusive instants: 24:00 of a day is 00:00 of the next."""

    started_at: datetime
    raw_end: RawEnd
    end: datetime
    trace: Trace

    @classmethod
    def of(cls, counted: Deadline) -> CountedOut:
        started_at, raw_end, end = (
            at.astimezone(UTC) for at in (counted.started_at, counted.raw_end, counted.end)
        )  # as every instant of the API
        return cls(started_at=started_at, raw_end=raw_end, end=end, trace=counted.trace)


class FigureOut(Out):
    """One value as people read it, with the rules it stands on; `deadline` where it was counted."""

    key: str
    title: str
    value: str
    rules: tuple[RuleOut, ...]
    deadline: CountedOut | None

    @classmethod
    def of(cls, figure: Figure) -> FigureOut:
        return cls(
            key=figure.key, title=figure.title, value=figure.value, rules=tuple(map(RuleOut.of, figure.rules)),
            deadline=CountedOut.of(figure.deadline) if figure.deadline else None,
        )  # fmt: skip


class FiguresOut(Out):
    items: tuple[FigureOut, ...]

    @classmethod
    def of(cls, figures: tuple[Figure, ...]) -> FiguresOut:
        return cls(items=tuple(map(FigureOut.of, figures)))
