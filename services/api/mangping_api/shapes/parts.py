"""Kinds of text and numbers that many shapes share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")]
Maybe = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Count = Annotated[int, Field(ge=0, le=100)]
