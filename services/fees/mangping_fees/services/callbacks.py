"""Signed HTTP callbacks of a gateway: checked, then taken in like any other word of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mangping.clock import Now
from mangping.webhooks.signature import Secret, verify

from mangping_fees.domain.payment import GatewayEvent
from mangping_fees.gateways.webhook import receive
from mangping_fees.services.settlement import Settlement


async def _never_seen(_: str) -> bool:
    """The inbox decides, in the transaction that takes the word in."""
    return False


@dataclass(frozen=True, slots=True)
class Callbacks:
    """`secrets` by region code: whoever knows one region's secret says nothing of another's money."""

    secrets: Mapping[str, Sequence[Secret]]
    now: Now
    settlement: Settlement

    async def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Recorded for good when this returns. Refused for a wrong signature, time or body; Transient: send it again."""
        at, anyone = self.now(), [secret for some in self.secrets.values() for secret in some]
        sink = _OwnRegion(self.secrets, headers, body, at, self.settlement)
        await receive(anyone, headers, body, now=at, seen=_never_seen, sink=sink)


@dataclass(frozen=True, slots=True)
class _OwnRegion:
    """Checks the signature again with the secrets of the region that the word is about. Implements `base.Sink`."""

    secrets: Mapping[str, Sequence[Secret]]
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    settlement: Settlement

    async def take(self, event: GatewayEvent) -> None:
        verify(self.secrets.get(event.region_code, ()), self.headers, self.body, self.at)
        await self.settlement.take(event)
