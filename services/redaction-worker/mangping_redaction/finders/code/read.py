"""Codes that can be read, with zxing-cpp; and codes it recognises without reading them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat as Format
from zxingcpp import BarcodeFormats

from mangping_redaction.page import Pixels, Polygon

# fmt: off
MATRIX = frozenset({
    Format.QRCode, Format.QRCodeModel1, Format.QRCodeModel2, Format.MicroQRCode, Format.PDF417,
    Format.CompactPDF417, Format.MicroPDF417, Format.DataMatrix, Format.Aztec, Format.AztecCode,
})
STACKED = frozenset({Format.PDF417, Format.CompactPDF417, Format.MicroPDF417})
FORMATS = BarcodeFormats([
    Format.QRCode, Format.PDF417, Format.Code128, Format.Code39, Format.EAN13, Format.DataMatrix, Format.Aztec
])
INVENTED = frozenset({Format.EAN13, Format.DataMatrix, Format.Aztec, Format.AztecCode, Format.AztecRune})  # with errors, in any text
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A code at `polygon` (4, 2); `valid` when its check sums hold. Of a `stacked` one the polygon may be but a part."""

    polygon: Polygon
    matrix: bool
    valid: bool
    stacked: bool = False


def symbols(grey: Pixels, x0: int = 0, y0: int = 0) -> list[Symbol]:
    """The codes in a grey crop that begins at `x0`, `y0` of the page."""
    found = []
    for result in zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=FORMATS, return_errors=True):
        if not result.valid and result.format in INVENTED:
            continue
        where = result.position
        corners = [where.top_left, where.top_right, where.bottom_right, where.bottom_left]
        polygon = np.array([[c.x + x0, c.y + y0] for c in corners], np.float32)
        found.append(Symbol(polygon, result.format in MATRIX, bool(result.valid), result.format in STACKED))
    return found
