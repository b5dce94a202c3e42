"""What every shape of the API shares: what is sent, what is answered, a sum, a cursor, a problem. No shape has a field for a
person."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fen = Annotated[int, Field(description="fen (1/100 yuan)")]
Next = Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class Problem(Out):
    """RFC 9457. `code` is stable; `title` and `remedy` are Chinese, for people."""

    type: str
    title: str
    status: int
    code: str
    remedy: str
    request_id: str
    errors: tuple[dict[str, str], ...] = ()
