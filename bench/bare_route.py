"""The floor: a FastAPI route that does nothing but one SELECT through asyncpg. `python -m bench.bare_route URL PORT`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI


def app(url: str) -> FastAPI:
    held: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=4, max_size=10) as held["pool"]:
            yield

    made = FastAPI(lifespan=lifespan, openapi_url=None)

    @made.get("/v1/applications/{id}")
    async def get(id: UUID) -> dict[str, Any]:
        row = await held["pool"].fetchrow("select id, state, submissions from review.applications where id = $1", id)
        return dict(row)

    @made.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return made


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[1]), port=int(sys.argv[2]), log_level="error", access_log=False)
