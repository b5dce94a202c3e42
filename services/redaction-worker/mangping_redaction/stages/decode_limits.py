"""How much one untrusted file may cost. The parent passes these to the decoder process as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from mangping_redaction.refusals import refused

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    file_bytes: int = 512 * MB
    pixels: int = 100_000_000  # of one page
    side_pixels: int = 20_000
    min_side_pixels: int = 32
    pages: int = 500
    memory_bytes: int = 2048 * MB  # address space of the decoder process
    cpu_seconds: int = 30  # for one request: opening, or one page
    wall_seconds: float = 120.0  # the same, when the machine is busy


def check_size(width: int, height: int, limits: Limits) -> None:
    """Refuse a page by its claimed size, before a single pixel is decoded."""
    if max(width, height) > limits.side_pixels:
        raise refused("SCAN_SIDE_TOO_LONG")
    if width * height > limits.pixels:
        raise refused("SCAN_TOO_MANY_PIXELS")
    if min(width, height) < limits.min_side_pixels:
        raise refused("SCAN_TOO_SMALL")


def check_pages(pages: int, limits: Limits) -> None:
    if pages < 1:
        raise refused("SCAN_BROKEN")
    if pages > limits.pages:
        raise refused("SCAN_TOO_MANY_PAGES")
