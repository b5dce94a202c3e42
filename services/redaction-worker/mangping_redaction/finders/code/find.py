"""QR codes, their kin, and barcodes: they lead to the person's record. Unreadable ones are covered as well.

The red channel is looked at, where red seals vanish, and around warm ink the others too. Candidates come from cheap maps of
the page; only they are read.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.area import holds, middle
from mangping_redaction.finders.code import bars as code_bars
from mangping_redaction.finders.code import cells as code_cells
from mangping_redaction.finders.code import matrix as code_matrix
from mangping_redaction.finders.code import read as code_read
from mangping_redaction.finders.code import warm as code_warm
from mangping_redaction.finders.code.cells import Cells, Rect
from mangping_redaction.finders.code.read import Symbol
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon

FINDER = "code"
COARSE_DPI = 110.0  # under this the page is enlarged twice first: its modules are two pixels or less
WHOLE = 0.35  # share of the page in candidates from which one look at the whole page is cheaper
QUIET_MM = 2.5  # what is cut around a candidate: the quiet zone, and modules that the maps missed
GROWN = 0.04  # of a symbol that was read, added on every side: zxing gives centres of corner modules
LEAST_MM = 1.0  # of bars that are taken as known
UNREAD_MM = (6.0, 90.0)  # sides that a recognised but unread symbol may have


def find_codes(page: Page) -> Found:
    """Classes `qrcode` (all 2-D codes) and `barcode`."""
    found = _look(page.copies.red, page.dpi, (0, 0))
    for box in code_warm.warm_boxes(page):
        known = [finding.polygon for finding in found]
        seen = _look(code_warm.without_warmth(page, box), page.dpi, box[:2])
        found += [finding for finding in seen if not any(holds(other, middle(finding.polygon)) for other in known)]
    return Found(tuple(found))


def _look(grey: Pixels, dpi: float, corner: tuple[int, int]) -> list[Finding]:
    """The codes in a grey part of a page that begins at `corner`; a coarse one is enlarged twice first."""
    scale = 1 if dpi >= COARSE_DPI else 2
    if scale > 1:
        grey, dpi = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8), 2 * dpi
    cells = code_cells.cells(grey, dpi)
    print_, striped = code_matrix.pieces(cells), code_bars.stripes(cells, dpi)
    matrices = [code_cells.corners(rect) for rect in code_matrix.matrices(grey, cells, print_, dpi)]
    stripes = code_bars.bars(grey, striped, dpi)
    regions = [*code_matrix.candidates(cells, print_, dpi), *code_bars.lively(striped, cells)]
    symbols = [symbol for symbol in _read(grey, regions, dpi) if symbol.valid or _believable(symbol, cells, dpi)]
    largest = UNREAD_MM[1] * dpi / 25.4
    dense = [code_cells.corners(rect) for rect in regions if max(rect[1]) <= largest]
    located = {False: stripes, True: matrices}
    outlines = [
        _outline(symbol, [*located[symbol.matrix], *(dense if symbol.stacked else ())], grey, dpi) for symbol in symbols
    ]
    known = [symbol.polygon for symbol in symbols]
    found = [
        *((outlines[i], symbol.matrix, 1.0, "read") for i, symbol in enumerate(symbols)),
        *((outline, True, 0.8, "texture of a 2-D code") for outline in _unread(matrices, known)),
        *((outline, False, 0.8, "stripes of a barcode") for outline in _unread(stripes, known)),
    ]
    return [
        Finding("qrcode" if matrix else "barcode", (outline / scale + corner).astype(np.float32), sure, FINDER, why)
        for outline, matrix, sure, why in found
    ]


def _read(grey: Pixels, regions: list[Rect], dpi: float) -> list[Symbol]:
    """What zxing finds in the regions."""
    height, width = grey.shape
    boxes = _boxes(regions, QUIET_MM * dpi / 25.4, width, height)
    if sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) >= WHOLE * width * height:
        boxes = [(0, 0, width, height)]
    return [symbol for x0, y0, x1, y1 in boxes for symbol in code_read.symbols(grey[y0:y1, x0:x1], x0, y0)]


def _boxes(regions: list[Rect], margin: float, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """The upright boxes x0, y0, x1, y1 around groups of regions whose boxes touch."""
    mask = np.zeros((-(-height // 8), -(-width // 8)), np.uint8)
    for rect in regions:
        x, y, w, h = cv2.boundingRect(cv2.boxPoints(code_cells.grown(rect, margin)))
        mask[max(0, y // 8) : (y + h) // 8 + 1, max(0, x // 8) : (x + w) // 8 + 1] = 1
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [(8 * x, 8 * y, min(width, 8 * (x + w)), min(height, 8 * (y + h))) for x, y, w, h, _ in stats[1:].tolist()]


def _believable(symbol: Symbol, cells: Cells, dpi: float) -> bool:
    """Whether a recognised but unread symbol has a code's size and stands on dense print: others are found in text."""
    _, (w, h), _ = cv2.minAreaRect(symbol.polygon)
    least, most = (side * dpi / 25.4 for side in UNREAD_MM)
    if not symbol.matrix or min(w, h) < least or max(w, h) > most:
        return False
    inner = np.zeros(cells.dense.shape, np.uint8)
    cv2.fillConvexPoly(inner, np.round(symbol.polygon / cells.size).astype(np.int32), 1)
    return bool(cells.dense[inner > 0].mean() >= 0.9)


def _outline(symbol: Symbol, located: list[Polygon], grey: Pixels, dpi: float) -> Polygon:
    """The symbol's corners grown a little, with the located outlines that it lies in: together they miss nothing."""
    rect = code_cells.around(symbol.polygon)
    centre, (w, h), angle = rect
    if symbol.matrix:
        own = code_cells.grown(rect, GROWN * max(w, h))
    else:  # zxing's rows may be but a part of the bars
        sides = (max(w, LEAST_MM * dpi / 25.4), max(h, LEAST_MM * dpi / 25.4))
        whole = code_bars.extent(grey, (centre, sides, angle), h > w, dpi)
        own = code_cells.grown(whole, GROWN * min(whole[1]) + 2)
    around = [other for other in located if holds(other, centre)]
    outline: Polygon = cv2.convexHull(np.concatenate([code_cells.corners(own), *around]))[:, 0].astype(np.float32)
    return outline


def _unread(located: list[Polygon], known: list[Polygon]) -> list[Polygon]:
    """The outlines that hold the middle of none of the known ones."""
    centres = [middle(polygon) for polygon in known]
    return [outline for outline in located if not any(holds(outline, centre) for centre in centres)]
