"""Untrusted bytes to pixels, one page at a time. Runs only inside the decoder process."""

from __future__ import annotations

import ctypes
import os
import warnings
from collections.abc import Callable
from io import BytesIO
from mmap import mmap
from typing import Protocol

import cv2
import numpy as np
import pypdfium2 as pdfium
from mangping.errors import Refused
from numpy.typing import NDArray
from PIL import Image, ImageFile
from pypdfium2 import raw as pdfium_c

from mangping_redaction.refusals import refused
from mangping_redaction.stages import decode_tiff
from mangping_redaction.stages.decode_headers import Kind, check_whole, kind_of
from mangping_redaction.stages.decode_limits import Limits, check_pages, check_size

Pixels = NDArray[np.uint8]
A4_INCHES = 11.69
RENDER_DPI = 200.0  # of a PDF page that is not simply a scan
STRIP = 256  # rows that change their channels at a time
SCAN_DPI = (72.0, 300.0)  # a scan inside a PDF is rendered at its own resolution within these

Image.MAX_IMAGE_PIXELS = None  # ours is checked first, with its own code
ImageFile.LOAD_TRUNCATED_IMAGES = False
warnings.simplefilter("ignore")
cv2.setNumThreads(1)


class Scan(Protocol):
    """An opened file whose every page was found to be within limits."""

    pages: int

    def page(self, number: int) -> tuple[Pixels, float]:
        """Page `number` (from 1) as (height, width, 3) BGR, as a viewer shows it, and its dpi."""
        ...


def open_scan(data: mmap | bytes, limits: Limits) -> Scan:
    """Check type, completeness, sizes and page count of a file, decoding no pixel. Raises Refused."""
    kind = kind_of(data)
    check_whole(kind, data, limits)
    try:
        return PdfScan(data, limits) if kind == "PDF" else ImageScan(data, kind, limits)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # codecs raise whatever they like on hostile bytes
        raise refused("SCAN_BROKEN") from error


def read_page(scan: Scan, number: int, limits: Limits) -> tuple[Pixels, float]:
    """Decode one page. Raises Refused, MemoryError."""
    try:
        pixels, dpi = scan.page(number)
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise refused("SCAN_TRUNCATED" if "truncated" in str(error) else "SCAN_BROKEN") from error
    check_size(pixels.shape[1], pixels.shape[0], limits)
    return pixels, dpi


class ImageScan:
    """JPEG, PNG, TIFF, BMP, WebP."""

    def __init__(self, data: mmap | bytes, kind: Kind, limits: Limits) -> None:
        self._data, self._kind = data, kind
        file = BytesIO(data) if isinstance(data, bytes) else data
        # Pillow reads from the map without copying it; its own idea of the type is pinned to ours.
        self._image: Image.Image = Image.open(file, formats=[kind])  # type: ignore[arg-type]
        self._frames = decode_tiff.page_frames(self._image, limits) if kind == "TIFF" else (0,)
        self.pages = len(self._frames)
        check_size(*self._image.size, limits)

    def page(self, number: int) -> tuple[Pixels, float]:
        image = self._image
        negative = False
        if self._kind == "TIFF":
            image.seek(self._frames[number - 1])
            decode_tiff.check_pixels(image)
            negative = decode_tiff.is_negative(image)
        dpi = dpi_of(image.info.get("dpi"), *image.size)
        if self._kind == "JPEG" and image.mode in ("RGB", "L"):
            return oriented(_jpeg(self._data), image), dpi
        image.load()
        pixels = to_bgr(image)
        return oriented(255 - pixels if negative else pixels, image), dpi


def _jpeg(data: mmap | bytes) -> Pixels:
    """cv2 is twice as fast as Pillow here, and libjpeg's complaints on stderr tell of data lost in the middle."""
    complaints = os.memfd_create("stderr")
    kept = os.dup(2)
    os.dup2(complaints, 2)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        pixels = None
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        said = os.pread(complaints, 4096, 0).decode(errors="replace")
        os.close(complaints)
    lost = [line for line in said.splitlines() if "JPEG" in line and "extraneous bytes" not in line]
    if pixels is None or lost:
        cut = any("remature end" in line for line in lost)
        raise refused("SCAN_TRUNCATED" if cut else "SCAN_BROKEN")
    return np.asarray(pixels, np.uint8)


