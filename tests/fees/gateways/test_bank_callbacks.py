"""The bank's other carrier: signed callbacks, taken by a real HTTP server, repeated until it says yes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
import uvicorn
from mangping.errors import Refused
from mangping.webhooks.signature import Secret
from mangping_fees.domain.payment import Channel, Confirmation, DeductionFailed, GatewayEvent, PayPageOpened
from mangping_fees.gateways.base import BillItem, BillOrder, IssuedCode, Payer
from mangping_fees.gateways.nontax import NonTax, Profile
from mangping_fees.gateways.webhook import receive
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.local.servers import free_port
from deploy.simulators.bank.process import Bank
from tests.fees.gateways.conftest import TOKEN, Sink, now

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_bWFuZ3BpbmctaW52ZW50ZWQtc2VjcmV0LTAwMDE="
ORDER = BillOrder(
    "450300", 2024, "N1", date(2024, 9, 10), "450300072001", "收费单位",
    (BillItem("103042750101", "职称评审费", 38000, 1, "人·次", "副高级"),), 38000, Payer("申报人"),
)  # fmt: skip


class Ear:
    """Takes callbacks signed with the old secret; refuses the first `deaf` of them."""

    def __init__(self, deaf: int = 0) -> None:
        self.sink, self.deaf, self.heard = Sink(), deaf, 0

    async def hear(self, request: Request) -> Response:
        self.heard += 1
        if self.deaf:
            self.deaf -= 1
            return Response(status_code=503)
        body = await request.body()
        try:
            await receive([Secret.read(OLD)], request.headers, body, now=now(), seen=self._seen, sink=self.sink)
        except Refused as refused:
            return Response(status_code=refused.status)
        return Response(status_code=204)

    async def _seen(self, message_id: str) -> bool:
        return any(word.event_id == message_id for word in self.sink.words)


@asynccontextmanager
async def listening(ear: Ear, port: int) -> AsyncIterator[None]:
    app = Starlette(routes=[Route("/bank", ear.hear, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    door = socket.create_server(("127.0.0.1", port))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def heard(ear: Ear, kinds: list[type[GatewayEvent]]) -> list[GatewayEvent]:
    async with asyncio.timeout(15):
        while [type(word) for word in ear.sink.words] != kinds:
            await asyncio.sleep(0.02)
    return ear.sink.words


async def test_callbacks_in_the_midst_of_rotation(tmp_path: Path) -> None:
    ear, port = Ear(deaf=2), free_port()
    url = f"http://127.0.0.1:{port}/bank"
    with Bank.start(tmp_path, token=TOKEN.decode(), webhook_url=url, webhook_secret=f"{NEW} {OLD}") as bank:
        code = await NonTax(Profile("450300", *bank.socket, TOKEN), now).issue(ORDER)
        assert isinstance(code, IssuedCode)
        bank.switch(carrier="webhook", duplicates=1)
        async with listening(ear, port), httpx.AsyncClient(trust_env=False) as person:
            await person.get(code.pay_url)
            await heard(ear, [PayPageOpened])
            await person.post(code.pay_url, data={"act": "fail"})
            await heard(ear, [PayPageOpened, DeductionFailed])
            bank.pay(code.pay_code, "mobile_bank")
            words = await heard(ear, [PayPageOpened, DeductionFailed, Confirmation])
            async with asyncio.timeout(15):
                while bank.words() != {"told": 4}:
                    await asyncio.sleep(0.02)
    assert (len(words), ear.heard) == (3, 6)  # two refusals repeated; the double was answered and changed nothing
    word = words[-1]
    assert isinstance(word, Confirmation)
    assert (word.pay_code, word.amount_fen, word.channel) == (code.pay_code, 38000, Channel.MOBILE_BANK)


async def test_a_bank_with_another_secret_is_never_believed(tmp_path: Path) -> None:
    ear, port = Ear(), free_port()
    url = f"http://127.0.0.1:{port}/bank"
    with Bank.start(tmp_path, token=TOKEN.decode(), webhook_url=url, webhook_secret=NEW) as bank:
        code = await NonTax(Profile("450300", *bank.socket, TOKEN), now).issue(ORDER)
        assert isinstance(code, IssuedCode)
        bank.switch(carrier="webhook")
        async with listening(ear, port):
            bank.pay(code.pay_code)
            async with asyncio.timeout(15):
                while ear.heard < 2:
                    await asyncio.sleep(0.02)
        assert (ear.sink.words, bank.words()) == ([], {"owed": 1})
