"""The provider's simulator and the courier that speaks to it: one message a key, reports until they are taken, kills."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from uuid import UUID

import uvicorn
from mangping.couriers.base import Accepted, Unclear, Undeliverable, Way
from mangping.couriers.http import HttpCourier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulators.sms.process import Sms

KEY, OTHER = UUID(int=1), UUID(int=2)


async def test_one_message_a_key_and_clear_refusals(tmp_path: Path) -> None:
    with Sms.start(tmp_path) as provider:
        courier = HttpCourier(provider.url, "local-sms-token")
        provider.switch(drop_answers=1)
        assert await courier.send(KEY, Way.SMS, "13900000000", "缴款通知") == Unclear()
        again = await courier.send(KEY, Way.SMS, "13900000000", "缴款通知")
        assert isinstance(again, Accepted)
        assert [one["id"] for one in provider.messages()] == [again.provider_id]
        provider.switch(refuse=True)
        assert await courier.send(OTHER, Way.EMAIL, "a@example.com", "缴款通知") == Undeliverable("refused_by_provider")
        assert await HttpCourier(provider.url, "guessed").send(OTHER, Way.SMS, "13900000000", "x") == Unclear()
        provider.kill()
        assert await courier.send(OTHER, Way.SMS, "13900000000", "x") == Unclear()
        provider.restart()
        assert [one["key"] for one in provider.messages()] == [str(KEY)]


async def test_reports_are_repeated_until_they_are_taken(tmp_path: Path) -> None:
    told: list[dict[str, str]] = []
    deaf = [1]

    async def hear(request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer report-token"
        if deaf:
            deaf.pop()
            return Response(status_code=503)
        told.append(await request.json())
        return Response(status_code=204)

    door = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/reports", hear, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    url = f"http://127.0.0.1:{door.getsockname()[1]}/reports"
    with Sms.start(tmp_path, report_url=url, report_token="report-token") as provider:
        courier = HttpCourier(provider.url, "local-sms-token")
        await courier.send(KEY, Way.SMS, "13900000000", "缴款通知")
        provider.switch(undeliverable=True)
        await courier.send(OTHER, Way.SMS, "13900000001", "缴款通知")
        async with asyncio.timeout(15):
            while len(told) < 2:
                await asyncio.sleep(0.02)
    server.should_exit = True
    await serving
    found = sorted((one["key"], one["status"], one.get("code", "")) for one in told)
    assert found == [(str(KEY), "delivered", ""), (str(OTHER), "failed", "not_reached")]
