"""findings.jsonl: one line for every page handled and every input refused; what stands in it is done for good."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mangping.errors import Refused

FILE = "findings.jsonl"
SYNC_SECONDS = 1.0  # at most this much work is done again after a power cut; after a kill, none


class InUse(Exception):
    """Another run writes here."""


@dataclass(slots=True)
class Done:
    """What an earlier run has finished."""

    refused: set[str] = field(default_factory=set)
    pages: dict[str, set[int]] = field(default_factory=dict)
    renditions: dict[str, str] = field(default_factory=dict)  # {rendition: source}


class Findings:
    """Appends whole lines. Held under a lock for as long as it is open."""

    def __init__(self, folder: Path) -> None:
        self._file: BinaryIO = open(folder / FILE, "ab", buffering=0)  # noqa: SIM115 - held until close
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise InUse from error
        self._folder, self._synced = folder, time.monotonic()
        sync_folder(folder)

    def page(self, source: str, page: int, rendition: str, record: dict[str, Any]) -> None:
        self._append({"source": source, "page": page, "rendition": rendition, **record})

    def refused(self, source: str, refusal: Refused) -> None:
        about = {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
        self._append({"source": source, "refused": about})

    def _append(self, line: dict[str, Any]) -> None:
        rest = memoryview(_bytes(line))
        while rest:  # a disk that fills up takes half a line, and says so only when asked for the rest
            rest = rest[self._file.write(rest) :]
        if time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def close(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def recover(self) -> Done:
        """What is complete. Torn lines, and lines whose rendition is gone, are taken out: they are done again."""
        for part in self._folder.rglob(".part-*"):
            part.unlink()  # what a killed worker was writing
        done, kept, dropped = Done(), self._folder / (FILE + ".part"), False
        with open(kept, "wb") as copy:
            for raw, line in _lines(self._folder):
                if line is None or not self._stands(line):
                    dropped = True
                    continue
                copy.write(raw)
                _note(line, done)
            copy.flush()
            os.fsync(copy.fileno())
        if dropped:
            self._replace(kept)
        else:
            kept.unlink()
        return done

    def _replace(self, kept: Path) -> None:
        """The lock moves to the new file before the old one is let go."""
        file = open(kept, "ab", buffering=0)  # noqa: SIM115 - held until close
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.replace(kept, self._folder / FILE)
        sync_folder(self._folder)
        self._file.close()
        self._file = file

    def _stands(self, line: dict[str, Any]) -> bool:
        return "refused" in line or (self._folder / line["rendition"]).is_file()


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines, one at a time; torn ones are passed over."""
    return (line for _, line in _lines(folder) if line is not None)


def _lines(folder: Path) -> Iterator[tuple[bytes, dict[str, Any] | None]]:
    with open(folder / FILE, "rb") as file:
        for raw in file:
            try:
                line = json.loads(raw) if raw.endswith(b"\n") else None
            except ValueError:
                line = None
            yield raw, line if _is_whole(line) else None


def _is_whole(line: Any) -> bool:
    return isinstance(line, dict) and "source" in line and ("refused" in line or {"page", "rendition"} <= set(line))


def _note(line: dict[str, Any], done: Done) -> None:
    if "refused" in line:
        done.refused.add(line["source"])
        return
    done.pages.setdefault(line["source"], set()).add(line["page"])
    done.renditions[line["rendition"]] = line["source"]


def _bytes(line: dict[str, Any]) -> bytes:
    text = json.dumps(line, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a file name that is no UTF-8: its bytes come back from \udc.. escapes
        return json.dumps(line, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def write_safely(folder: Path, name: str, content: bytes) -> None:
    """`folder/name` holds all of `content`, on disk, or is as it was. A link in its place is replaced, not followed."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.commonpath([os.path.realpath(target.parent), os.path.realpath(folder)]) != os.path.realpath(folder):
        raise NotADirectoryError(name)
    part = target.parent / f".part-{os.getpid()}-{time.monotonic_ns():x}"
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
