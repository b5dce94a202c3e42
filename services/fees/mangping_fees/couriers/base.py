"""The port: a text goes to a telephone or a mailbox. `key` names the message for good, so that a repetition is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mangping_fees.domain.delivery import Way


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it; whether it arrives is told later."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A clear no: no such number, no such mailbox. `code` is stable."""

    code: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """No answer: send it again under the same key."""


class Courier(Protocol):
    async def send(self, key: UUID, way: Way, address: str, text: str) -> Accepted | Undeliverable | Unclear:
        """Never raises for what the network or the provider does."""
