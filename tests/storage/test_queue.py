"""The queue on the real Valkey: JSON, one delivery per id, and knowing the dead from the busy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from mangping.errors import Transient
from mangping.queue import Handler, Queue, Standing, serve
from redis.asyncio import Redis

NAME = "mangping:test"


@pytest.fixture
async def queue(env: dict[str, str]) -> AsyncIterator[Queue]:
    opened = Queue(env["VALKEY_URL"])
    yield opened
    await opened.close()


@pytest.fixture
async def valkey(env: dict[str, str]) -> AsyncIterator[Redis]:
    async with Redis.from_url(env["VALKEY_URL"]) as raw:
        await raw.flushdb()
        yield raw


@asynccontextmanager
async def serving(url: str, handlers: Mapping[str, Handler], beat: float = 10) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(serve(url, NAME, handlers, stop=stop, beat=beat))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def standing(queue: Queue, id: UUID) -> Standing:
    return (await queue.standing(NAME, [id]))[id]


async def until(queue: Queue, id: UUID, wanted: Standing) -> None:
    async with asyncio.timeout(5):
        while await standing(queue, id) is not wanted:
            await asyncio.sleep(0.02)


async def test_a_message_waits_as_json_and_once_per_id(queue: Queue, valkey: Redis) -> None:
    id = uuid4()
    for _ in range(2):
        await queue.send(NAME, "Hello", {"n": 1}, id)
    assert await standing(queue, id) is Standing.WAITING
    assert await valkey.zcard(NAME) == 1
    stored = json.loads(await valkey.get(f"arq:job:{id}"))
    assert (stored["f"], stored["a"]) == ("Hello", [{"n": 1}])


async def test_a_handler_gets_the_body_and_the_message_leaves_no_trace(
    env: dict[str, str], queue: Queue, valkey: Redis
) -> None:
    got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    id = uuid4()
    async with serving(env["VALKEY_URL"], {"Hello": got.put}):
        await queue.send(NAME, "Hello", {"n": 1}, id)
        assert await asyncio.wait_for(got.get(), 5) == {"n": 1}
        await until(queue, id, Standing.LOST)
    assert [key async for key in valkey.scan_iter() if b"health" not in key] == []


async def test_a_message_being_worked_on_is_running_until_its_consumer_falls_silent(
    env: dict[str, str], queue: Queue, valkey: Redis
) -> None:
    done, id = asyncio.Event(), uuid4()

    async def slow(body: dict[str, Any]) -> None:
        await done.wait()

    async with serving(env["VALKEY_URL"], {"Slow": slow}, beat=0.4):
        await queue.send(NAME, "Slow", {}, id)
        await until(queue, id, Standing.RUNNING)
        await asyncio.sleep(0.6)  # longer than a beat lasts
        assert await standing(queue, id) is Standing.RUNNING
        done.set()
    assert await standing(queue, id) is Standing.LOST


async def test_a_consumer_killed_at_work_leaves_a_lost_message(queue: Queue, valkey: Redis) -> None:
    id = uuid4()
    await queue.send(NAME, "Slow", {}, id)
    await valkey.set(f"arq:in-progress:{id}", b"1")  # what a killed consumer leaves: taken, and no beat
    assert await standing(queue, id) is Standing.LOST


async def test_a_handler_that_fails_is_told_without_its_words_and_the_next_message_is_served(
    env: dict[str, str], queue: Queue, valkey: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def fails(body: dict[str, Any]) -> None:
        raise ValueError("阿依古丽")

    async with serving(env["VALKEY_URL"], {"Fails": fails, "Hello": got.put}):
        await queue.send(NAME, "Fails", {}, uuid4())
        await queue.send(NAME, "Hello", {}, uuid4())
        assert await asyncio.wait_for(got.get(), 5) == {}
        async with asyncio.timeout(5):  # both are served side by side: the failure may be told last
            while not (told := [record.message for record in caplog.records if record.levelname == "ERROR"]):
                await asyncio.sleep(0.01)
    assert told == ["message.dropped"]


async def test_an_unreachable_queue_is_transient() -> None:
    with pytest.raises(Transient):
        await Queue("redis://127.0.0.1:1/0").ping()
