"""When the notice of a return reached its applicant: opened in the inbox or delivered, whichever came first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from mangping.couriers.base import Accepted, Way
from mangping_api.services.telling import Telling
from mangping_api.tables.messages import notification_deliveries
from mangping_api.wiring import Context
from sqlalchemy import select

from tests.api.office import IN_WINDOW
from tests.api.reviewing import Tiers, at_work
from tests.conftest import NewEnv


class Silent:
    """A courier that takes everything and will report later."""

    async def send(self, key: UUID, way: Way, address: str, text: str, *, title: str = "") -> Accepted:
        return Accepted(str(key), True)


async def reached(tiers: Tiers, id: UUID) -> list[str | None]:
    told = (await tiers.office.get("gul", f"/v1/applications/{id}/returns")).json()["items"]
    return [one["reached_at"] for one in told]


async def test_a_return_tells_when_its_notice_was_opened_or_earlier_delivered(
    new_env: NewEnv, token: Callable[..., str]
) -> None:
    async with at_work(new_env, token) as (tiers, context):
        id, office = await tiers.submitted("gul"), tiers.office
        await tiers.sent_back(tiers.school, id, teaching="课时数与课表不符")
        telling = Telling(context.db, context.vault.keys, tiers.clock, Silent())
        await telling.hear()
        assert await reached(tiers, id) == [None]
        tiers.clock.at = opened = IN_WINDOW + timedelta(hours=3)
        inbox = (await office.get("gul", "/v1/me/notifications")).json()["items"]
        notice = next(one["id"] for one in inbox if one["event"] == "application.returned")
        read = await office.client.put(f"/v1/me/notifications/{notice}/read", headers=office.as_("gul"))
        assert read.status_code == 204
        assert await reached(tiers, id) == [opened.isoformat().replace("+00:00", "Z")]
        delivered = IN_WINDOW + timedelta(hours=1)
        await telling.delivered(await _delivery(context, UUID(notice)), delivered)
        assert await reached(tiers, id) == [delivered.isoformat().replace("+00:00", "Z")]


async def _delivery(context: Context, notice: UUID) -> UUID:
    async with context.db.begin() as tx:
        table = notification_deliveries
        query = select(table.c.id).where(table.c.notification_id == notice).limit(1)
        found: UUID = (await tx.execute(query)).scalar_one()
    return found
