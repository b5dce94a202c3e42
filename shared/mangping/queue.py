"""The only arq import. Messages are JSON, each under a fresh id; what is owed is remembered in Postgres, never here.

While a message is being worked on, a beat is kept alive beside it: a consumer killed with -9 is known within seconds,
and a long queue or a long scan is not mistaken for a lost one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Any
from uuid import UUID

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import in_progress_key_prefix
from arq.worker import Function, Worker, func
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mangping.errors import Transient
from mangping.logs import about

_log = logging.getLogger("mangping.queue")
Handler = Callable[[dict[str, Any]], Awaitable[None]]
_BEAT = "mangping:beat:"
_UNREACHABLE = (RedisError, OSError, asyncio.TimeoutError)


class Standing(Enum):
    """What the queue knows of a message it was given."""

    WAITING = "waiting"
    RUNNING = "running"
    LOST = "lost"  # taken by a consumer that died, dropped with the queue's data, or answered


class Queue:
    """The sending side. Every method raises Transient when Valkey cannot be reached."""

    def __init__(self, url: str) -> None:
        self._settings = _settings(url)
        self._pool: ArqRedis | None = None

    async def send(self, queue: str, kind: str, body: Mapping[str, Any], id: UUID) -> None:
        """Put a message on a queue; the same id again while it waits there is no second message."""
        with _transient():
            await (await self._connected()).enqueue_job(kind, dict(body), _job_id=str(id), _queue_name=queue)

    async def standing(self, queue: str, ids: Sequence[UUID]) -> dict[UUID, Standing]:
        """Where each of these messages stands, in one round trip."""
        with _transient():
            async with (await self._connected()).pipeline(transaction=False) as pipe:
                for id in ids:
                    pipe.zscore(queue, str(id))
                    pipe.exists(f"{in_progress_key_prefix}{id}")
                    pipe.exists(f"{_BEAT}{id}")
                answers = await pipe.execute()
        return {id: _stands(*answers[3 * at : 3 * at + 3]) for at, id in enumerate(ids)}

    async def ping(self) -> None:
        with _transient():
            await (await self._connected()).ping()

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def _connected(self) -> ArqRedis:
        if self._pool is None:
            self._pool = await _pool(self._settings)
        return self._pool


@contextlib.contextmanager
def _transient() -> Any:
    try:
        yield
    except _UNREACHABLE as error:
        raise Transient("queue.unreachable") from error


def _stands(score: float | None, taken: int, beating: int) -> Standing:
    if beating:
        return Standing.RUNNING
    return Standing.WAITING if score is not None and not taken else Standing.LOST


def _settings(url: str) -> RedisSettings:
    """One silent retry, which finds out that a connection has gone stale; anything longer is the caller's to decide."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries, settings.retry = 0, Retry(NoBackoff(), 1)
    return settings


async def _pool(settings: RedisSettings) -> ArqRedis:
    return await create_pool(settings, job_serializer=_dump, job_deserializer=json.loads)


def _dump(value: Any) -> bytes:
    # An error that arq wants to keep is told by its type only: its text may hold what a person typed.
    return json.dumps(value, default=lambda other: type(other).__name__).encode()


async def serve(
    url: str,
    queue: str,
    handlers: Mapping[str, Handler],
    *,
    stop: asyncio.Event,
    at_once: int = 1,
    patience: float = 600,
    beat: float = 10,
) -> None:
    """Consume `queue` until `stop`, through any outage of Valkey; what is in hand is finished, for up to `patience` s.

    A handler that raises has its message dropped and logged: whoever owes the work sends a fresh one. A consumer that
    was silent for `beat` seconds counts as dead.
    """
    settings = _settings(url)
    while not stop.is_set():
        try:
            pool = await _pool(settings)
        except _UNREACHABLE:
            _log.warning("queue.unreachable")
            await _pause(stop, 1.0)
            continue
        try:
            doors = [func(_door(pool, kind, handler, beat), name=kind) for kind, handler in handlers.items()]
            await _consume(pool, queue, doors, stop, at_once, patience)
        except _UNREACHABLE:
            _log.warning("queue.lost")
            await _pause(stop, 0.5)
        finally:
            await pool.aclose()


async def _consume(
    pool: ArqRedis, queue: str, doors: Sequence[Function], stop: asyncio.Event, at_once: int, patience: float
) -> None:
    worker = Worker(
        doors, queue_name=queue, redis_pool=pool, handle_signals=False, max_jobs=at_once, max_tries=1, retry_jobs=False,
        job_timeout=patience, keep_result=0, poll_delay=0.1, log_results=False, job_serializer=_dump,
        job_deserializer=json.loads,
    )  # fmt: skip
    running = asyncio.create_task(worker.async_run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        worker.allow_pick_jobs = False
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        for task in (running, stopping):
            task.cancel()
        ended, _ = await asyncio.gather(running, stopping, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


def _door(pool: ArqRedis, kind: str, handler: Handler, beat: float) -> Any:
    async def door(ctx: dict[str, Any], body: dict[str, Any]) -> None:
        with about(message_id=ctx["job_id"]):
            beating = asyncio.create_task(_beat(pool, f"{_BEAT}{ctx['job_id']}", beat))
            try:
                await handler(body)
            except Exception:
                _log.exception("message.dropped", extra={"facts": {"kind": kind}})
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)
                with contextlib.suppress(*_UNREACHABLE):
                    await pool.delete(f"{_BEAT}{ctx['job_id']}")

    return door


async def _beat(pool: ArqRedis, key: str, seconds: float) -> None:
    while True:
        with contextlib.suppress(*_UNREACHABLE):
            await pool.set(key, b"1", px=int(seconds * 1000))
        await asyncio.sleep(seconds / 4)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
