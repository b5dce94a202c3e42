"""Notifications as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from mangping.couriers.base import Way
from pydantic import AwareDatetime, ConfigDict, Field

from mangping_api.domain.notification import Delivery, Handling, Notification, Standing, number
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
_Next = Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class NotificationOut(Out):
    id: UUID
    application: UUID
    event: str
    title: str
    text: Annotated[str, Field(description="what is to be done, and until when; it names nobody")]
    due_at: Annotated[datetime | None, Field(description="exclusive")]
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, one: Notification) -> NotificationOut:
        words = one.words()
        return cls(
            id=one.id, application=one.application_id, event=one.event, title=words.title, text=words.text,
            due_at=one.due_at, created_at=one.created_at, read_at=one.read_at,
        )  # fmt: skip


class NotificationsOut(Out):
    items: tuple[NotificationOut, ...]
    unread: Annotated[int, Field(description="of all pages")]
    next: _Next


class FailureOut(Out):
    way: Way
    code: Annotated[str | None, Field(description="why it did not arrive, a stable code")]
    tries: int
    sent_at: datetime | None

    @classmethod
    def of(cls, one: Delivery) -> FailureOut:
        return cls(way=one.way, code=one.error, tries=one.tries, sent_at=one.sent_at)


class UndeliveredOut(Out):
    """A task: nobody could be told, so somebody must. Whom to call stands in the application's file."""

    id: UUID
    application: UUID
    number: Annotated[str, Field(description="how people name the application over the telephone")]
    event: str
    title: str
    text: str
    due_at: datetime | None
    created_at: datetime
    failures: tuple[FailureOut, ...]

    @classmethod
    def of_failed(cls, one: Notification, deliveries: list[Delivery]) -> UndeliveredOut:
        words = one.words()
        return cls(
            id=one.id, application=one.application_id, number=number(one.application_id), event=one.event,
            title=words.title, text=words.text, due_at=one.due_at, created_at=one.created_at,
            failures=tuple(FailureOut.of(delivery) for delivery in deliveries),
        )  # fmt: skip


class UndeliveredListOut(Out):
    items: tuple[UndeliveredOut, ...]
    next: _Next


class HandlingIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"handling": "phoned"}]})
    handling: Annotated[Handling, Field(description="how they were told, or that they need not be")]


class HandledOut(Out):
    id: UUID
    standing: Standing
    handling: Handling


class DeliveryReportIn(In):
    """What became of one message, by the key it was handed over under."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": _ID, "status": "delivered", "at": "2024-09-10T09:00:00+08:00"}]}
    )
    key: UUID
    status: Literal["delivered", "failed"]
    at: AwareDatetime
    code: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,40}$")] = "undelivered"
