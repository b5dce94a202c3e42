"""A page being drawn, in millimetres, that remembers where whatever must be covered or spared was put.

Truth is kept as polygons of the ink itself, in page pixels (corners: a whole page is 0..width, 0..height).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.generator.fonts import font

Colour = tuple[int, int, int]
Points = NDArray[np.float32]
Alpha = NDArray[np.float32]  # (height, width) of 0..1
INK: Colour = (28, 28, 32)
NO_LINE_START = frozenset("，。、；：！？）》」”…")


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one kind. `cls` is a truth class, `near:kind` for what must stay readable, or nothing."""

    text: str
    cls: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One truth region."""

    cls: str
    outline: Points
    text: str = ""
    variant: str = ""


@dataclass(slots=True, eq=False)
class Canvas:
    """A page of `width` x `height` millimetres at `dpi`; coordinates and lengths are millimetres from the top left."""

    width: float
    height: float
    dpi: float
    paper: Colour = (253, 252, 249)
    face: str = "song"
    image: Image.Image = field(init=False)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.px(self.width), self.px(self.height)), self.paper)

    def px(self, mm: float) -> int:
        return round(mm * self.dpi / 25.4)

    def line(self, points: Iterable[tuple[float, float]], width: float = 0.3, colour: Colour = INK) -> None:
        path = [(self.px(x), self.px(y)) for x, y in points]
        ImageDraw.Draw(self.image).line(path, fill=colour, width=max(1, self.px(width)))

    def frame(self, x: float, y: float, w: float, h: float, width: float = 0.3, colour: Colour = INK) -> None:
        self.line([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], width, colour)

    def measure(self, text: str, points: float, face: str = "") -> float:
        """Millimetres that text takes."""
        return float(font(face or self.face, self._em(points)).getlength(text)) * 25.4 / self.dpi

    def write(
        self, x: float, y: float, runs: Sequence[Run] | str, points: float = 12, *, face: str = "",
        colour: Colour = INK, bold: bool = False, gap: float = 0.0, centre: bool = False,
    ) -> float:  # fmt: skip
        """One line with its baseline at y; returns where it ends. `gap`: extra space after a character."""
        runs = [Run(runs)] if isinstance(runs, str) else list(runs)
        if centre:
            text = "".join(run.text for run in runs)
            x -= (self.measure(text, points, face) + gap * (len(text) - 1)) / 2
        for run in runs:
            x = self._put(x, y, run, points, face, colour, bold, gap)
        return x

    def flow(
        self, x: float, y: float, width: float, runs: Sequence[Run], points: float = 12, *, leading: float = 1.75,
        indent: float = 2.0, face: str = "", colour: Colour = INK,
    ) -> float:  # fmt: skip
        """A paragraph from baseline y, broken at `width`; returns the baseline after it. `indent` in characters."""
        em = points * 25.4 / 72
        at = x + indent * em
        for run in runs:
            piece = ""
            for token in _tokens(run.text):
                ahead = self.measure(piece + token, points, face)
                if at + ahead > x + width and token not in NO_LINE_START:
                    self._put(at, y, Run(piece, run.cls, run.variant), points, face, colour)
                    piece, at, y = "", x, y + leading * em
                piece += token
            at = self._put(at, y, Run(piece, run.cls, run.variant), points, face, colour)
        return y + leading * em

    def stamp(self, x: float, y: float, alpha: Alpha, colour: Colour) -> None:
        """Multiply ink onto the page with its top left at x, y; what falls off the page is lost."""
        left, top = self.px(x), self.px(y)
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.image.width, left + alpha.shape[1]), min(self.image.height, top + alpha.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        paper = np.asarray(self.image.crop((x0, y0, x1, y1)), np.float32)
        part = alpha[y0 - top : y1 - top, x0 - left : x1 - left, None]
        inked = paper * (1 - part * (1 - np.array(colour, np.float32) / 255))
        self.image.paste(Image.fromarray(inked.astype(np.uint8)), (x0, y0))

    def paste(self, x: float, y: float, picture: Image.Image) -> None:
        self.image.paste(picture, (self.px(x), self.px(y)))

    def mark(self, cls: str, outline: Points, text: str = "", variant: str = "") -> None:
        """Remember a region given in page pixels; its part off the page is cut away."""
        kept = np.clip(outline, 0, (self.image.width, self.image.height)).astype(np.float32)
        self.marks.append(Mark(cls, kept, text, variant))

    def _em(self, points: float) -> int:
        return max(4, round(points / 72 * self.dpi))

    def _put(
        self,
        x: float,
        y: float,
        run: Run,
        points: float,
        face: str,
        colour: Colour,
        bold: bool = False,
        gap: float = 0.0,
    ) -> float:
        """Draw one run on one line, remember where its ink went, return where it ends."""
        letters, draw = font(face or self.face, self._em(points)), ImageDraw.Draw(self.image)
        stroke = max(1, round(self._em(points) / 40)) if bold else 0
        pieces = run.text if gap else [run.text]
        boxes = []
        for piece in pieces:
            at = (self.px(x), self.px(y))
            if piece.strip():
                draw.text(at, piece, fill=colour, font=letters, anchor="ls", stroke_width=stroke, stroke_fill=colour)
                boxes.append(draw.textbbox(at, piece, font=letters, anchor="ls", stroke_width=stroke))
            x += self.measure(piece, points, face) + gap
        if run.cls and boxes:
            x0, y0 = min(box[0] for box in boxes) - 0.5, min(box[1] for box in boxes) - 0.5
            x1, y1 = max(box[2] for box in boxes) + 0.5, max(box[3] for box in boxes) + 0.5
            self.mark(run.cls, rectangle(x0, y0, x1, y1), run.text.strip(), run.variant)
        return x


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Points:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def _tokens(text: str) -> Iterable[str]:
    """Where a line may break: after every wide character, between words of narrow ones."""
    word = ""
    for letter in text:
        if unicodedata.east_asian_width(letter) in "WF" or letter == " ":
            yield from filter(None, (word, letter))
            word = ""
        else:
            word += letter
    if word:
        yield word
