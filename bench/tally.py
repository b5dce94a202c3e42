"""From judged pages to the figures of the table. Pure: plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bench.samples import Sample
from bench.score import READABLE, PageScore

Json = dict[str, Any]
ORDER = (
    "name", "unit", "id_number", "phone", "seal", "eyes", "face", "qrcode", "barcode", "signature", "fingerprint",
    "third_party_name",
)  # fmt: skip
DEMANDED = tuple(cls for cls in ORDER if cls not in (*READABLE, "face"))  # the eyes are what must go of a face


@dataclass(frozen=True, slots=True)
class Judged:
    """One page, how its rendition scored, and what the contestant said about it."""

    sample: Sample
    score: PageScore
    record: Json
    cpu: float = 0.0
    error: str | None = None

    @property
    def leaks(self) -> bool:
        return bool(self.score.leaks(DEMANDED))

    @property
    def silent(self) -> bool:
        """Called verified and nobody asked to look, yet something shows."""
        return self.leaks and bool(self.record.get("verified")) and not self.record.get("needs_human")


def tally(pages: Sequence[Judged]) -> Json:
    """The report of one contestant on one sample set; shares are None where there was nothing to count."""
    legible = [page for page in pages if page.sample.clear]
    spoken = [page for page in pages if "verified" in page.record]
    near = sum(len(page.sample.near) for page in pages)
    return {
        "pages": len(pages),
        "legible": len(legible),
        "failed": sum(page.score.turn is None for page in pages),
        "classes": {cls: row for cls in ORDER if (row := _class(pages, cls))["regions"]},
        "leak_free": share(not page.leaks for page in legible),
        "silent_leaks": sum(page.silent for page in spoken) if spoken else None,
        "automation": share(not page.record["needs_human"] for page in spoken if page.sample.clear),
        "over_masking": fmean(page.score.over for page in pages) if pages else None,
        "orientation": share(page.score.turn == page.sample.turn for page in pages),
        "clarity": share(_said_clear(page) == page.sample.clear for page in spoken),
        "near_misses": near,
        "near_misses_masked": sum(len(page.score.near_masked) for page in pages),
        "cpu_s_per_page": fmean(page.cpu for page in pages) if pages else None,
    }


def _class(pages: Iterable[Judged], cls: str) -> Json:
    scores = [(page.sample.clear, score) for page in pages for score in page.score.scores if score.region.cls == cls]
    return {
        "regions": len(scores),
        "covered": share(score.covered for _, score in scores),
        "regions_legible": sum(clear for clear, _ in scores),
        "covered_legible": share(score.covered for clear, score in scores if clear),
    }


def _said_clear(page: Judged) -> bool:
    return bool(page.record.get("clarity", {}).get("clear"))


def share(facts: Iterable[bool]) -> float | None:
    """The share that is true, or None of nothing."""
    known = list(facts)
    return sum(known) / len(known) if known else None
