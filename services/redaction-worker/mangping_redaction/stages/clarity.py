"""Could a person read this page comfortably? Physical measures of the print, tempered by how well it was read.

Every verdict carries its measure and the limit it was held against. Limits lie between what people read without effort
(blur up to 0.08 characters, contrast from 100 grey levels, 10 pixels a character) and what they cannot (0.16, 10, 4).
Where the reader did well the limits give way a little, where it failed they tighten.
"""

from __future__ import annotations

import numpy as np

from mangping_redaction.page import Clarity, Page
from mangping_redaction.stages import clarity_page, clarity_text
from mangping_redaction.stages.straighten import reduced

BLUR = 0.125  # sigma of the edges, in characters, as measured: about a tenth more than the optics did
MOTION = 0.145  # the same in the worst direction, where the best one is much sharper
DIRECTED = 1.6  # worst against best direction: beyond it the blur is motion
PICTURE_BLUR = 0.1  # the same without a line to measure: at the sharpest spot of the page
CONTRAST = 26.0  # grey levels between paper and strokes as they appear
EM = 9.0  # pixels a character
GLARE = 0.008  # of the page
FADING, FADING_SHARE = 1.5, 0.05  # lines that fade into white paper: two, or so many of all
CUT, CUT_SHARE = 2.5, 0.3  # lines that run off one edge: three, or on a page of few lines two
BODY_INCHES = 1 / 6  # 12 pt: what a character measures where none could be read
UNREAD = 0.5  # mean reading score below which the lines' own size is not to be trusted
# Where so few lines were found, and read so well, what is larger than so many body sizes is a headline: the rest may be too
# blurred to be found.
FEW, WELL, HEADLINE = 4, 0.8, 2.5
BLANK, FAINT = 8.0, 30.0  # grey levels over the whole page
FILLED = 0.05  # share of tiles that hold something on a page with a picture
REASONS = {  # measure: (reason, +1 when more is worse)
    "blur_ratio": ("blurred", 1),
    "motion_ratio": ("motion", 1),
    "contrast_levels": ("low_contrast", -1),
    "page_contrast_levels": ("low_contrast", -1),
    "page_blur_ratio": ("blurred", 1),
    "character_px": ("low_resolution", -1),
    "glare_share": ("glare", 1),
    "fading_lines": ("glare", 1),
    "cut_lines": ("cut_off", 1),
    "blank_levels": ("blank", -1),
}


def judge(page: Page) -> Clarity:
    """The verdict on an upright page whose lines were read; its reasons are those in REASONS."""
    reading = _reading(page)
    body = BODY_INCHES * page.dpi
    largest = HEADLINE * body if len(page.lines) <= FEW and reading > WELL else np.inf
    seen = clarity_text.measure(page.pixels, page.lines, body if reading < UNREAD else largest)
    if seen is None:
        return _without_lines(page, body)
    ease = _ease(reading)
    # Where no direction is sharp it is blur: text that ran together into bands has a direction of its own.
    directed = DIRECTED * max(seen.sharp, 0.02) < seen.soft and seen.sharp < BLUR * ease
    found = {
        "motion_ratio" if directed else "blur_ratio": (seen.soft, (MOTION if directed else BLUR) * ease),
        "contrast_levels": (seen.contrast, CONTRAST / ease),
        "character_px": (seen.em, EM / ease),
        "glare_share": (clarity_page.glare(page.pixels, page.lines), GLARE),
        "fading_lines": (
            clarity_page.fading_lines(page.pixels, page.lines),
            max(FADING, FADING_SHARE * len(page.lines)),
        ),
        "cut_lines": (clarity_page.cut_lines(page.pixels, page.lines), min(CUT, max(1.5, CUT_SHARE * len(page.lines)))),
    }
    return _verdict(found, {"reading_score": reading, "sharpest_ratio": seen.sharp})


def _verdict(found: dict[str, tuple[float, float]], others: dict[str, float]) -> Clarity:
    """The reasons of every measure beyond its limit, and all measures with their limits."""
    beyond = (name for name, (value, limit) in found.items() if (value - limit) * REASONS[name][1] > 0)
    reasons = tuple(dict.fromkeys(REASONS[name][0] for name in beyond))
    measures = {name: round(value, 4) for name, (value, _) in found.items()}
    measures |= {f"{name}_limit": round(limit, 4) for name, (_, limit) in found.items()}
    return Clarity(not reasons, reasons, measures | {name: round(value, 4) for name, value in others.items()})


def _reading(page: Page) -> float:
    """Mean reading score, each line weighing as much as it is long."""
    if not page.lines:
        return 0.0
    lengths = [max(line.length, 1.0) for line in page.lines]
    return float(np.average([line.score for line in page.lines], weights=lengths))


def _ease(reading: float) -> float:
    """How far limits give way: 1.2 where everything was read, 0.7 where nothing was."""
    return float(np.clip(1 + 0.8 * (reading - 0.7), 0.7, 1.2))


def _without_lines(page: Page, body: float) -> Clarity:
    """A page without a line is a picture, empty, or too faint or too blurred to show its lines."""
    seen = clarity_page.texture(reduced(page.pixels))
    if seen.depth < BLANK:
        return _verdict({"blank_levels": (seen.depth, BLANK)}, {})
    if seen.filled < FILLED:
        return _verdict({"page_contrast_levels": (min(seen.depth, FAINT * seen.filled / FILLED), FAINT)}, {})
    soft = clarity_page.softness(page.pixels, body)
    return _verdict({"page_contrast_levels": (seen.depth, FAINT), "page_blur_ratio": (soft, PICTURE_BLUR)}, {})
