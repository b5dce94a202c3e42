"""The page for integrators: its snippet verifies what is sent, its tables name every event, its waits are the schedule."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from mangping.webhooks.schedule import SCHEDULE
from mangping.webhooks.signature import Secret, sign
from mangping_api.domain.public import PUBLIC as OF_API
from mangping_fees.domain.public import PUBLIC as OF_FEES

from tests.conftest import ROOT

PAGE = (ROOT / "docs/events.md").read_text("utf-8")
AT, BODY = datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Secret.new()


@pytest.fixture(scope="module")
def verified() -> Any:
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    told: dict[str, Any] = {}
    exec(compile(snippet, "docs/events.md", "exec"), told)
    return told["verified"]


def test_the_snippet_takes_what_is_ours_and_nothing_else(verified: Any) -> None:
    now = AT.timestamp()
    both = sign([NEW, Secret.read(OLD)], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, BODY)
    assert [verified(secret, both, BODY, now=now) for secret in (OLD, NEW.text())] == [True, True]
    assert verified(Secret.new().text(), both, BODY, now=now) is False
    assert verified(OLD, both, BODY + b" ", now=now) is False
    assert verified(OLD, both, BODY, now=now + 301) is False
    assert verified(OLD, {**both, "webhook-id": "msg_other"}, BODY, now=now) is False


def test_the_vector_on_the_page_is_right() -> None:
    told = sign([Secret.read(OLD)], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, BODY)["webhook-signature"].split(" ")
    assert [one for one in told if f"`{one}`" not in PAGE] == []


def test_every_event_is_on_the_page() -> None:
    assert re.findall(r"^\| `([a-z_]+(?:\.[a-z_]+)+)` \|", PAGE, re.MULTILINE) == [*OF_API, *OF_FEES]


def test_the_waits_on_the_page_are_the_schedule() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    [told] = re.findall(r"at once, then after\s+(.*?); then", PAGE, re.DOTALL)
    waits = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", told)]
    assert [0, *waits] == [one.total_seconds() for one in SCHEDULE]
