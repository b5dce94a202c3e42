"""The clock of a rehearsal: a stack on one machine that plays through a year in minutes.

A file holds how many seconds from now its services believe they are, so that all of them move together. Nothing that
serves people can be set so: every server it talks to must be on the same machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from mangping import clock
from mangping.clock import Now


class NotRehearsing(RuntimeError):
    """A rehearsal's clock was asked for beside a server that is not on this machine."""


def now_of(file: str, servers: Iterable[str]) -> Now:
    """The present instant, or the rehearsal's when `file` names one. Raises NotRehearsing unless all `servers` (URLs) are
    on this machine."""
    if not file:
        return clock.now
    if not all(_here(url) for url in servers):
        raise NotRehearsing("a rehearsal's clock is refused: not every server is on this machine")
    offset = Path(file)

    def now() -> datetime:
        return clock.now() + timedelta(seconds=float(offset.read_text("ascii")))

    return now


def set_to(file: Path, at: datetime) -> None:
    """From now on it is `at`, and time goes on from there."""
    fresh = file.with_suffix(".new")
    fresh.write_text(repr((at - clock.now()).total_seconds()), "ascii")
    fresh.replace(file)


def _here(url: str) -> bool:
    """A folder, a socket's folder, or a loopback address."""
    parts = urlsplit(url)
    host = parts.hostname or next(iter(parse_qs(parts.query).get("host", [])), "")
    if not host or host.startswith("/"):
        return parts.scheme == "file" or host.startswith("/")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
