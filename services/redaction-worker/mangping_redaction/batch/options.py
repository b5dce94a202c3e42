"""What a run was asked for, kept beside its output: --resume never mixes two kinds of renditions in one folder."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from mangping_redaction.batch.findings import write_safely

FILE = ".mangping-redact.json"


def fingerprint(asked: dict[str, object], identities: bytes, salt: bytes) -> str:
    """One number for all that shapes a rendition. Slow on purpose: the identities must not be guessed from it."""
    content = json.dumps(asked, sort_keys=True).encode() + b"\0" + identities
    return hashlib.scrypt(content, salt=salt, n=2**14, r=8, p=1, dklen=16).hex()


def remember(out: Path, asked: dict[str, object], identities: bytes) -> None:
    """Keep what is asked for; what is kept already, from a run that was killed before its first line, stays."""
    if same(out, asked, identities):
        return
    salt = os.urandom(16)
    kept = {"salt": salt.hex(), "options": fingerprint(asked, identities, salt)}
    write_safely(out, FILE, json.dumps(kept).encode())


def same(out: Path, asked: dict[str, object], identities: bytes) -> bool:
    """Whether the run kept in `out` was asked for the same; False where nothing readable was kept."""
    try:
        kept = json.loads((out / FILE).read_text())
        return bool(kept["options"] == fingerprint(asked, identities, bytes.fromhex(kept["salt"])))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def ours(out: Path) -> bool:
    """Whether a run of this command has written into the folder."""
    return (out / FILE).is_file()


def foreign(out: Path, name: str) -> bool:
    """Whether `out/name` lay there before the first run into `out`: no rendition may take its place."""
    try:
        return os.lstat(out / name).st_ctime_ns < os.stat(out / FILE).st_ctime_ns
    except OSError:
        return False  # nothing is there, or nobody remembers since when
