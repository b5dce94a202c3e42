"""What flows through the pipeline: a Page, the Lines read on it, the Findings made on it, its Rendition. All frozen.

Frames. *Source* pixels are those a viewer shows (EXIF turn applied, PDF page rendered). *Upright* pixels are the source
turned by quarter turns only: same scale, nothing warped. Everything inside the pipeline is upright; `Page.to_source`
takes a polygon back. Polygons are float32 arrays (n, 2) of x, y with pixel centres at .5 (a full page is 0..width, 0..height).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from mangping.identity import Identity
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mangping_redaction.copies import Copies
    from mangping_redaction.readers.line import Line

Polygon = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Asked = Literal[
    "name", "unit", "id_number", "phone", "seal", "face", "eyes", "qrcode", "barcode", "signature", "fingerprint"
]  # fmt: skip
Class = Literal[Asked, "unreadable"]
CLASSES: tuple[Asked, ...] = get_args(Asked)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box that the applicant drew or took away; `polygon` is ((x, y), ...) in source pixels of that page."""

    page: int
    cls: Class
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What one redaction is asked to do: whose identity, which classes, whether other people are covered too, and what
    the applicant drew and took away by hand."""

    identity: Identity = field(default_factory=Identity)
    classes: frozenset[str] = frozenset(CLASSES)
    third_parties: bool = False
    drawn: tuple[Drawn, ...] = ()
    removed: tuple[Drawn, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One thing that could tell who the applicant is.

    `covered` is False for what is only reported (another person's name, a face when only eyes must go).
    `why` is a short English phrase that never repeats the text found.
    """

    cls: Class
    polygon: Polygon
    confidence: float
    finder: str
    why: str
    covered: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A finder's answer: its findings, and stable reason codes for what only a human can settle."""

    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()

    def __add__(self, other: Found) -> Found:
        return Found(self.findings + other.findings, self.doubts + other.doubts)


@dataclass(frozen=True, slots=True)
class Clarity:
    """Whether a person could read the page; `reasons` are codes, `measures` the numbers that decided (unit in the key)."""

    clear: bool
    reasons: tuple[str, ...] = ()
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One upright page on its way through the stages."""

    pixels: Pixels  # (height, width, 3) uint8 BGR, upright
    number: int = 1  # page of its source, from 1
    turn: int = 0  # quarter turns, counter-clockwise, that np.rot90 made from source to upright
    skew_degrees: float = 0.0  # clockwise-positive angle of the text lines; measured, never undone
    dpi: float = 200.0  # estimate: sizes in millimetres need one
    clarity: Clarity = Clarity(True)
    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    ms: dict[str, float] = field(default_factory=dict)
    of: int = 1  # how many pages its source has
    kept: Copies | None = field(default=None, repr=False)  # see `copies`

    def __post_init__(self) -> None:
        from mangping_redaction.copies import Copies  # cv2 is for those alone who hold a page

        if self.kept is None or self.kept.pixels is not self.pixels:
            object.__setattr__(self, "kept", Copies(self.pixels))

    @property
    def copies(self) -> Copies:
        """Cheaper copies of these very pixels."""
        assert self.kept is not None  # since __post_init__
        return self.kept

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright page."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def to_source(self, polygon: Polygon) -> Polygon:
        """The polygon in source pixels: the quarter turns undone."""
        return unturned(polygon, self.turn, *self.size)

    def from_source(self, polygon: Polygon) -> Polygon:
        """The inverse of `to_source`."""
        width, height = self.size
        return unturned(polygon, -self.turn, *((width, height) if self.turn % 2 == 0 else (height, width)))

    def add(self, found: Found) -> Page:
        return replace(self, findings=self.findings + found.findings, doubts=self.doubts + found.doubts)


@dataclass(frozen=True, slots=True)
class Rendition:
    """One page, done: the encoded upright rendition and its JSON-able record (all of a findings line but the file names)."""

    page: int
    image: bytes
    record: dict[str, Any]


def unturned(points: Polygon, turn: int, width: float, height: float) -> Polygon:
    """Points of a picture, of this width and height after `turn` quarter turns (np.rot90), in the picture as it was
    before."""
    x, y = points[:, 0], points[:, 1]
    match turn % 4:
        case 1:
            x, y = height - y, x
        case 2:
            x, y = width - x, height - y
        case 3:
            x, y = y, width - x
    return np.stack([x, y], axis=1).astype(np.float32)


def quad(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """The axis-aligned rectangle as a polygon, clockwise from the top left."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float32)
