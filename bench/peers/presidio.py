"""Microsoft Presidio's image analyser over Tesseract (chi_sim), the known strings as its patterns.

Made as well as its interface allows: deny lists want word boundaries that Chinese has none of, so every string becomes
a pattern that spaces may interrupt; boxes are padded by a fifth of their height. Tesseract's
orientation detection is on. Needs Debian's tesseract-ocr and tesseract-ocr-chi-sim, which want root: without them
this peer is left out.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from bench.lane import Handle, Json, contestant
from bench.peers.known import pattern


def present() -> bool:
    """Whether Tesseract and its simplified Chinese are installed."""
    if not shutil.which("tesseract"):
        return False
    told = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return "chi_sim" in told.stdout.split()


def _analyser() -> Any:
    """Presidio with a blank spaCy pipeline: the patterns are all that is asked of it, no model is downloaded."""
    import spacy  # type: ignore[import-not-found, unused-ignore]
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # type: ignore[import-not-found, unused-ignore]
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # type: ignore[import-not-found, unused-ignore]
    from presidio_image_redactor import ImageAnalyzerEngine  # type: ignore[import-not-found, unused-ignore]

    class Blank(SpacyNlpEngine):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

    engine = AnalyzerEngine(RecognizerRegistry(recognizers=[]), Blank(), supported_languages=["en"])
    return ImageAnalyzerEngine(analyzer_engine=engine)


def _prepare() -> Handle:
    import io

    from PIL import Image, ImageDraw
    from presidio_analyzer import Pattern, PatternRecognizer

    analyser = _analyser()

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        picture = Image.open(page["path"]).convert("RGB")
        numbers = r"\d{17}[\dXx]|\d{15}|1[3-9]\d{9}"
        wanted = "|".join(filter(None, (pattern(page["identity"]), numbers)))
        known = PatternRecognizer("KNOWN", patterns=[Pattern("known", wanted, 1.0)], supported_language="en")
        boxes = analyser.analyze(
            picture, ocr_kwargs={"lang": "chi_sim", "config": "--psm 1"}, ad_hoc_recognizers=[known]
        )
        draw = ImageDraw.Draw(picture)
        for box in boxes:
            pad = 0.2 * box.height
            corners = (box.left - pad, box.top - pad, box.left + box.width + pad, box.top + box.height + pad)
            draw.rectangle(corners, fill=(0, 0, 0))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=92)
        return out.getvalue(), {}

    return handle


if __name__ == "__main__":
    contestant(_prepare)
