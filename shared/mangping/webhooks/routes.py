"""/v1/webhooks of any service: its Context says in `webhooks` whose they are, its guard who may come.

READ and WRITE are the scopes; POLICIES names the one of each route.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT, etag, version_of
from mangping.tokens import Bearer
from mangping.webhooks.endpoints import Webhooks
from mangping.webhooks.shapes import (
    SecretIn,
    WebhookChangeIn,
    WebhookDeliveriesOut,
    WebhookDeliveryOut,
    WebhookDeliveryWhole,
    WebhookEventOut,
    WebhookEventsOut,
    WebhookIn,
    WebhookOut,
    WebhookSecretOut,
    WebhooksOut,
)
from mangping.webhooks.store import State

READ, WRITE = "webhooks:read", "webhooks:write"
POLICIES = {
    "list_webhook_events": READ, "register_webhook": WRITE, "list_webhooks": READ, "get_webhook": READ,
    "change_webhook": WRITE, "remove_webhook": WRITE, "renew_webhook_secret": WRITE, "list_webhook_deliveries": READ,
    "get_webhook_delivery": READ, "redeliver_webhook": WRITE,
}  # fmt: skip

router = APIRouter(prefix="/v1", tags=["webhooks"])


def _webhooks(request: Request) -> Webhooks:
    found: Webhooks = request.app.state.context.webhooks
    return found


def _owner(request: Request) -> str:
    """The guard has put the caller there."""
    caller: Bearer = request.state.caller
    return caller.owner


Hooks = Annotated[Webhooks, Depends(_webhooks)]
Owner = Annotated[str, Depends(_owner)]
IF_MATCH = Annotated[str | None, Header(alias="If-Match", max_length=40, description="the ETag you have seen")]
_WORDS = {
    400: "The body is not what its Content-Type says", 401: "No valid token", 403: "The token lacks the scope",
    404: "Not there for this caller", 409: "Not possible in this state, or the Idempotency-Key has another body",
    412: "Changed meanwhile: read it again", 413: "The body is too large", 422: "A field breaks a rule",
    428: "If-Match is missing", 503: "Try again later with the same Idempotency-Key",
}  # fmt: skip
PROBLEMS: dict[int | str, dict[str, Any]] = {status: {"description": words} for status, words in _WORDS.items()}
_TAGGED: dict[int | str, dict[str, Any]] = {**PROBLEMS, 200: {"headers": {"ETag": {"schema": {"type": "string"}}}}}


@router.get("/webhook-events", name="list_webhook_events", summary="事件目录", responses=PROBLEMS)
async def events(hooks: Hooks) -> WebhookEventsOut:
    """Every event that can be asked for."""
    told = tuple(WebhookEventOut(type=type, description=words) for type, words in sorted(hooks.catalogue.items()))
    return WebhookEventsOut(items=told)


@router.post(
    "/webhooks",
    name="register_webhook",
    summary="登记回调地址",
    status_code=201,
    response_model=WebhookSecretOut,
    responses=PROBLEMS,
)
async def register(asked: WebhookIn, owner: Owner, hooks: Hooks, key: IDEMPOTENT = None) -> Response:
    """Have events sent to a URL of yours. The answer shows the secret that signs them, this once."""
    endpoint, secret = await hooks.register(owner, key, asked.url, asked.events)
    told = WebhookSecretOut.of_new(endpoint, secret)
    return _shown(told, 201, Location=f"/v1/webhooks/{endpoint.id}", ETag=etag(endpoint.version))


@router.get("/webhooks", name="list_webhooks", summary="回调地址列表", responses=PROBLEMS)
async def newest(owner: Owner, hooks: Hooks, after: AFTER = None, limit: LIMIT = 20) -> WebhooksOut:
    """Your endpoints, newest first."""
    found = await hooks.newest(owner, after=cursor.read(after) if after else None, limit=limit + 1)
    shown = found[:limit]
    following = cursor.write((shown[-1].created_at, shown[-1].id)) if len(found) > limit else None
    return WebhooksOut(items=tuple(WebhookOut.of(one) for one in shown), next=following)


@router.get("/webhooks/{id}", name="get_webhook", summary="查看回调地址", response_model=WebhookOut, responses=_TAGGED)
async def get(id: UUID, owner: Owner, hooks: Hooks) -> Response:
    """One endpoint; its secret is not shown again."""
    endpoint = await hooks.find(owner, id)
    return _shown(WebhookOut.of(endpoint), 200, ETag=etag(endpoint.version))


@router.put(
    "/webhooks/{id}",
    name="change_webhook",
    summary="修改、暂停或恢复回调地址",
    response_model=WebhookOut,
    responses=_TAGGED,
)
async def change(id: UUID, asked: WebhookChangeIn, owner: Owner, hooks: Hooks, seen: IF_MATCH = None) -> Response:
    """Another URL, other events, paused or active again. A pause lets die what is owed; redeliver it afterwards."""
    endpoint = await hooks.change(
        owner, id, version_of(seen, "webhook"), url=asked.url, events=asked.events, active=asked.active
    )  # fmt: skip
    return _shown(WebhookOut.of(endpoint), 200, ETag=etag(endpoint.version))


@router.delete("/webhooks/{id}", name="remove_webhook", summary="删除回调地址", status_code=204, responses=PROBLEMS)
async def remove(id: UUID, owner: Owner, hooks: Hooks) -> None:
    """Remove an endpoint with its secrets and the record of its deliveries."""
    await hooks.remove(owner, id)


@router.post(
    "/webhooks/{id}/secret", name="renew_webhook_secret", summary="更换签名密钥", status_code=201, response_model=WebhookSecretOut,
    responses=PROBLEMS,
)  # fmt: skip
async def renew(id: UUID, asked: SecretIn, owner: Owner, hooks: Hooks, key: IDEMPOTENT = None) -> Response:
    """A new secret, shown this once. Until the overlap ends every message is signed with the old one too."""
    endpoint, secret = await hooks.renew_secret(owner, key, id, asked.overlap)
    return _shown(WebhookSecretOut.of_new(endpoint, secret), 201)


@router.get("/webhook-deliveries", name="list_webhook_deliveries", summary="投递记录与死信", responses=PROBLEMS)
async def deliveries(
    owner: Owner, hooks: Hooks, after: AFTER = None, limit: LIMIT = 20,
    webhook: Annotated[UUID | None, Query(description="only those to this endpoint")] = None,
    state: Annotated[State | None, Query(description="dead: the dead letters")] = None,
) -> WebhookDeliveriesOut:  # fmt: skip
    """What was sent, is owed or is dead, newest first; kept for 30 days."""
    place = cursor.read(after) if after else None
    found = await hooks.deliveries(owner, endpoint=webhook, state=state, after=place, limit=limit + 1)
    shown = found[:limit]
    following = cursor.write((shown[-1].created_at, shown[-1].id)) if len(found) > limit else None
    return WebhookDeliveriesOut(items=tuple(WebhookDeliveryOut.of(one) for one in shown), next=following)


@router.get("/webhook-deliveries/{id}", name="get_webhook_delivery", summary="查看一次投递", responses=PROBLEMS)
async def delivery(id: UUID, owner: Owner, hooks: Hooks) -> WebhookDeliveryWhole:
    """One delivery with every attempt."""
    return WebhookDeliveryWhole.of_whole(*await hooks.delivery(owner, id))


@router.post(
    "/webhook-deliveries/{id}/redelivery", name="redeliver_webhook", summary="重新投递", status_code=202,
    response_model=WebhookDeliveryOut, responses=PROBLEMS,
)  # fmt: skip
async def redeliver(id: UUID, owner: Owner, hooks: Hooks, key: IDEMPOTENT = None) -> Response:
    """Send it again under the same webhook-id, from the start of the schedule."""
    return _shown(WebhookDeliveryOut.of(await hooks.redeliver(owner, key, id)), 202)


def _shown(told: BaseModel, status: int, **headers: str) -> Response:
    return JSONResponse(told.model_dump(mode="json"), status, headers={"Cache-Control": "no-store", **headers})
