"""The door where finance pushes 5996 confirmations: checked, handed to the sink, and only then acknowledged.

A frame without a right trailer gets no answer at all. A voucher that means nothing is answered with a refusal, so the
sender keeps it and a person sees the count; the books of the day find its money anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from dataclasses import dataclass

from mangping.clock import BEIJING, Now
from mangping.errors import Transient

from mangping_fees.domain.payment import Confirmation
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.base import Sink
from mangping_fees.gateways.envelope import Message, read_message, write_message
from mangping_fees.gateways.markup import MarkupRefused
from mangping_fees.gateways.nontax import Count, Profile

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    connections: int = 64  # at a time; the next one is closed at once
    frame_s: float = 10.0  # from a frame's first wait to its end; also how long a silent peer is kept
    take_s: float = 30.0  # how long the sink may take


class ConfirmationServer:
    """`await start(host, port)`, then it serves until `stop()`. `count` hears why something was refused."""

    def __init__(
        self,
        profile: Profile,
        sink: Sink,
        now: Now,
        count: Count,
        bounds: Bounds | None = None,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._profile, self._sink, self._now, self._count = profile, sink, now, count
        self._bounds, self._tls = bounds or Bounds(), tls
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """The port that is listened on (the one given, unless that is 0)."""
        self._server = await asyncio.start_server(self._connection, host, port, limit=frames.MAX_FRAME, ssl=self._tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """What is being taken is taken; it goes unacknowledged, so its sender repeats it."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._bounds.connections:
            self._count("too_many")
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await self._talk(reader, writer)
        except frames.FrameRefused as refused:
            self._count(refused.fault)
        except MarkupRefused:
            self._count("markup")
        except TimeoutError:
            self._count("slow")
        except OSError:
            self._count("broken")
        except Exception:
            self._count("fault")
            _log.exception("a connection of the confirmation door ended by a fault of ours")
        finally:
            del self._open[task]
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Frame after frame, until the peer ends or says what cannot be believed."""
        while True:
            async with asyncio.timeout(self._bounds.frame_s):
                frame = await frames.read(reader, self._profile.token)
            if frame is None:
                return
            told = read_message(frame.xml, frame.number)
            answer = self._answer(told, await self._result(told))
            writer.write(frames.pack(frames.Frame(answer.number, write_message(answer)), self._profile.token))
            async with asyncio.timeout(self._bounds.frame_s):
                await writer.drain()

    async def _result(self, told: Message) -> str:
        if told.number != vouchers.CONFIRM:
            self._count("number")
            return vouchers.FAILED
        try:
            words = [self._word(told, place) for place in range(len(told.vouchers))]
        except vouchers.FieldRefused:
            self._count("field")
            return vouchers.UNREADABLE
        try:
            async with asyncio.timeout(self._bounds.take_s):
                for word in words:
                    await self._sink.take(word)
        except (Transient, TimeoutError):
            self._count("later")
            return vouchers.TRY_LATER
        return vouchers.OK

    def _word(self, told: Message, place: int) -> Confirmation:
        """The message id names the word; it is made unique by its sender, and by its place when there are several."""
        name = f"{told.source}:{told.id}" + (f":{place}" if place else "")
        return vouchers.confirmation(
            told.vouchers[place], event_id=name,
            region_code=told.division or self._profile.region_code, modes=self._profile.pay_modes,
        )  # fmt: skip

    def _answer(self, told: Message, result: str) -> Message:
        profile = self._profile
        return Message(
            vouchers.ANSWER, secrets.token_hex(16), told.id, profile.source, profile.target,
            f"{self._now().astimezone(BEIJING):%Y%m%d}", ({"Result": result},), told.division, told.year,
        )  # fmt: skip
