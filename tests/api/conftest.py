"""An office of its own for a test that asks for `office`, at a clock that the test sets; `draft` is filled in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import IN_WINDOW, PACK, Clock, Office, begun, fill, load_pack, open_office
from tests.conftest import Env, NewEnv, settings_of


@pytest.fixture
def own_env(new_env: NewEnv) -> Env:
    return new_env()


@pytest.fixture
def clock() -> Clock:
    return Clock(IN_WINDOW)


@pytest.fixture
async def dated(own_env: Env, clock: Clock) -> AsyncIterator[Context]:
    opened = Context.open(settings_of(own_env, events_seconds="1.5"), name="tests")
    yield replace(opened, now=clock)
    await opened.close()


@pytest.fixture
async def office(own_env: Env, dated: Context, token: Callable[..., str]) -> AsyncIterator[Office]:
    app = build(settings_of(own_env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_office(client, dated, token)


@pytest.fixture
async def draft(office: Office) -> UUID:
    """Filled in; only the certificate is missing."""
    id = await begun(office, "gul", await load_pack(office, PACK))
    await fill(office, "gul", id)
    return id
