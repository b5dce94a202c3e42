"""What may be made to go wrong, set over the control interface and kept through a kill."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Milliseconds = Annotated[int, Field(ge=0, le=3_600_000)]


class Switches(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    # Word of money
    carrier: Literal["socket", "webhook", "both"] = "socket"
    delay_ms: Milliseconds = 0  # each word waits
    jitter_ms: Milliseconds = 0  # and up to so much longer, by chance: words overtake one another
    duplicates: Annotated[int, Field(ge=0, le=20)] = 0  # more copies: the first under the same id, then under new ids
    hold: bool = False  # words are kept until released, in an order of one's choice
    lose: bool = False  # words are never sent
    # Deductions
    fail_deductions: bool = False  # the page's button and the mobile bank say 扣款不成功
    # Answers on the socket
    drop_answers: Annotated[int, Field(ge=0, le=1000)] = 0  # so many questions are carried out, and never answered
    garble_answers: Annotated[int, Field(ge=0, le=1000)] = 0  # so many answers carry a wrong trailer
    slow_answers_ms: Milliseconds = 0
    refuse_units: tuple[str, ...] = ()  # 18012
