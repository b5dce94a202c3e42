"""Free fonts, read from the installed packages that carry them (Noto, SIL Open Font License 1.1)."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont, features

FILES = {
    "song": ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    "hei": ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
    "naskh": ("pylopdf_fonts_ar", "NotoNaskhArabic-Variable.ttf"),
}


class MissingFont(RuntimeError):
    """The package that carries a font is not installed."""


def file(face: str) -> Path:
    """The font file of a face in FILES. Raises MissingFont."""
    package, name = FILES[face]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingFont(f"{face}: package {package} is not installed")
    return Path(spec.submodule_search_locations[0]) / name


@cache
def font(face: str, pixels: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels; plain left-to-right layout, which every machine draws alike."""
    shaped = face == "naskh"
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(file(face)), pixels, layout_engine=engine)


def writes_uyghur() -> bool:
    """Whether joined right-to-left script can be drawn here: the font is installed and the shaping library is there."""
    shapes = features.check_feature("raqm") and features.check_feature("fribidi")
    return bool(shapes) and find_spec(FILES["naskh"][0]) is not None
