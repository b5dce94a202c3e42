"""The local stack tells people through a provider of SMS and a mail server of its own, and hears back."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_providers_of_ones_own_take_the_place_of_the_simulated_ones(own_stack: Stack, tmp_path: Path) -> None:
    outside = {"MANGPING_SMTP_URL": "smtps://mail.example.org", "MANGPING_MAIL_FROM": "a@example.org"}
    assert settings(tmp_path, own_stack, "", outside) == outside
