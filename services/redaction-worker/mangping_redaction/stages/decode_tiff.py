"""What a TIFF says about its frames: which of them are pages, and whether their pixels come out as they are meant."""

from __future__ import annotations

from typing import Any

from PIL import Image

from mangping_redaction.refusals import refused
from mangping_redaction.stages.decode_limits import Limits, check_size

_KIND, _BITS, _INK, _PLANES, _FORMAT = 254, 258, 262, 284, 339  # tags: NewSubfileType … SampleFormat
_REDUCED = 1  # bit of NewSubfileType: a smaller copy of another frame
_UNSIGNED = 1


def page_frames(image: Image.Image, limits: Limits) -> tuple[int, ...]:
    """The frames that are pages, each checked by its header; stops at the limit, so an endless chain costs nothing.

    A thumbnail beside its page is none. Raises Refused.
    """
    found: list[int] = []
    for frame in range(2 * limits.pages + 1):
        try:
            image.seek(frame)
        except EOFError:
            break
        if found and _tag(image, _KIND, 0) & _REDUCED:
            continue
        check_size(*image.size, limits)
        found.append(frame)
        if len(found) > limits.pages:
            break
    if len(found) > limits.pages:
        raise refused("SCAN_TOO_MANY_PAGES")
    image.seek(0)
    return tuple(found)


def check_pixels(image: Image.Image) -> None:
    """Refuse what Pillow reads otherwise than it is meant: signed samples, more than 16 bits, 16 bits in planes."""
    bits = max(_tags(image, _BITS))
    apart = bits == 16 and _tag(image, _PLANES, 1) == 2
    if bits > 16 or apart or any(format_ != _UNSIGNED for format_ in _tags(image, _FORMAT)):
        raise refused("SCAN_PIXELS_UNSUPPORTED")


def is_negative(image: Image.Image) -> bool:
    """Whether 0 stands for white in 16-bit grey, which Pillow leaves as it is (in 8 bits it turns it itself)."""
    return image.mode.startswith("I;16") and _tag(image, _INK, 1) == 0


def _tags(image: Image.Image, tag: int) -> tuple[int, ...]:
    value: Any = image.tag_v2.get(tag, 1)  # type: ignore[attr-defined]
    return tuple(value) if isinstance(value, tuple) else (int(value),)


def _tag(image: Image.Image, tag: int, default: int) -> int:
    return int(image.tag_v2.get(tag, default))  # type: ignore[attr-defined]
