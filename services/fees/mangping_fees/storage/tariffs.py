"""Tariffs from their YAML files, one a programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from mangping.errors import Refused

from mangping_fees.domain.tariff import Tariff, read


@dataclass(frozen=True, slots=True)
class Tariffs:
    by_programme: Mapping[str, Tariff]

    @classmethod
    def load(cls, folder: Path) -> Tariffs:
        """ValueError naming the file and the key at fault."""
        found: dict[str, Tariff] = {}
        for path in sorted(folder.glob("*.yaml")):
            try:
                tariff = read(yaml.safe_load(path.read_text("utf-8")))
            except (ValueError, KeyError, yaml.YAMLError) as fault:
                raise ValueError(f"{path.name}: {fault}") from fault
            if tariff.programme != path.stem:
                raise ValueError(f"{path.name}: programme is named otherwise than its file")
            found[tariff.programme] = tariff
        return cls(found)

    @classmethod
    def shipped(cls) -> Tariffs:
        """Those that lie inside an installed wheel, or beside the package in the source tree."""
        here = Path(__file__).parents[1]
        places = (here / "policy/tariff", here.parent / "policy/tariff")
        return cls.load(next(place for place in places if place.is_dir()))

    def of(self, programme: str) -> Tariff:
        """Refused when nothing is charged there: a programme without a tariff cannot be billed."""
        if (found := self.by_programme.get(programme)) is None:
            raise Refused("fee.no_standard", "该评审批次没有收费标准。", "请联系评审办公室核对收费标准。")
        return found
