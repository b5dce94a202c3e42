"""The packs and the rule catalogue that ship with the service."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mangping.policy import Catalogue, Policy, load


def folder() -> Path:
    """Packs lie inside an installed wheel, or beside the package in the source tree."""
    package = Path(__file__).parent.parent
    return next(place for place in (package / "policy", package.parent / "policy") if place.is_dir())


@cache
def catalogue() -> Catalogue:
    return Catalogue.parse((folder() / "rules.json").read_text("utf-8"))


@cache
def shipped() -> dict[str, Policy]:
    """Every shipped pack by its id, in the order of the file names. Raises Broken for a pack with faults."""
    files = sorted(folder().glob("*.yaml"))
    found = (load(file.read_text("utf-8"), file.name, catalogue()) for file in files)
    return {policy.pack.id: policy for policy in found}
