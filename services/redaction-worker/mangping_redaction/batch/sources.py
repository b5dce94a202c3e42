"""What SRC holds: a file, a folder, or a bucket behind obstore; listed as it is walked, never all at once."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from mangping.errors import Refused
from obstore.store import from_url

from mangping_redaction.batch import options
from mangping_redaction.refusals import refused
from mangping_redaction.stages.decode_limits import Limits

LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what operating systems leave in folders of pictures
NAME_BYTES, PATH_BYTES = 240, 1024  # room for "-p500.jpg" within the 255 bytes of a file name
# Control characters, bytes that are no text (lone surrogates), line breaks of Unicode, and signs that turn the writing.
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes lie: a file, or an object of a store."""

    path: str = ""
    url: str = ""
    key: str = ""

    def read(self) -> bytes | Path:
        """What `decode` takes. Raises Refused SOURCE_UNREADABLE."""
        if self.path:
            return Path(self.path)
        try:
            return bytes(obstore.get(_store(self.url), self.key).bytes())
        except Exception as error:  # obstore's and the network's own
            raise refused("SOURCE_UNREADABLE") from error


@dataclass(frozen=True, slots=True)
class Source:
    """One input. `name` is relative to SRC with `/` between folders; `code` says why it is refused unopened."""

    name: str
    place: Place
    code: str | None = None


class Unusable(Exception):
    """SRC cannot be used at all; the message is for the person at the shell."""


@cache
def _store(url: str) -> obstore.store.ObjectStore:
    return from_url(url)


def name_code(name: str) -> str | None:
    """Why a relative name is refused: it climbs, hides something, cannot be written down, or is too long."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name:
        return "SOURCE_NAME_UNSAFE"
    if _TRICKS.search(name):
        return "SOURCE_NAME_UNSAFE"
    stem = os.path.splitext(parts[-1])[0]
    if len(stem.encode()) > NAME_BYTES or len(name.encode()) > PATH_BYTES:
        return "SOURCE_NAME_TOO_LONG"
    return None


def sources(src: str, *, without: tuple[Path, ...] = ()) -> Iterator[Source]:
    """Every input of SRC in a stable order, except what lies under `without` (OUT, the identities file) or in the output
    folder of another run.

    Raises Unusable when SRC itself is not there.
    """
    local = local_path(src)
    if local is None:
        listing = _in_bucket(src)
        # The first is asked for now: a wrong address must show before anything is written.
        return chain([next(listing)], listing)
    if local.is_dir():
        root = Path(os.path.realpath(local))
        return _in_folder(root, root, {os.path.realpath(path) for path in without})
    if not local.exists():
        raise Unusable("找不到来源：请检查 SRC 的路径。")
    code = name_code(local.name) or (None if stat.S_ISREG(local.stat().st_mode) else "SOURCE_NOT_A_FILE")
    return iter([Source(local.name, Place(path=os.path.realpath(local)), code)])


def local_path(src: str) -> Path | None:
    """The path SRC names, or None where it is the URL of an object store."""
    parts = urlsplit(src)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if "://" in src else Path(src)


def _in_folder(root: Path, folder: Path, without: set[str]) -> Iterator[Source]:
    prefix = "" if folder == root else folder.relative_to(root).as_posix() + "/"
    try:
        with os.scandir(folder) as entries:
            # One folder's names at a time: the order must not depend on the file system.
            names = sorted((entry.name, entry) for entry in entries if not _is_litter(entry.name))
    except OSError:
        yield Source(prefix.rstrip("/") or ".", Place(), "SOURCE_UNREADABLE")
        return
    for name, entry in names:
        real = os.path.realpath(entry.path)
        if real in without:
            continue
        code = name_code(prefix + name)
        if code is None and entry.is_dir(follow_symlinks=False):
            if not options.ours(Path(entry.path)):
                yield from _in_folder(root, Path(entry.path), without)
            continue
        if code is None and entry.is_symlink() and os.path.isdir(real) and _within(real, root):
            continue  # its files are met where they are
        yield Source(prefix + name, Place(path=real), code or _file_code(entry, real, root))


def _is_litter(name: str) -> bool:
    return name in LITTER or name.startswith("._")


def _within(path: str, root: Path) -> bool:
    return os.path.commonpath([path, root]) == str(root)


def _file_code(entry: os.DirEntry[str], real: str, root: Path) -> str | None:
    if entry.is_symlink() and not _within(real, root):
        return "SOURCE_OUTSIDE"
    try:
        mode = os.stat(real).st_mode
    except OSError:
        return "SOURCE_UNREADABLE"
    return None if stat.S_ISREG(mode) else "SOURCE_NOT_A_FILE"


def _in_bucket(url: str) -> Iterator[Source]:
    """Objects below a URL, in the store's own (alphabetical) order; a URL may also name one object."""
    try:
        store, found = _store(url), False
        for chunk in obstore.list(store, chunk_size=200):
            for about in chunk:
                found = True
                yield bucket_source(url, about["path"], about["size"])
        if not found:
            parent, _, name = url.rpartition("/")
            about = obstore.head(_store(parent), name)
            yield bucket_source(parent, name, about["size"])
    except Refused:
        raise
    except Exception as error:  # obstore raises its own kinds for each store
        raise Unusable(f"对象存储无法读取（{type(error).__name__}）：请检查 SRC 的地址和访问凭据。") from error


def bucket_source(url: str, key: str, size: int) -> Source:
    """One object as an input, judged by its name and size alone."""
    code = name_code(key) or ("SCAN_TOO_LARGE" if size > Limits().file_bytes else None)
    return Source(key, Place(url=url, key=key), code)
