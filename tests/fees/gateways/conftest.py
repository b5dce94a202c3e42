"""The real bank in its own process, one a module, and a door of ours that it pushes to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mangping.errors import Transient
from mangping_fees.domain.payment import Confirmation, GatewayEvent
from mangping_fees.gateways.confirmations import Bounds, ConfirmationServer
from mangping_fees.gateways.nontax import Profile

from deploy.local.servers import free_port
from deploy.simulators.bank.process import Bank

TOKEN = b"invented-token"


@dataclass
class Sink:
    """Keeps what it was given; refuses the next `busy` words, and breaks on the next `broken` ones."""

    words: list[GatewayEvent] = field(default_factory=list)
    busy: int = 0
    broken: int = 0
    hangs: bool = False

    async def take(self, event: GatewayEvent) -> None:
        if self.hangs:
            await asyncio.sleep(60)
        if self.busy:
            self.busy -= 1
            raise Transient
        if self.broken:
            self.broken -= 1
            raise RuntimeError("a fault of ours")
        self.words.append(event)

    @property
    def money(self) -> list[Confirmation]:
        return [word for word in self.words if isinstance(word, Confirmation)]


@dataclass
class Door:
    """A confirmation server with what it took and what it refused."""

    port: int
    sink: Sink
    counts: Counter[str]
    server: ConfirmationServer


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def door_port() -> int:
    return free_port()


@pytest.fixture
async def door(door_port: int) -> AsyncIterator[Door]:
    async with opened(door_port, Bounds(connections=4)) as door:
        yield door


@asynccontextmanager
async def opened(port: int, bounds: Bounds) -> AsyncIterator[Door]:
    sink, counts = Sink(), Counter[str]()

    def count(reason: str) -> None:
        counts[reason] += 1

    server = ConfirmationServer(Profile("450300", "", 0, TOKEN), sink, now, count, bounds)
    yield Door(await server.start("127.0.0.1", port), sink, counts, server)
    await server.stop()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, door_port: int) -> Iterator[Bank]:
    folder: Path = tmp_path_factory.mktemp("bank")
    with Bank.start(folder, token=TOKEN.decode(), confirm_to=f"127.0.0.1:{door_port}") as running:
        yield running
