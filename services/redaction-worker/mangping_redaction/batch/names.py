"""Which file a source's rendition goes to: never the same for two sources, and the same again after a restart."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field

_PAGED = re.compile(r"(.+)-p\d{3,}")


@dataclass(frozen=True, slots=True)
class Target:
    """What to call the rendition of a one-page source, and of a longer one; both without the image suffix."""

    single: str
    paged: str

    def rendition(self, page: int, of: int, image_format: str) -> str:
        return f"{self.single}.{image_format}" if of == 1 else f"{self.paged}-p{page:03d}.{image_format}"


@dataclass(slots=True)
class Names:
    """`a.jpg` keeps its stem; `a.png`, met after it, keeps its whole name. Case and Unicode form do not tell apart.

    `kept` is what an earlier run has written: {rendition without suffix: source}; such a name stays its source's own.
    """

    kept: dict[str, str] = field(default_factory=dict)
    _singles: set[str] = field(default_factory=set)
    _bases: set[str] = field(default_factory=set)  # stems that pages may hang on
    _roots: set[str] = field(default_factory=set)  # stems whose pages a one-page source already looks like

    def keep(self, source: str, rendition: str) -> None:
        """Remember a rendition of an earlier run."""
        stem = os.path.splitext(rendition)[0]
        self.kept[_key(stem)] = source
        if paged := _PAGED.fullmatch(stem):
            self.kept.setdefault(_key(paged[1]) + "\0paged", source)

    def target(self, source: str) -> Target:
        """Names for the next source. Sources must come in the same order in every run."""
        stem = os.path.splitext(source)[0]
        candidates = [stem, source, *(f"{source}~{n}" for n in range(2, 100))]
        single = next(name for name in candidates if self._free_single(_key(name), source))
        paged = next(name for name in candidates if self._free_paged(_key(name), source))
        self._singles.add(_key(single))
        self._bases.add(_key(paged))
        if alike := _PAGED.fullmatch(_key(single)):
            self._roots.add(alike[1])
        return Target(single, paged)

    def _free_single(self, key: str, source: str) -> bool:
        alike = _PAGED.fullmatch(key)
        free = key not in self._singles and not (alike and alike[1] in self._bases)
        return free and self.kept.get(key, source) == source

    def _free_paged(self, key: str, source: str) -> bool:
        free = key not in self._bases and key not in self._roots
        return free and self.kept.get(key + "\0paged", source) == source


def _key(name: str) -> str:
    """Equal for names that some file system would take for the same."""
    return unicodedata.normalize("NFC", name).casefold()
