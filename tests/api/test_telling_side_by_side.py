"""Messages go out side by side and in bounded time: a slow provider never outlasts the hold, so none goes twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from mangping.couriers.base import Accepted, Way
from mangping_api.services import telling
from mangping_api.services.telling import Telling
from mangping_api.wiring import Context
from sqlalchemy import text

from tests.api.office import SECTIONS, Clock, Office, begun, load_pack, save
from tests.api.test_notifications import EMAIL, PACK, happened


@dataclass
class Slow:
    """A provider that answers nobody before `together` have asked."""

    together: asyncio.Barrier
    sent: list[UUID] = field(default_factory=list)

    async def send(self, key: UUID, way: Way, address: str, text: str, *, title: str = "") -> Accepted:
        await self.together.wait()
        self.sent.append(key)
        return Accepted(f"p-{key}", True)


@pytest.fixture
async def application(office: Office) -> UUID:
    id = await begun(office, "gul", await load_pack(office, PACK))
    assert (await save(office, "gul", id, "basic", {**SECTIONS["basic"], "email": EMAIL})).status_code == 200
    return id


async def _tries(context: Context) -> list[tuple[int, bool]]:
    """(tries, whether it is to be tried again) of every delivery."""
    query = "select tries, next_at is not null and sent_at is null as again from review.notification_deliveries"
    async with context.db.begin() as tx:
        return [(row.tries, row.again) for row in await tx.execute(text(query))]


async def test_what_is_owed_is_sent_side_by_side(
    dated: Context, application: UUID, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_ANSWER", 5)
    courier = Slow(asyncio.Barrier(4))
    sender = Telling(dated.db, dated.vault.keys, clock, courier)
    for event in ("application.returned", "application.accepted"):
        await happened(dated, application, event)
    assert (await sender.hear(), await sender.sweep(), len(set(courier.sent))) == (2, 4, 4)
    assert await _tries(dated) == [(0, False)] * 4


async def test_a_provider_that_does_not_answer_is_left_before_the_hold_ends(
    dated: Context, application: UUID, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_ANSWER", 0.05)
    sender = Telling(dated.db, dated.vault.keys, clock, Slow(asyncio.Barrier(99)))
    await happened(dated, application, "application.accepted")
    assert (await sender.hear(), await sender.sweep(), await _tries(dated)) == (1, 2, [(1, True)] * 2)


def test_no_answer_is_waited_for_as_long_as_the_hold() -> None:
    assert telling._HOLD.total_seconds() > telling._ANSWER
