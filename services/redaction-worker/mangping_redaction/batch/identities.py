"""The identities file: whose strings to look for in which source."""

from __future__ import annotations

import fnmatch
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mangping.identity import Identity

from mangping_redaction.refusals import of_system

FIELDS = ("names", "units", "id_numbers", "phones")
_WILD = re.compile(r"[*?\[]")


class BadIdentities(Exception):
    """The file cannot be used; the message (Chinese) names the glob and the key, never a value."""


@dataclass(frozen=True, slots=True)
class _Entry:
    glob: str
    rank: tuple[int, int, int]
    pattern: re.Pattern[str]
    whole: bool  # the glob has a folder in it: it speaks of the whole relative name
    identity: Identity

    def fits(self, source: str, last: str) -> bool:
        return bool(self.pattern.match(source) or (not self.whole and self.pattern.match(last)))


@dataclass(frozen=True, slots=True)
class Reach:
    """How a file of identities meets a batch: a glob misspelt would else be told by nobody."""

    sources: int
    unmet: int  # sources that no entry fits
    idle: int  # entries that fit no source


@dataclass(slots=True)
class Identities:
    """`of(source)` is the identity of the most specific glob that fits.

    A glob with a `/` is held against the source's whole relative name, one without against its last part too; `*`
    also runs over `/`. Most specific: a name written in full, then more literal characters, fewer `*`, more `?`.
    Where two are equally specific, both identities are looked for.
    """

    _exact: dict[str, Identity] = field(default_factory=dict)
    _globs: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))  # by the literal beginning
    _starts: tuple[int, ...] = ()

    def of(self, source: str) -> Identity:
        source = _nfc(source)
        last = source.rpartition("/")[2]
        for name in (source, last):
            if name in self._exact:
                return self._exact[name]
        best: list[_Entry] = []
        for entry in self._near(source, last):
            if not entry.fits(source, last) or (best and entry.rank < best[0].rank):
                continue
            best = [*best, entry] if best and entry.rank == best[0].rank else [entry]
        return _union([entry.identity for entry in best])

    def reach(self, names: Iterable[str]) -> Reach:
        sources, unmet, met = 0, 0, set[str]()
        for name in names:
            fitting = self._fitting(_nfc(name))
            sources, unmet = sources + 1, unmet + (not fitting)
            met |= fitting
        entries = len(self._exact) + sum(map(len, self._globs.values()))
        return Reach(sources, unmet, entries - len(met))

    def _fitting(self, source: str) -> set[str]:
        """The globs that fit, the most specific and all others."""
        last = source.rpartition("/")[2]
        globs = {entry.glob for entry in self._near(source, last) if entry.fits(source, last)}
        return globs | ({source, last} & self._exact.keys())

    def _near(self, source: str, last: str) -> list[_Entry]:
        """Entries whose literal beginning fits: ten thousand globs must not be tried on ten thousand sources."""
        keys = {name[:length] for name in (source, last) for length in self._starts}
        return [entry for key in keys for entry in self._globs.get(key, ())]


def load(file: Path) -> Identities:
    """Raises BadIdentities."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_no_twins)
    except OSError as error:
        raise BadIdentities(f"身份文件打不开：{of_system(error)}。") from error
    except (ValueError, RecursionError) as error:
        raise BadIdentities("身份文件读不出来：应为 UTF-8 编码的 JSON。") from error
    return parse(content)


def parse(content: Any) -> Identities:
    """Raises BadIdentities."""
    if not isinstance(content, dict):
        raise BadIdentities('身份文件应为 {"通配符": {"names": [], "units": [], "id_numbers": [], "phones": []}}。')
    found = Identities()
    for glob, fields in content.items():
        identity, glob = _identity(glob, fields), _nfc(glob)
        wild = _WILD.search(glob)
        if not wild:
            found._exact[glob] = identity
            continue
        entry = _Entry(glob, specificity(glob), re.compile(fnmatch.translate(glob)), "/" in glob, identity)
        found._globs[glob[: wild.start()]].append(entry)
    found._starts = tuple(sorted({len(start) for start in found._globs}))
    return found


def specificity(glob: str) -> tuple[int, int, int]:
    """Greater is more specific: literal characters, then few stars, then single-character wildcards."""
    bare = re.sub(r"\[[^\]]+\]", "?", glob)
    stars, singles = bare.count("*"), bare.count("?")
    return len(bare) - stars - singles, -stars, singles


def _identity(glob: str, fields: Any) -> Identity:
    if not isinstance(fields, dict) or set(fields) - set(FIELDS):
        raise BadIdentities(f"身份文件的 {glob!r}：只能有 {'、'.join(FIELDS)} 四项。")
    values: dict[str, tuple[str, ...]] = {}
    for name, value in fields.items():
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            raise BadIdentities(f"身份文件的 {glob!r} 的 {name} 应为非空文字的列表。")
        values[name] = tuple(text.strip() for text in value)
    return Identity(**values)


def _union(identities: list[Identity]) -> Identity:
    def joined(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for one in identities for text in getattr(one, name)))

    return Identity(**{name: joined(name) for name in FIELDS})


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON keeps the last of two equal keys: here that would silently drop somebody's identity."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise BadIdentities("身份文件里有重复的键。")
    return content


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
