"""Forms on paper: a Typst template and facts in, a PDF/A-2b out. Same input, same bytes.

Facts reach a template as JSON, so nothing that a person typed is ever read as markup. Templates start with
`#import "office.typ": *` (templates/office.typ), which holds page, fonts and tables of every form.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import segno
import typst


class Untypeset(ValueError):
    """The form cannot be set: most often a character that the embedded font lacks. Somebody must look."""


def pdf(template: str, facts: Mapping[str, Any], *, day: date, images: Mapping[str, bytes] | None = None) -> bytes:
    """A4 pages as PDF/A-2b, dated `day`. `images` are files the template names ("photo.jpg"). Raises Untypeset."""
    parts = {"main.typ": template.encode(), "office.typ": _office(), **(images or {})}
    told = {**facts, "day": [day.year, day.month, day.day]}
    try:
        made = typst.compile(  # type: ignore[call-overload]  # it takes a mapping of files too; its stub forgets that
            parts, font_paths=[_fonts()], ignore_system_fonts=True, pdf_standards="a-2b",
            sys_inputs={"facts": json.dumps(told, ensure_ascii=False, sort_keys=True)},
        )  # fmt: skip
    except typst.TypstError as fault:
        raise Untypeset(str(fault)) from None
    assert isinstance(made, bytes)
    return made


def qr(text: str) -> str:
    """An SVG of a QR code that survives a quarter of it being stained."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="q").save(drawn, kind="svg", xmldecl=False, border=2)
    return drawn.getvalue().decode()


@cache
def _office() -> bytes:
    return files("mangping").joinpath("templates/office.typ").read_bytes()


@cache
def _fonts() -> str:
    return str(files("pylopdf_fonts_zh_cn"))
