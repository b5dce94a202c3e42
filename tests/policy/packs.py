"""The shipped packs and their cases, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from mangping.policy import Policy
from mangping.policy.cases import Case, facts, parse
from mangping_api.domain.packs import shipped

HERE = Path(__file__).parent
NAMES = ("aksu-party-school", "bazhou-technical", "guilin-vice-senior", "korla-initial", "korla-primary")


@cache
def programme(name: str) -> tuple[Policy, dict[str, Any]]:
    """The pack, and the facts of an applicant in good order (not to be changed)."""
    base = HERE / name / "base.yaml"
    return shipped()[f"{name}-2024"], facts(base.read_text("utf-8"), base.name)


@cache
def cases(name: str) -> dict[str, tuple[Case, ...]]:
    files = (file for file in sorted((HERE / name).glob("*.yaml")) if file.name != "base.yaml")
    return {file.stem: parse(file.read_text("utf-8"), f"{name}/{file.name}") for file in files}
