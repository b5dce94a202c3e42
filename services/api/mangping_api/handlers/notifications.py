"""/v1/me/notifications, /v1/undelivered-notifications, /v1/delivery-reports: telling people, and whether they were told."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.notifications import (
    DeliveryReportIn,
    HandledOut,
    HandlingIn,
    NotificationOut,
    NotificationsOut,
    UndeliveredListOut,
    UndeliveredOut,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["notifications"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.get("/me/notifications", name="list_notifications", summary="查看本人通知", responses=PROBLEMS)
async def newest(
    me: Me, make: Make, after: AFTER = None, limit: LIMIT = 20,
    unread: Annotated[bool, Query(description="only what was not read")] = False,
) -> NotificationsOut:  # fmt: skip
    """What you were told about your applications, newest first."""
    place = cursor.read(after) if after else None
    found, count = await make.notifications().newest(me, unread=unread, after=place, limit=limit + 1)
    shown = found[:limit]
    following = cursor.write((shown[-1].created_at, shown[-1].id)) if len(found) > limit else None
    return NotificationsOut(items=tuple(NotificationOut.of(one) for one in shown), unread=count, next=following)


@router.put(
    "/me/notifications/{id}/read", name="read_notification", summary="标记为已读", status_code=204, responses=PROBLEMS
)
async def read(id: UUID, me: Me, make: Make) -> None:
    """Mark as read. What was read here is no longer sent by other ways."""
    await make.notifications().read(me, id)


@router.get("/undelivered-notifications", name="list_undelivered", summary="未送达通知清单", responses=PROBLEMS)
async def undelivered(me: Me, make: Make, after: AFTER = None, limit: LIMIT = 20) -> UndeliveredListOut:
    """Notifications of your organisations' applications that reached nobody by any way, oldest first, each with why."""
    place = cursor.read(after) if after else None
    found = await make.notifications().undelivered(me, after=place, limit=limit + 1)
    shown = found[:limit]
    following = cursor.write((shown[-1][0].created_at, shown[-1][0].id)) if len(found) > limit else None
    return UndeliveredListOut(items=tuple(UndeliveredOut.of_failed(*one) for one in shown), next=following)


@router.post(
    "/undelivered-notifications/{id}/handling", name="handle_undelivered", summary="登记已另行告知",
    response_model=HandledOut, responses=PROBLEMS,
)  # fmt: skip
async def handle(id: UUID, asked: HandlingIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Say how you told them; the task leaves the list."""
    status, body = await make.notifications().handle(me, key, id, asked.handling)
    return JSONResponse(body, status)


@router.post("/delivery-reports", name="report_delivery", summary="接收短信回执", status_code=204, responses=PROBLEMS)
async def report(told: DeliveryReportIn, make: Make, key: IDEMPOTENT = None) -> None:
    """For the provider of SMS: what became of a message. A failed one becomes work for an officer. The same report again
    changes nothing, so a key is taken and not needed."""
    if told.status == "delivered":
        await make.telling().delivered(told.key, told.at)
    else:
        await make.telling().failed(told.key, told.code)
