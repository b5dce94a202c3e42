"""The API as an integrator meets it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mangping_api.main import build
from mangping_api.tables import ledger, objects
from mangping_api.wiring import Context, Factory
from sqlalchemy import select

from tests.conftest import settings_of
from tests.services.making import answered, job_of

IDENTITY = {"names": ["阿依古丽·买买提"], "units": ["某市第三中学"], "id_numbers": ["650000199001011234"]}
FILE = {"file": ("阿依古丽的扫描件.jpg", b"\xff\xd8 scan", "image/jpeg")}


async def submit(client: httpx.AsyncClient, key: str | None = None, **fields: str) -> httpx.Response:
    form = {"identity": json.dumps(IDENTITY), **fields}
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post("/v1/redaction-jobs", data=form, files=FILE, headers=headers)


async def test_a_scan_is_ordered_done_and_taken_away(client: httpx.AsyncClient, context: Context) -> None:
    asked = await submit(client, "first", classes="name, seal", third_parties="true", image_format="png")
    assert asked.status_code == 202
    job = await job_of(context, UUID(asked.json()["id"]))
    assert await context.vault.get(job.source) == FILE["file"][1]
    await Factory(context).redaction_jobs().record(await answered(context, job, pages=2))
    told = (await client.get(asked.headers["Location"])).json()
    assert (told["state"], told["verified"], told["classes"], told["third_parties"], told["findings"]) == (
        "done", True, ["name", "seal"], True, {"name": 2},
    )  # fmt: skip
    page = told["pages"][1]
    assert (page["page"], page["clarity"], page["findings"][0]["class"]) == (
        2,
        {"clear": True, "reasons": [], "blur": 1.5},
        "name",
    )
    picture = await client.get(page["rendition"])
    assert (picture.content, picture.headers["Content-Type"]) == (b"image 2", "image/png")
    assert (picture.headers["Mangping-Verified"], picture.headers["Cache-Control"]) == ("true", "private, no-store")


async def test_an_upload_can_be_ordered_by_reference_with_json(client: httpx.AsyncClient, context: Context) -> None:
    bare = await client.post("/v1/objects", content=b"bare scan", headers={"Content-Type": "application/octet-stream"})
    form = await client.post("/v1/objects", files=FILE)
    assert [(answer.status_code, answer.json()["size"]) for answer in (bare, form)] == [(201, 9), (201, 7)]
    asked = await client.post("/v1/redaction-jobs", json={"object": bare.json()["id"], "identity": IDENTITY})
    assert asked.status_code == 202
    job = await job_of(context, UUID(asked.json()["id"]))
    assert (str(job.source), await context.vault.get(job.source)) == (bare.json()["id"], b"bare scan")


async def test_the_same_key_replays_the_answer_and_another_body_is_a_conflict(client: httpx.AsyncClient) -> None:
    first, second = await submit(client, "twice"), await submit(client, "twice")
    assert (first.status_code, first.text, first.headers["Location"]) == (
        second.status_code, second.text, second.headers["Location"],
    )  # fmt: skip
    other = await submit(client, "twice", third_parties="true")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key.reused")


async def test_another_integrator_sees_nothing_of_mine(
    client: httpx.AsyncClient, token: Callable[..., str], context: Context
) -> None:
    mine = (await submit(client)).json()["id"]
    await Factory(context).redaction_jobs().record(await answered(context, await job_of(context, UUID(mine))))
    other = {"Authorization": f"Bearer {token('other')}"}
    where = f"/v1/redaction-jobs/{mine}"
    answers = [
        await client.request(method, where + path, headers=other)
        for method, path in [("GET", ""), ("GET", "/renditions/1"), ("POST", "/retry"), ("DELETE", "")]
    ]
    unknown = await client.get(f"/v1/redaction-jobs/{uuid4()}")
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.json()["code"] for answer in answers} == {unknown.json()["code"]} == {"redaction_job.unknown"}
    assert (await client.get("/v1/redaction-jobs", headers=other)).json() == {"items": [], "next": None}
    assert (await client.get(where)).status_code == 200


async def test_the_list_is_read_page_by_page(client: httpx.AsyncClient, token: Callable[..., str]) -> None:
    client.headers["Authorization"] = f"Bearer {token('lister')}"
    made = [(await submit(client)).json()["id"] for _ in range(5)]
    seen, query = [], {"limit": "2"}
    while True:
        page = (await client.get("/v1/redaction-jobs", params=query)).json()
        seen.append([item["id"] for item in page["items"]])
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [made[:2:-1], made[2:0:-1], made[:1]]
    queued = await client.get("/v1/redaction-jobs", params={"state": "done"})
    assert queued.json()["items"] == []


async def test_a_batch_of_references_shows_its_progress(client: httpx.AsyncClient, context: Context) -> None:
    objects = [(await client.post("/v1/objects", content=b"scan")).json()["id"] for _ in range(3)]
    body = {"items": [{"object": id, "identity": IDENTITY} for id in objects], "classes": ["name"]}
    asked = await client.post("/v1/redaction-batches", json=body, headers={"Idempotency-Key": "batch"})
    assert asked.status_code == 202
    jobs = (await client.get("/v1/redaction-jobs", params={"batch": asked.json()["id"]})).json()["items"]
    await Factory(context).redaction_jobs().record(await answered(context, await job_of(context, UUID(jobs[0]["id"]))))
    told = (await client.get(asked.headers["Location"])).json()
    assert (told["total"], told["finished"], told["verified"], told["needs_human"]) == (3, 1, 1, 0)
    assert {state: n for state, n in told["states"].items() if n} == {"queued": 2, "done": 1}
    again = await client.post("/v1/redaction-batches", json=body, headers={"Idempotency-Key": "batch"})
    assert again.text == asked.text


async def test_erasing_makes_a_job_unknown(client: httpx.AsyncClient) -> None:
    where = (await submit(client)).headers["Location"]
    assert [(await client.delete(where)).status_code, (await client.get(where)).status_code] == [204, 404]


BAD_FORMS: list[tuple[dict[str, Any], int, str]] = [
    ({"data": {}, "files": {"other": ("x", b"x")}}, 400, "form.malformed"),
    ({"files": {"file": ("x", b"")}}, 422, "object.empty"),
    ({"files": [("file", ("x", b"x")), ("file", ("y", b"y"))]}, 400, "form.malformed"),
    ({"data": {"identity": "{not json"}, "files": FILE}, 400, "form.malformed"),
    ({"data": {"identity": '{"nick": ["x"]}'}, "files": FILE}, 422, "request.invalid"),
    ({"data": {"classes": "name,shoe"}, "files": FILE}, 422, "request.invalid"),
    ({"data": {"surprise": "1"}, "files": FILE}, 422, "request.invalid"),
    ({"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400, "form.malformed"),
    ({"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, 400, "form.malformed"),
    ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "request.malformed"),
    ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "body.media_type"),
    ({"json": {"object": str(uuid4())}}, 422, "object.unknown"),
    ({"json": {"object": "阿依古丽"}}, 422, "request.invalid"),
]


@pytest.mark.parametrize(("request_", "status", "code"), BAD_FORMS)
async def test_bad_requests_have_their_code(
    client: httpx.AsyncClient, request_: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post("/v1/redaction-jobs", **request_)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert [bool(answer.json()[words]) for words in ("title", "remedy")] == [True, True]


async def test_a_problem_never_repeats_what_was_sent(client: httpx.AsyncClient) -> None:
    body = {"object": "阿依古丽", "阿依古丽": 1, "identity": {"names": ["阿依古丽" * 99], "阿依古丽": []}}
    answer = await client.post("/v1/redaction-jobs", json=body)
    assert answer.json()["errors"] == [
        {"pointer": "/body/object", "rule": "uuid_parsing"},
        {"pointer": "/body/identity/names/0", "rule": "string_too_long"},
        {"pointer": "/body/identity", "rule": "extra_forbidden"},
        {"pointer": "/body", "rule": "extra_forbidden"},
    ] or sorted(error["rule"] for error in answer.json()["errors"]) == [
        "extra_forbidden", "extra_forbidden", "string_too_long", "uuid_parsing",
    ]  # fmt: skip
    assert answer.text.find("阿依古丽") == -1


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused_and_nothing_is_kept(
    env: dict[str, str], context: Context, token: Callable[..., str], declared: bool
) -> None:
    app = build(settings_of(env, max_upload_bytes="1000"), context=context)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as talking:
        app.state.context = context
        content: Any = b"x" * 5000 if declared else endless()
        answer = await talking.post("/v1/objects", content=content, headers={"Authorization": f"Bearer {token()}"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")
        body = {"object": str(uuid4()), "identity": {"names": ["某" * 150] * 9}}
        answer = await talking.post("/v1/redaction-batches", json=body, headers={"Authorization": f"Bearer {token()}"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


async def test_an_upload_that_breaks_off_leaves_a_reservation_for_the_sweep(
    client: httpx.AsyncClient, context: Context
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half a scan"
        raise ConnectionError

    async def reserved() -> set[UUID]:
        async with context.db.begin() as tx:
            return set((await tx.execute(select(objects.c.id).where(objects.c.state == "receiving"))).scalars())

    before = await reserved()
    assert (await client.post("/v1/objects", content=broken())).status_code == 500
    [left] = await reserved() - before
    assert await context.vault.holds(left) is False


async def test_no_message_in_the_outbox_names_anyone(client: httpx.AsyncClient, context: Context) -> None:
    await submit(client)
    async with context.db.begin() as tx:
        bodies = json.dumps(list((await tx.execute(select(ledger.outbox.c.body))).scalars()), ensure_ascii=False)
    assert [word for words in IDENTITY.values() for word in words if word in bodies] == []
