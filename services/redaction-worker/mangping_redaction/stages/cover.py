"""Burn solid covers into fresh pixels and encode them: no metadata, thumbnail, text layer or alpha can survive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from mangping_redaction.page import Finding, Page, Pixels

FILL = (0, 0, 0)
JPEG_QUALITY = 90


def cover(page: Page, findings: Iterable[Finding]) -> Pixels:
    """A copy of the upright page with each of the findings filled that is to be covered."""
    pixels = page.pixels.copy()
    for finding in findings:
        if finding.covered:
            fill(pixels, finding.polygon)
    return pixels


def fill(pixels: Pixels, polygon: np.ndarray, colour: Sequence[int] = FILL) -> None:
    """Fill one polygon in place, every touched pixel included."""
    points = np.round((polygon - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(pixels, [points], colour, lineType=cv2.LINE_8, shift=4)
    cv2.polylines(pixels, [points], True, colour, thickness=1, lineType=cv2.LINE_8, shift=4)


def encode(pixels: Pixels, image_format: str) -> bytes:
    """JPEG or PNG bytes made from the pixels alone."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if image_format == "jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 4]
    done, encoded = cv2.imencode(f".{image_format}", pixels, options)
    if not done:
        raise RuntimeError("the rendition could not be encoded")
    return encoded.tobytes()
