"""Policy packs: a programme (one notice) as data, dated and cited, and what it answers. Pure: no file, no network."""

from __future__ import annotations

from mangping.policy.citations import Catalogue, Citation
from mangping.policy.evaluate import evaluate
from mangping.policy.figures import Figure, figures
from mangping.policy.findings import Finding, Uncovered
from mangping.policy.lines import Fault
from mangping.policy.load import Broken, Policy, hints, load
from mangping.policy.pack import Pack

__all__ = [
    "Broken",
    "Catalogue",
    "Citation",
    "Fault",
    "Figure",
    "Finding",
    "Pack",
    "Policy",
    "Uncovered",
    "evaluate",
    "figures",
    "hints",
    "load",
]
