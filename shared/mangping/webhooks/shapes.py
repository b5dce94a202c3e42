"""Endpoints and deliveries as they are sent and got."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from mangping.webhooks.address import MAX_URL
from mangping.webhooks.sender import message_name
from mangping.webhooks.signature import Secret
from mangping.webhooks.store import Attempt, Delivery, Endpoint, Standing, State

Url = Annotated[str, Field(min_length=9, max_length=MAX_URL, description="https, public, without user and fragment")]
EventType = Annotated[str, Field(pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40}){1,3}$")]
EventTypes = Annotated[tuple[EventType, ...], Field(min_length=1, max_length=60, description="as /v1/webhook-events")]
_EXAMPLE: dict[str, Any] = {"url": "https://hooks.example.org/mangping", "events": ["application.accepted"]}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebhookIn(_In):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    url: Url
    events: EventTypes


class WebhookChangeIn(WebhookIn):
    active: Annotated[bool, Field(description="false pauses it; true also brings back one that answered 410")] = True


class SecretIn(_In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})
    overlap_hours: Annotated[int, Field(ge=0, le=168, description="so long the old secret signs too")] = 24

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.overlap_hours)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class WebhookOut(_Out):
    id: UUID
    url: str
    events: tuple[str, ...]
    state: Standing
    version: int
    created_at: datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> WebhookOut:
        return cls(
            id=endpoint.id, url=endpoint.url, events=endpoint.events, state=endpoint.state, version=endpoint.version,
            created_at=endpoint.created_at,
        )  # fmt: skip


class WebhookSecretOut(WebhookOut):
    secret: Annotated[str, Field(description="whsec_…, shown this once")]

    @classmethod
    def of_new(cls, endpoint: Endpoint, secret: Secret) -> WebhookSecretOut:
        return cls(**WebhookOut.of(endpoint).model_dump(), secret=secret.text())


class WebhooksOut(_Out):
    items: tuple[WebhookOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class WebhookDeliveryOut(_Out):
    id: UUID
    webhook: UUID
    webhook_id: Annotated[str, Field(description="the header of that name, the same at every attempt")]
    type: str
    state: State
    tries: Annotated[int, Field(description="attempts since it was last started")]
    next_at: Annotated[datetime | None, Field(description="when it is sent (again); null when it is not")]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, one: Delivery) -> WebhookDeliveryOut:
        return cls(
            id=one.id, webhook=one.endpoint_id, webhook_id=message_name(one.message_id), type=one.type, state=one.state,
            tries=one.tries, next_at=one.next_at, created_at=one.created_at, finished_at=one.finished_at,
        )  # fmt: skip


class WebhookAttemptOut(_Out):
    number: int
    at: datetime
    status: Annotated[int | None, Field(description="the receiver's answer")]
    error: Annotated[str | None, Field(description="a stable code when there was none")]
    ms: int


class WebhookDeliveryWhole(WebhookDeliveryOut):
    attempts: tuple[WebhookAttemptOut, ...]

    @classmethod
    def of_whole(cls, one: Delivery, attempts: list[Attempt]) -> WebhookDeliveryWhole:
        shown = tuple(
            WebhookAttemptOut(number=a.number, at=a.at, status=a.status, error=a.error, ms=a.ms) for a in attempts
        )
        return cls(**WebhookDeliveryOut.of(one).model_dump(), attempts=shown)


class WebhookDeliveriesOut(_Out):
    items: tuple[WebhookDeliveryOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class WebhookEventOut(_Out):
    type: str
    description: str


class WebhookEventsOut(_Out):
    items: tuple[WebhookEventOut, ...]