def to_bgr(image: Image.Image) -> Pixels:
    """Any decoded Pillow picture as 8-bit BGR on white. Refused: SCAN_PIXELS_UNSUPPORTED."""
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = (np.clip(np.asarray(image), 0, 65535) >> 8).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if image.mode in ("F", "LAB", "HSV"):
        raise refused("SCAN_PIXELS_UNSUPPORTED")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        alpha = image.convert("RGBA")
        image = Image.new("RGB", alpha.size, "white")
        image.paste(alpha, mask=alpha)
    if image.mode in ("1", "L"):
        return np.asarray(
            cv2.cvtColor(np.asarray(image if image.mode == "L" else image.convert("L")), cv2.COLOR_GRAY2BGR), np.uint8
        )
    return _swapped(image if image.mode == "RGB" else image.convert("RGB"))


def _swapped(image: Image.Image) -> Pixels:
    """An RGB picture as BGR, a strip at a time: a whole page between the two would be a third copy of it."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        cv2.cvtColor(np.asarray(strip), cv2.COLOR_RGB2BGR, dst=pixels[top : top + STRIP])
    return pixels


_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda p: p[:, ::-1], 3: lambda p: p[::-1, ::-1], 4: lambda p: p[::-1], 5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1), 7: lambda p: p[::-1, ::-1].transpose(1, 0, 2), 8: lambda p: np.rot90(p, 1),
}  # fmt: skip


def oriented(pixels: Pixels, image: Image.Image) -> Pixels:
    """The EXIF turn applied, as viewers do. (Pillow turns a TIFF itself and takes the tag away.)"""
    try:
        tag = image.getexif().get(0x0112, 1)
    except Exception:  # unreadable EXIF: viewers show such a picture unturned
        tag = 1
    turn = _TURNS.get(tag)
    return np.ascontiguousarray(turn(pixels)) if turn else pixels


def dpi_of(claimed: object, width: int, height: int) -> float:
    """The dpi a file claims where it makes a sheet between an ID card and A3; else what makes the page an A4 one."""
    try:
        dpi = float(claimed[0])  # type: ignore[index]
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    if 72 <= dpi <= 1200 and 1.5 <= min(width, height) / dpi <= 12.5 and max(width, height) / dpi <= 17.5:
        return dpi
    return float(min(max(max(width, height) / A4_INCHES, 72.0), 600.0))


class PdfScan:
    def __init__(self, data: mmap | bytes, limits: Limits) -> None:
        self._limits = limits
        source = data if isinstance(data, bytes) else (ctypes.c_char * len(data)).from_buffer(data)
        try:
            self._pdf = pdfium.PdfDocument(source)
        except pdfium.PdfiumError as error:
            locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
            raise refused("SCAN_ENCRYPTED" if locked else "SCAN_BROKEN") from error
        self._pdf.init_forms()  # filled-in fields are part of what a viewer shows
        self.pages = len(self._pdf)
        check_pages(self.pages, limits)
        for index in range(self.pages):
            width, height = self._pdf.get_page_size(index)
            check_size(round(width), round(height), limits)  # at 72 dpi: nothing smaller could be read

    def page(self, number: int) -> tuple[Pixels, float]:
        page = self._pdf[number - 1]
        try:
            dpi = self._dpi(page)
            bitmap = page.render(scale=dpi / 72, force_bitmap_format=pdfium_c.FPDFBitmap_BGRx, draw_annots=True)
            pixels = cv2.cvtColor(bitmap.to_numpy(), cv2.COLOR_BGRA2BGR)
            bitmap.close()
            return np.asarray(pixels, np.uint8), dpi
        finally:
            page.close()

    def _dpi(self, page: pdfium.PdfPage) -> float:
        """The scan's own resolution where one picture fills the page; lowered where the page would be too large."""
        width, height = page.get_size()
        dpi = scan_dpi(page, width, height) or RENDER_DPI
        by_pixels = 72 * (self._limits.pixels * 0.99 / (width * height)) ** 0.5
        by_side = 72 * 0.99 * self._limits.side_pixels / max(width, height)
        return float(min(dpi, by_pixels, by_side))


def scan_dpi(page: pdfium.PdfPage, width: float, height: float) -> float | None:
    """Resolution of the picture that covers at least nine tenths of a page (in points), None when there is none."""
    best = 0.0
    for count, item in enumerate(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if count >= 50:
            break
        x0, y0, x1, y1 = item.get_bounds()
        if (x1 - x0) * (y1 - y0) < 0.9 * width * height:
            continue
        across, down = sorted(item.get_px_size())
        # A hair less, so that rounding up gives the scan's own pixel count.
        best = max(best, 72 * (down - 0.01) / max(x1 - x0, y1 - y0), 72 * (across - 0.01) / min(x1 - x0, y1 - y0))
    return min(max(best, SCAN_DPI[0]), SCAN_DPI[1]) if best else None
