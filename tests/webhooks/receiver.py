"""A real HTTP server on loopback that receives webhooks and answers as it is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class Receiver:
    """`answers` are given one after another, the last one for ever; `heard` is every request: headers and body."""

    url: str
    answers: list[int] = field(default_factory=lambda: [204])
    wait: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        await asyncio.sleep(self.wait)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(status_code=answer, headers=self.headers)


@asynccontextmanager
async def receiving(certificate: Path | None = None) -> AsyncIterator[Receiver]:
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    receiver = Receiver(f"{'https' if certificate else 'http'}://127.0.0.1:{port}/hook")
    app = Starlette(routes=[Route("/{any:path}", receiver.hear, methods=["POST", "GET"])])
    options = {"ssl_certfile": str(certificate), "ssl_keyfile": str(certificate)} if certificate else {}
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", **options))  # type: ignore[arg-type]
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))
