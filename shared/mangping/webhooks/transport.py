"""One POST to one endpoint: to the address that was judged, without redirects, bounded in time, its answer unread."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import httpx

from mangping.errors import Refused
from mangping.webhooks.address import Address, Forbidden, Place, Resolve, judge, read, resolve_name

_AGENT = "mangping-webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is the receiver's, None without an answer; then `error` is a stable code. `ms` is how long it took."""

    status: int | None
    error: str | None
    ms: int

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more of these."""
        return self.status == 410


class Post(Protocol):
    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Never raises for what the network or the receiver does."""


@dataclass(frozen=True, slots=True)
class HttpPost:
    """`local` as in `address`; `seconds` bound the whole of it, from the name to the status line."""

    local: bool = False
    seconds: float = 15.0
    resolve: Resolve = resolve_name
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        started = time.monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(self.seconds):
                place = read(url, local=self.local)
                addresses = await judge(place, local=self.local, resolve=self.resolve)
                status = await self._first(place, addresses, headers, body)
        except Refused:
            error = "url_refused"
        except Forbidden as fault:
            error = fault.code
        except TimeoutError:
            error = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as fault:
            error = "timeout" if isinstance(fault, httpx.TimeoutException) else "unreachable"
        return Outcome(status, error, int((time.monotonic() - started) * 1000))

    async def _first(self, place: Place, addresses: list[Address], headers: Mapping[str, str], body: bytes) -> int:
        """The status of the first address that takes the connection."""
        for address in addresses[:-1]:
            try:
                return await self._to(address, place, headers, body)
            except httpx.ConnectError:
                continue
        return await self._to(addresses[-1], place, headers, body)

    async def _to(self, address: Address, place: Place, headers: Mapping[str, str], body: bytes) -> int:
        """The connection goes to the number; the name stays in Host and in the certificate that TLS asks for."""
        told = {
            **headers, "host": place.url.netloc.decode("ascii"), "content-type": "application/json",
            "user-agent": _AGENT, "connection": "close",
        }  # fmt: skip
        # No connection is kept: a pool knows it by its number, not by the name it was opened for.
        client = httpx.AsyncClient(
            verify=self.tls or _tls(), trust_env=False, follow_redirects=False, timeout=self.seconds,
            limits=httpx.Limits(max_keepalive_connections=0),
        )  # fmt: skip
        numbered = place.url.copy_with(host=str(address))
        async with (
            client,
            client.stream(
                "POST", numbered, content=body, headers=told, extensions={"sni_hostname": place.host}
            ) as answer,
        ):
            return answer.status_code


@cache
def _tls() -> ssl.SSLContext:
    """Read from disk once: it costs more than a delivery."""
    return httpx.create_ssl_context(trust_env=False)
