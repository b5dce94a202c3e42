"""A rehearsal's clock moves, and never beside a server of somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mangping import clock, rehearsal
from mangping_api.settings import Settings
from mangping_api.wiring import Context

LOCAL = (
    "postgresql+asyncpg://postgres@/mangping?host=/run/postgres", "redis://127.0.0.1:6379/0", "file:///objects",
    "http://localhost:8080",
)  # fmt: skip
FAR = datetime(2024, 10, 10, tzinfo=UTC)


def test_without_a_file_it_is_now() -> None:
    assert rehearsal.now_of("", ["https://login.example.org"]) is clock.now


def test_it_is_as_late_as_was_set_and_time_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    rehearsal.set_to(file, FAR)
    now = rehearsal.now_of(str(file), LOCAL)
    first, second = now(), now()
    assert FAR <= first <= second < FAR + timedelta(seconds=5)
    rehearsal.set_to(file, FAR + timedelta(days=30))
    assert now() - FAR >= timedelta(days=30)


@pytest.mark.parametrize(
    "server",
    [
        "https://login.example.org",
        "redis://10.0.0.7:6379",
        "s3://bucket/objects",
        "postgresql+asyncpg://db/mangping",
        "https://sms.example.org/send",
        "smtps://user:word@mail.example.org",
        "tcp://10.0.0.9:7001",
    ],
)
def test_a_server_elsewhere_forbids_it(server: str, tmp_path: Path) -> None:
    with pytest.raises(rehearsal.NotRehearsing):
        rehearsal.now_of(str(tmp_path / "clock"), [*LOCAL, server])


@pytest.mark.parametrize("name", ["sms_url", "smtp_url"])
def test_a_rehearsal_never_writes_to_people(name: str, tmp_path: Path) -> None:
    rehearsal.set_to(file := tmp_path / "clock", FAR)
    local = dict(zip(("DATABASE_URL", "VALKEY_URL", "OBJECT_STORE_URL", "OIDC_ISSUER"), LOCAL, strict=True))
    keys = '{"current": "k1", "keys": {"k1": "' + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" + '"}}'
    told = {**local, "VAULT_KEYS": keys, "OIDC_AUDIENCE": "mangping", "rehearsal_clock": str(file)}
    with pytest.raises(rehearsal.NotRehearsing):
        Context.open(Settings.model_validate({**told, name: "smtps://user:word@mail.example.org"}), name="tests")
