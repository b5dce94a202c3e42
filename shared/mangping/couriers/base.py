"""The port: a text goes to a telephone or a mailbox. `key` names the message for good, so that a repetition is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Way(StrEnum):
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it; whether it arrives is `reported` later, or never told."""

    provider_id: str
    reported: bool = True


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A clear no: no such number, no such mailbox. `code` is stable."""

    code: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """No answer: send it again under the same key."""


class Courier(Protocol):
    async def send(
        self, key: UUID, way: Way, address: str, text: str, *, title: str = ""
    ) -> Accepted | Undeliverable | Unclear:
        """Never raises for what the network or the provider does. `title` heads an e-mail."""


@dataclass(frozen=True, slots=True)
class ByWay:
    """Each way through a courier of its own; a way that nobody set up is a clear no, so that somebody hears of it."""

    couriers: Mapping[Way, Courier]

    async def send(
        self, key: UUID, way: Way, address: str, text: str, *, title: str = ""
    ) -> Accepted | Undeliverable | Unclear:
        if (courier := self.couriers.get(way)) is None:
            return Undeliverable("not_set_up")
        return await courier.send(key, way, address, text, title=title)
