"""The local stack is made of real servers that can be killed, and tells the services exactly what they need."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import asyncpg
import jwt
import pytest
import redis

from deploy.local.fees import settings
from deploy.local.processes import MODULES, Services, answers, only
from deploy.local.stack import Stack, StackInUse

NAMES = {
    "DATABASE_URL", "VALKEY_URL", "OBJECT_STORE_URL", "VAULT_KEYS", "OIDC_ISSUER", "OIDC_AUDIENCE", "MANGPING_BIND",
}  # fmt: skip
OUTSIDE = {
    "DATABASE_URL": "postgresql+asyncpg://u:p@db.example.org/mangping", "VALKEY_URL": "redis://queue.example.org/0",
    "OBJECT_STORE_URL": "s3://scans", "OIDC_ISSUER": "https://login.example.org",
}  # fmt: skip


async def test_the_database_is_postgresql_18_in_utf8_and_utc(own_stack: Stack) -> None:
    connection = await asyncpg.connect(own_stack.env["DATABASE_URL"].replace("+asyncpg", ""))
    try:
        settings = await connection.fetchrow(
            "select current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
            " current_setting('timezone'), current_database()"
        )
    finally:
        await connection.close()
    assert tuple(settings or ()) == (18, "UTF8", "UTC", "mangping")


def test_valkey_survives_a_kill_and_forgets_with_its_disk(own_stack: Stack) -> None:
    client = redis.Redis.from_url(own_stack.env["VALKEY_URL"])
    client.set("kept", "1")
    client.execute_command("WAITAOF", 1, 0, 5000)  # type: ignore[no-untyped-call]
    own_stack.kill_valkey()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    own_stack.restart_valkey()
    assert client.get("kept") == b"1"
    own_stack.kill_valkey(lose_data=True)
    own_stack.restart_valkey()
    assert client.get("kept") is None


def test_tokens_are_verified_through_discovery_and_jwks(own_stack: Stack) -> None:
    issuer = own_stack.env["OIDC_ISSUER"]
    with urlopen(f"{issuer}/.well-known/openid-configuration") as reply:
        discovery = json.load(reply)
    assert discovery["issuer"] == issuer
    token = own_stack.token("somebody", "redaction:read", district="650100")
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="mangping", issuer=issuer)
    told = {name: claims[name] for name in ("sub", "scope", "district")}
    assert told == {"sub": "somebody", "scope": "redaction:read", "district": "650100"}
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "guess"}, 401),
        ({"grant_type": "password", "client_id": "x"}, 401),
        ({}, 404),
    ],
)
def test_no_token_without_the_secret(own_stack: Stack, form: dict[str, str], status: int) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{own_stack.env['OIDC_ISSUER']}/token", urlencode(form).encode(), method="POST"))
    assert refused.value.code == status


def test_one_stack_a_folder_and_its_keys_stay(own_stack: Stack) -> None:
    with pytest.raises(StackInUse):
        Stack.start(own_stack.folder)
    keys = json.loads(own_stack.env["VAULT_KEYS"])
    assert len(base64.b64decode(keys["keys"][keys["current"]])) == 32
    assert (own_stack.folder / "vault-keys.json").stat().st_mode & 0o777 == 0o600


def test_outside_servers_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    with Stack.start(tmp_path, external=OUTSIDE) as stack:
        assert set(stack.env) == NAMES
        assert {name: stack.env[name] for name in OUTSIDE} == OUTSIDE
        assert (stack.postgres, stack.valkey, stack.issuer) == (None, None, None)


def test_each_process_knows_only_its_own_settings(own_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a-password-of-the-machine")
    _, settings = MODULES["redaction-worker"]
    assert set(only(settings, own_stack.env)) & NAMES == {"VALKEY_URL", "OBJECT_STORE_URL", "VAULT_KEYS"}


def test_bank_and_fees_share_their_two_secrets_and_nothing_else(own_stack: Stack, tmp_path: Path) -> None:
    env = own_stack.env | settings(tmp_path, {})
    names = {kind: set(MODULES[kind][1]) for kind in ("bank", "fees", "fees-worker", "api", "redaction-worker")}
    assert {kind: names["bank"] & known for kind, known in names.items() if kind != "bank"} == {
        "fees": set(), "fees-worker": set(), "api": set(), "redaction-worker": set(),
    }  # fmt: skip
    assert set(only(MODULES["bank"][1], env)) & (NAMES | names["fees"]) == set()
    secrets = json.loads(env["MANGPING_FEES_WEBHOOK_SECRETS"])
    assert {tuple(some) for some in secrets.values()} == {(env["BANK_WEBHOOK_SECRET"],)}
    assert sorted(secrets) == sorted(line["region_code"] for line in json.loads(env["MANGPING_FEES_GATEWAYS"]))
    assert {line["token"] for line in json.loads(env["MANGPING_FEES_GATEWAYS"])} == {env["BANK_TOKEN"]}


def test_papers_and_links_bear_the_addresses_of_this_stack(tmp_path: Path) -> None:
    services = Services({"MANGPING_BIND": "127.0.0.1:1", "MANGPING_FEES_BIND": "127.0.0.1:2"}, tmp_path)
    doors = {"MANGPING_PUBLIC_URL": "http://127.0.0.1:1", "MANGPING_FEES_URL": "http://127.0.0.1:2"}
    told = {kind: services._told(module) for kind, (module, _) in MODULES.items()}
    large = {"redaction-worker": {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}}
    bear = {kind: urls for kind, urls in told.items() if urls}
    assert bear == {"migrate": doors, "api": doors, "api-worker": doors} | large


def test_a_finance_system_of_ones_own_takes_the_place_of_the_bank(tmp_path: Path) -> None:
    told = settings(tmp_path, {"MANGPING_FEES_GATEWAYS": "[]", "MANGPING_FEES_BIND": "127.0.0.1:8100"})
    assert told == {
        "MANGPING_FEES_BIND": "127.0.0.1:8100", "MANGPING_FEES_GATEWAYS": "[]", "MANGPING_FEES_WEBHOOK_SECRETS": "{}",
        "MANGPING_FEES_COURIER_URL": "", "MANGPING_FEES_COURIER_TOKEN": "",
    }  # fmt: skip


def test_fees_its_worker_and_the_bank_come_up_and_go(own_stack: Stack, tmp_path: Path) -> None:
    env = own_stack.env | settings(tmp_path, {})
    with Services(env, tmp_path / "logs") as services:
        url = services.start_fees()
        assert sorted(services.running) == ["bank", "fees", "fees-worker"]
        services.check()
    assert not answers(f"{url}/healthz")
