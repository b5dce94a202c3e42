"""The front door: routers, guard, health, and a lifespan that refuses a stale schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mangping import web
from mangping.webhooks import routes as webhooks
from sqlalchemy import text

from mangping_api.auth import ACCESS, POLICIES, PUBLIC, guard
from mangping_api.handlers import (
    amendments,
    applications,
    attachments,
    charges,
    complaints,
    deliberations,
    exhibits,
    integrity,
    journals,
    notifications,
    objects,
    organisations,
    papers,
    people,
    post_plans,
    postings,
    programmes,
    publicity,
    redaction_batches,
    redaction_jobs,
    reviews,
    standings,
    transfers,
)
from mangping_api.openapi_examples import illustrate
from mangping_api.settings import Settings
from mangping_api.wire import JobIn
from mangping_api.wiring import Context

_DESCRIPTION = """Professional-title review (职称评审), blind (盲评): from an application's draft to its acceptance.

Applicants fill in and hand in by the rules of their programme; units publish, recommend and answer for it; each tier looks
item by item, returns, passes on or refuses; complaints, the integrity register, forms, notifications and webhooks go with
it. Scans become pictures in which a person, their unit, numbers, seals, eyes, codes and signatures are covered for good;
that part can be used by itself. Whatever fails answers `application/problem+json` with a stable `code`."""


def build(settings: Settings | None = None, *, context: Context | None = None) -> FastAPI:
    """The app. Without settings it can only describe itself (openapi)."""
    held: dict[str, Context] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assert settings is not None
        opened = context or Context.open(settings, name="mangping-api")
        try:
            await opened.check_schema()
            held["context"] = app.state.context = opened
            yield
        finally:
            await opened.close()

    async def postgres() -> None:
        async with held["context"].db.connect() as connection:
            await connection.execute(text("select 1"))

    app = web.build(
        title="mangping", version="1", description=_DESCRIPTION, guard=guard, lifespan=lifespan,
        # A request is held against one route after the other: what is asked most stands first.
        routers=[
            applications.router, reviews.router, attachments.router, people.router, reviews.returns, reviews.bodies,
            objects.router, redaction_jobs.router, redaction_batches.router, organisations.router, programmes.router,
            amendments.router, transfers.router, charges.router, papers.router, deliberations.router, postings.router,
            exhibits.router, publicity.router, post_plans.router, standings.router, complaints.router, integrity.router,
            journals.router, notifications.router, webhooks.router,
        ],
        checks={
            "postgres": postgres,
            "valkey": lambda: held["context"].queue.ping(),
            "schema": lambda: held["context"].check_schema(),
        },
        max_body=settings.max_upload_bytes if settings else 1,
    )  # fmt: skip
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: each operation with its scope, as in POLICIES, and its policy, as in ACCESS."""
    asked = JobIn.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = {**asked.pop("$defs", {}), "JobIn": asked}
    told = web.described(app, scopes=POLICIES, no_token=PUBLIC, schemas=schemas)
    for operation in (operation for path in told["paths"].values() for operation in path.values()):
        if (policy := ACCESS.get(operation["operationId"])) is not None:
            operation["x-policy"] = policy.__name__
    illustrate(told)
    return told
