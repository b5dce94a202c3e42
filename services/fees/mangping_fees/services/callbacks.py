"""Signed HTTP callbacks of a gateway: checked, then taken in like any other word of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mangping.clock import Now
from mangping.webhooks.signature import Secret

from mangping_fees.gateways.webhook import receive
from mangping_fees.services.settlement import Settlement


async def _never_seen(_: str) -> bool:
    """The inbox decides, in the transaction that takes the word in."""
    return False


@dataclass(frozen=True, slots=True)
class Callbacks:
    secrets: Sequence[Secret]
    now: Now
    settlement: Settlement

    async def take(self, headers: Mapping[str, str], body: bytes) -> None:
        """Recorded for good when this returns. Refused for a wrong signature, time or body; Transient: send it again."""
        await receive(self.secrets, headers, body, now=self.now(), seen=_never_seen, sink=self.settlement)
