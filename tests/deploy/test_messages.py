"""The local stack tells people through a provider of SMS and a mail server of its own, and hears back."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest

from deploy.local.messages import settings
from deploy.local.processes import MODULES, only
from deploy.local.stack import Stack


def test_each_service_hands_over_under_its_own_token_and_is_told_at_its_own_door(
    own_stack: Stack, tmp_path: Path
) -> None:
    env = own_stack.env | settings(tmp_path, own_stack, "127.0.0.1:8100", {})
    senders = json.loads(env["SMS_SENDERS"])
    assert [one["token"] for one in senders] == [env["MANGPING_SMS_TOKEN"], env["MANGPING_FEES_COURIER_TOKEN"]]
    assert [one["report_url"] for one in senders] == [
        f"http://{own_stack.env['MANGPING_BIND']}/v1/delivery-reports", "http://127.0.0.1:8100/v1/delivery-reports",
    ]  # fmt: skip
    known = {kind: set(MODULES[kind][1]) for kind in ("sms", "mail", "redaction-worker")}
    assert known["sms"] & known["mail"] == set()
    assert set(only(MODULES["sms"][1], env)) & set(env) == {"SMS_FOLDER", "SMS_HTTP", "SMS_SENDERS"}
    told = {name for name in only(MODULES["api-worker"][1], env) if name.startswith(("MANGPING_S", "MANGPING_MAIL"))}
    assert told == {"MANGPING_SMS_URL", "MANGPING_SMS_TOKEN", "MANGPING_SMTP_URL", "MANGPING_MAIL_FROM"}


API = {"MANGPING_SMTP_URL": "smtps://mail.example.org", "MANGPING_MAIL_FROM": "a@example.org"}
FEES = {"MANGPING_FEES_COURIER_URL": "https://sms.example.org/", "MANGPING_FEES_COURIER_TOKEN": "invented"}
SIMULATED = {
    "SMS_FOLDER", "SMS_HTTP", "SMS_SENDERS", "MAIL_FOLDER", "MAIL_HTTP", "MAIL_SMTP", "MAIL_TOKEN",
}  # fmt: skip


def test_providers_of_ones_own_take_the_place_of_the_simulated_ones(own_stack: Stack, tmp_path: Path) -> None:
    assert settings(tmp_path, own_stack, "127.0.0.1:8100", API | FEES) == API | FEES


@pytest.mark.parametrize(
    ("outside", "simulated_for", "scope"),
    [(API, "MANGPING_FEES_", "fees:deliver"), (FEES, "MANGPING_", "deliveries:write")],
)
def test_a_service_with_providers_of_its_own_keeps_them_beside_one_that_has_none(
    own_stack: Stack, tmp_path: Path, outside: dict[str, str], simulated_for: str, scope: str
) -> None:
    told = settings(tmp_path, own_stack, "127.0.0.1:8100", outside)
    assert {name: told[name] for name in outside} == outside
    ways = {"MANGPING_": ("SMS_URL", "SMS_TOKEN"), "MANGPING_FEES_": ("COURIER_URL", "COURIER_TOKEN")}[simulated_for]
    names = {f"{simulated_for}{name}" for name in (*ways, "SMTP_URL", "MAIL_FROM", "WEBHOOKS_LOCAL")}
    assert set(told) == {*SIMULATED, *names, *outside}
    [sender] = json.loads(told["SMS_SENDERS"])
    assert sender["token"] == told[f"{simulated_for}{ways[1]}"]
    assert _scope(sender["report_token"]) == scope


def test_what_is_set_outside_stays_where_the_rest_is_simulated(own_stack: Stack, tmp_path: Path) -> None:
    outside = {"MANGPING_FEES_WEBHOOKS_LOCAL": "false", "MANGPING_FEES_MAIL_FROM": "fees@example.org"}
    told = settings(tmp_path, own_stack, "127.0.0.1:8100", outside)
    assert {name: told[name] for name in outside} == outside
    assert told["MANGPING_FEES_COURIER_URL"] == told["MANGPING_SMS_URL"] == f"http://{told['SMS_HTTP']}/"


def test_without_fees_nobody_hands_over_in_its_name(own_stack: Stack, tmp_path: Path) -> None:
    told = settings(tmp_path, own_stack, "", {})
    assert len(json.loads(told["SMS_SENDERS"])) == 1
    assert [name for name in told if "FEES" in name] == []


def _scope(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["scope"])
