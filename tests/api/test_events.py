"""Progress over a real socket: the stream begins at once, tells a change while it is open, and goes on where it ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
from mangping import rehearsal
from mangping_api.wiring import Context

from deploy.local.servers import free_port
from tests.api.office import IN_WINDOW, PACK, begun, fill, load_pack, open_office
from tests.api.test_attachments import attached, redacted
from tests.conftest import Env, settings_of
from tests.processes import api


async def pictures(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    id = ""
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            id = line[4:]
        elif line.startswith("data: "):
            yield id, json.loads(line[6:])


async def test_a_change_is_told_while_the_stream_is_open(
    own_env: Env, token: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    rehearsal.set_to(file, IN_WINDOW)
    env = {**own_env, "MANGPING_REHEARSAL_CLOCK": str(file), "MANGPING_BIND": f"127.0.0.1:{free_port()}"}
    context = Context.open(settings_of(env), name="tests")
    with api(env) as base:
        async with httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as client:
            office = await open_office(client, context, token)
            id = await begun(office, "gul", await load_pack(office, PACK))
            await fill(office, "gul", id)
            one = await attached(office, id)
            where, headers = f"/v1/applications/{id}/events", office.as_("gul")
            async with client.stream("GET", where, headers=headers) as answer, asyncio.timeout(20):
                assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
                told = pictures(answer)
                first, standing = await anext(told)
                assert standing["pending"] == 1
                await redacted(context, one)
                second, standing = await anext(told)
                assert (standing["pending"], standing["attachments"][0]["verified"]) == (0, True)
            resumed = {**headers, "Last-Event-ID": first}
            async with client.stream("GET", where, headers=resumed) as answer, asyncio.timeout(20):
                assert (await anext(pictures(answer)))[0] == second
            assert (await client.get(where, headers=office.as_(office.admin))).status_code == 404
    await context.close()
