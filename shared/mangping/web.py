"""The app builder: problem+json, request ids, body limits, metrics, health. Services add routers and a guard."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mangping.errors import NeedsHuman, Refused, Transient
from mangping.logs import about, describe

_log = logging.getLogger("mangping.web")
# What FastAPI calls schemas that share a class name: the module's path and the class, joined by "__".
_MODULE_PATH = re.compile(r"mangping_\w+?__(?:[a-z_]+?__)*?((?:[a-z]|_(?!_))+)__([A-Z]\w*)")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
Check = Callable[[], Awaitable[None]]  # raises when the part cannot serve
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

# What the framework itself refuses, in the house's words: status -> (code, message, remedy).
_FRAMEWORK = {
    400: ("request.malformed", "请求格式有误。", "请检查请求正文与 Content-Type 后重试。"),
    404: ("route.unknown", "没有这个地址。", "请对照接口文档检查路径。"),
    405: ("method.unknown", "该地址不支持此方法。", "请对照接口文档检查请求方法。"),
    413: ("body.too_large", "上传内容超过大小上限。", "请压缩或拆分后再上传。"),
}


def build(
    *, title: str, version: str, description: str, routers: Sequence[APIRouter], guard: Callable[..., Any],
    checks: Mapping[str, Check], lifespan: Lifespan, max_body: int,
) -> FastAPI:  # fmt: skip
    """An app whose every route runs `guard` first, save health and metrics, which tell nothing about anyone."""
    app = FastAPI(
        title=title, version=version, description=description, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url=None, generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    for router in routers:
        app.include_router(router, dependencies=[Depends(guard)])
    registry = CollectorRegistry()
    app.include_router(_public(checks, registry))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(NeedsHuman, _needs_human)
    app.add_exception_handler(Transient, _transient)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_middleware(_Door, registry=registry, max_body=max_body)
    return app


def problem(request: Request, status: int, code: str, message: str, remedy: str = "", **more: Any) -> JSONResponse:
    """RFC 9457, with a stable code, Chinese words and what to do; nothing that the caller sent is repeated."""
    body = {
        "type": f"urn:mangping:problem:{code}", "title": message, "status": status, "code": code, "remedy": remedy,
        "request_id": request.scope.get("request_id", ""), **more,
    }  # fmt: skip
    headers = {"Retry-After": "5"} if status == 503 else {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(request, error.status, error.code, error.message, error.remedy, **error.details)


async def _needs_human(request: Request, error: Exception) -> Response:
    assert isinstance(error, NeedsHuman)
    return problem(request, 409, error.reason, "此事需要人工处理。", "请联系评审办公室。")


async def _transient(request: Request, error: Exception) -> Response:
    return problem(request, 503, "service.unavailable", "服务暂时不可用。", "请稍后用同一个 Idempotency-Key 重试。")


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(
        request,
        422,
        "request.invalid",
        "请求中有不合要求的字段。",
        "请按 errors 逐项改正。",
        errors=_rules(error.errors()),
    )


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refused):  # the framework rewraps what the body limit said
        return await _refused(request, error.__cause__)
    fallback = (f"http.{error.status_code}", "请求无法处理。", "")
    return problem(request, error.status_code, *_FRAMEWORK.get(error.status_code, fallback))


def _rules(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Which field broke which rule. An unknown field's own name is the caller's text, so it is not repeated."""
    told = []
    for error in errors[:50]:
        where = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
        told.append({"pointer": "/" + "/".join(str(part) for part in where), "rule": str(error["type"])})
    return told


def _public(checks: Mapping[str, Check], registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz", name="healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", name="readyz")
    async def readyz(response: Response) -> dict[str, Any]:
        standing = {name: await _passes(name, check) for name, check in checks.items()}
        ready = all(standing.values())
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "not_ready", "checks": standing}

    @router.get("/metrics", name="metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _passes(name: str, check: Check) -> bool:
    try:
        await check()
    except Exception as error:
        _log.warning("not_ready", extra={"facts": {"check": name, "error": describe(error)}})
        return False
    return True


class _Door:
    """Outermost: request id, body limit, one log line and two metrics a request, and the last net for our own bugs."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, max_body: int) -> None:
        self._app, self._max_body = app, max_body
        labels = ("method", "route", "status")  # bounded: the route is the template, never the path that was asked for
        self._count = Counter("mangping_http_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram("mangping_http_request_seconds", "Time to answer", labels[:2], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = scope["request_id"] = _request_id(scope)
        started, status = time.perf_counter(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with about(request_id=request_id):
            try:
                await self._app(scope, _limited(scope, receive, self._max_body), numbered)
            except ClientDisconnect:
                _log.info("request.abandoned")
            except Exception:
                _log.exception("request.failed")
                if status:  # the answer had begun: cut it off, so that nobody takes a part for the whole
                    raise
                answer = problem(Request(scope), 500, "service.error", "服务内部错误。", "请凭 request_id 联系运维。")
                await answer(scope, receive, numbered)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"} else "other"
        self._count.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if route not in {"/healthz", "/readyz", "/metrics"}:
            facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            _log.info("request.answered", extra={"facts": facts})


def _request_id(scope: Scope) -> str:
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """A body that says or proves to be longer than `limit` bytes is refused as soon as that is known."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    left = -1 if declared.isdigit() and int(declared) > limit else limit

    async def counted() -> Message:
        nonlocal left
        message = await receive() if left >= 0 else {"type": "http.request", "body": b""}
        left -= len(message.get("body", b""))
        if left < 0:
            code, words, remedy = _FRAMEWORK[413]
            raise Refused(code, words, remedy, status=413)
        return message

    return counted


async def body_of(request: Request) -> AsyncIterator[bytes]:
    """The request's body as it arrives."""
    async for chunk in request.stream():
        if chunk:
            yield chunk


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The first frame is opened before the answer begins, so that a damaged object is an error, not a torn file."""
    first = await anext(chunks)

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_it()


def described(
    app: FastAPI, *, scopes: Mapping[str, str], no_token: str, schemas: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """OpenAPI 3.1: each operation named as in `scopes`, which says what scope it takes (`no_token`: none at all), and
    problems as problem+json. Schemas of one class name are told apart by noun (ChargeState), not by modules' paths."""
    told = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, openapi_version="3.1.0",
        separate_input_output_schemas=False,
    )  # fmt: skip
    components = told["components"]
    components["schemas"] |= schemas or {}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for operation in (operation for path in told["paths"].values() for operation in path.values()):
        scope = scopes[operation["operationId"]]
        operation |= {"security": [] if scope == no_token else [{"bearer": []}], "x-scope": scope}
        for status, response in operation["responses"].items():
            if status >= "400":
                response["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    named: dict[str, Any] = json.loads(
        _MODULE_PATH.sub(lambda found: found[1].title().replace("_", "") + found[2], json.dumps(told))
    )
    return named
