"""Who gets in, what the door says of itself, and what it writes down."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mangping import logs
from mangping.tokens import Tokens
from mangping_api import schema
from mangping_api.main import build
from mangping_api.wiring import Context
from sqlalchemy import text

from deploy.local.stack import Stack
from tests.conftest import NewEnv, settings_of

JOBS = "/v1/redaction-jobs"
PAST = int(time.time()) - 3600


async def status(client: httpx.AsyncClient, authorization: str | None) -> tuple[int, str]:
    del client.headers["Authorization"]
    answer = await client.get(JOBS, headers={"Authorization": authorization} if authorization is not None else {})
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic eDp5"])
async def test_without_a_token_nobody_gets_in(client: httpx.AsyncClient, authorization: str | None) -> None:
    assert await status(client, authorization) == (401, "token.missing")


@pytest.mark.parametrize(
    "claims", [{"iss": "http://other"}, {"aud": "other"}, {"exp": PAST}, {"nbf": PAST + 9999}, {"sub": None}]
)
async def test_a_token_with_a_wrong_claim_is_invalid(
    client: httpx.AsyncClient, token: Callable[..., str], claims: dict[str, object]
) -> None:
    assert await status(client, f"Bearer {token(**claims)}") == (401, "token.invalid")


async def test_a_token_that_someone_else_signed_is_invalid(client: httpx.AsyncClient, stack: Stack) -> None:
    claims = {
        "iss": stack.env["OIDC_ISSUER"],
        "aud": stack.env["OIDC_AUDIENCE"],
        "sub": "x",
        "exp": PAST + 9999,
        "scope": "redaction:read",
    }
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = [
        jwt.encode(claims, stranger, "ES256", headers={"kid": "local-1"}),
        jwt.encode(claims, stranger, "ES256", headers={"kid": "unknown"}),
        jwt.encode(claims, "a secret that is thirty-two bytes", "HS256", headers={"kid": "local-1"}),
        jwt.encode(claims, "", "none", headers={"kid": "local-1"}),
    ]  # fmt: skip
    authorization = client.headers["Authorization"]
    for one in forged:
        client.headers["Authorization"] = authorization
        assert await status(client, f"Bearer {one}") == (401, "token.invalid")


async def test_a_token_without_the_scope_is_forbidden(client: httpx.AsyncClient, token: Callable[..., str]) -> None:
    reader = {"Authorization": f"Bearer {token(scope='redaction:read')}"}
    answer = await client.post("/v1/objects", content=b"x", headers=reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope.missing")
    assert (await client.get(JOBS, headers=reader)).status_code == 200


async def test_a_client_and_a_subject_of_the_same_name_are_two(
    client: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    made = await client.post("/v1/redaction-jobs", files={"file": ("x", b"x")})
    person = {"Authorization": f"Bearer {token(client_id='', azp='')}"}
    assert (await client.get(made.headers["Location"], headers=person)).status_code == 404


async def test_unknown_addresses_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/nowhere"), await client.put(JOBS), await client.get(JOBS, params={"limit": "0"})]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "route.unknown"), (405, "method.unknown"), (422, "request.invalid"),
    ]  # fmt: skip


async def test_health_and_metrics_need_no_token_and_name_no_one(client: httpx.AsyncClient) -> None:
    path = f"{JOBS}/{uuid4()}"
    await client.get(path)
    del client.headers["Authorization"]
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"postgres": True, "valkey": True, "schema": True})
    metrics = (await client.get("/metrics")).text
    assert metrics.find(path) == -1
    assert (
        'mangping_http_requests_total{method="GET",route="/v1/redaction-jobs/{id}",status="404"} 1.0'
        in metrics.splitlines()
    )


async def test_a_stale_schema_is_refused_at_start_and_shows_as_not_ready(new_env: NewEnv) -> None:
    env = new_env(migrated=False)
    stale = Context.open(settings_of(env), name="tests")
    with pytest.raises(schema.StaleSchema):
        async with build(settings_of(env), context=stale).router.lifespan_context(build()):
            pass
    env = new_env()
    context = Context.open(settings_of(env), name="tests")
    app = build(settings_of(env), context=context)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as talking,
    ):
        async with context.db.begin() as tx:
            await tx.execute(text("update review.alembic_version set version_num = 'other'"))
        ready = await talking.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (503, {"postgres": True, "valkey": True, "schema": False})


async def test_our_own_bug_is_told_without_its_words(client: httpx.AsyncClient, context: Context, capsys) -> None:  # type: ignore[no-untyped-def]
    made = await client.post("/v1/redaction-jobs", files={"file": ("x", b"x")})
    async with context.db.begin() as tx:
        await tx.execute(text('update review.redaction_jobs set refusal = \'{"secret": "阿依古丽"}\''))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.to_stderr()
    try:
        answer = await client.get(made.headers["Location"])
        written = capsys.readouterr().err
    finally:
        root.handlers[:], root.level = before, level
        async with context.db.begin() as tx:
            await tx.execute(text("update review.redaction_jobs set refusal = null"))
    assert (answer.status_code, answer.json()["code"]) == (500, "service.error")
    assert (written + answer.text).find("阿依古丽") == -1
    lines = [json.loads(line) for line in written.splitlines()]
    failed = [line for line in lines if line["event"] == "request.failed"]
    assert [(line["request_id"], line["error"]["type"]) for line in failed] == [
        (answer.headers["X-Request-Id"], "ValidationError")
    ]


async def test_a_request_id_is_taken_over_only_when_it_is_plain(client: httpx.AsyncClient) -> None:
    plain = await client.get("/healthz", headers={"X-Request-Id": "trace-12345"})
    odd = await client.get("/healthz", headers=[(b"X-Request-Id", "x\x01y阿".encode())])
    assert plain.headers["X-Request-Id"] == "trace-12345"
    assert len(odd.headers["X-Request-Id"]) == 32


async def test_there_is_one_check_of_tokens_in_the_house(context: Context) -> None:
    assert type(context.tokens) is Tokens


class TestATokenIsVerifiedOnce:
    """For each set of keys, and for as long as it is valid."""

    @pytest.fixture
    def verified(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        found: list[str] = []
        decode = jwt.decode

        def heard(token: str, *more: object, **named: object) -> object:
            found.append(token)
            return decode(token, *more, **named)  # type: ignore[arg-type]

        monkeypatch.setattr("mangping.tokens.jwt.decode", heard)
        return found

    @pytest.fixture
    def tokens(self, stack: Stack) -> Tokens:
        return Tokens(stack.env["OIDC_ISSUER"], stack.env["OIDC_AUDIENCE"])

    async def test_and_remembered(self, tokens: Tokens, token: Callable[..., str], verified: list[str]) -> None:
        one, other = token(scope="a"), token(scope="b")
        told = [(await tokens.verify(each)).scopes for each in (one, other, one, other)]
        assert (told, verified) == ([frozenset(scope) for scope in "abab"], [one, other])

    async def test_but_not_longer_than_it_is_valid(
        self, tokens: Tokens, token: Callable[..., str], verified: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, now = token(exp=int(time.time()) + 100), time.time()
        await tokens.verify(one)
        monkeypatch.setattr("mangping.tokens.time.time", lambda: now + 131)
        assert tokens._remembered(hashlib.sha256(one.encode()).digest()) is None

    async def test_nor_when_the_keys_were_fetched_again(
        self, tokens: Tokens, token: Callable[..., str], verified: list[str]
    ) -> None:
        one = token()
        await tokens.verify(one)
        tokens._fetched -= 301
        await tokens.verify(one)
        assert verified == [one, one]

    async def test_nor_more_of_them_than_fit(
        self, tokens: Tokens, token: Callable[..., str], verified: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mangping.tokens._REMEMBERED", 1)
        one, other = token(scope="a"), token(scope="b")
        for each in (one, other, other, one):
            await tokens.verify(each)
        assert verified == [one, other, one]
