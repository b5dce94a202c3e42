"""out/demo/before-after.jpg: the two richest verified pages, original beside rendition, for those who only glance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from bench.generator.fonts import font
from deploy.local.report import Shown

CELL, GAP, TITLE = (690, 470), 16, 40  # pixels
GROUND, INK = "#eceff3", "#1f2733"


def richest(pages: Sequence[Shown], count: int) -> list[Shown]:
    """Verified pages of different kinds, those with a face and then those with most classes covered first."""
    kinds: dict[str, Shown] = {}
    for page in sorted(pages, key=_classes, reverse=True):
        if page.before and page.after and page.record and page.record["verified"]:
            kinds.setdefault(page.title, page)
    return list(kinds.values())[:count]


def draw(folder: Path, pages: Sequence[Shown], file: Path) -> None:
    """One row a page; paths in `pages` are relative to `folder`. Nothing is written when there is no page to show."""
    rows = richest(pages, 2)
    if not rows:
        return
    width = 2 * CELL[0] + 3 * GAP
    sheet = Image.new("RGB", (width, TITLE + len(rows) * (CELL[1] + GAP)), GROUND)
    pen = ImageDraw.Draw(sheet)
    for column, title in enumerate(("原件", "遮盖件")):
        pen.text((GAP + column * (CELL[0] + GAP), 8), title, font=font("hei", 22), fill=INK)
    for row, page in enumerate(rows):
        for column, path in enumerate((page.before, page.after)):
            assert path is not None
            with Image.open(folder / path) as picture:
                fitted = ImageOps.contain(
                    ImageOps.exif_transpose(picture).convert("RGB"), CELL, Image.Resampling.LANCZOS
                )
            left = GAP + column * (CELL[0] + GAP) + (CELL[0] - fitted.width) // 2
            sheet.paste(fitted, (left, TITLE + row * (CELL[1] + GAP) + (CELL[1] - fitted.height) // 2))
    sheet.save(file, quality=80, optimize=True)


def _classes(page: Shown) -> tuple[bool, int]:
    findings = page.record["findings"] if page.record else ()
    classes = {finding["class"] for finding in findings if finding["covered"]}
    return "eyes" in classes, len(classes)
