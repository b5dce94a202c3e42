"""E-mail through a real SMTP server: what arrives, what is refused for good, what is tried again, and under which name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from mangping.couriers.base import Accepted, ByWay, Unclear, Undeliverable, Way
from mangping.couriers.smtp import SmtpCourier

from deploy.simulators.mail.process import Mail

KEY, OTHER = UUID(int=1), UUID(int=2)
FROM, TO = "notice@review.example.org", "someone@example.org"


def now() -> datetime:
    return datetime(2024, 9, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mail]:
    with Mail.start(tmp_path_factory.mktemp("mail")) as running:
        yield running


async def test_a_mail_arrives_and_a_lost_answer_makes_no_second_one(server: Mail) -> None:
    courier = SmtpCourier.at(server.smtp, FROM, now)
    server.switch(drop_answers=1)
    assert await courier.send(KEY, Way.EMAIL, TO, "您的申报被退回。", title="申报退回") == Unclear()
    again = await courier.send(KEY, Way.EMAIL, TO, "您的申报被退回。", title="申报退回")
    assert again == Accepted(f"<{KEY}@review.example.org>", reported=False)
    [mail] = server.messages()
    told = {name: mail[name] for name in ("sender", "address", "title", "text", "times")}
    assert told == {"sender": FROM, "address": TO, "title": "申报退回", "text": "您的申报被退回。", "times": 2}


async def test_no_is_for_good_and_busy_is_not(server: Mail) -> None:
    courier = SmtpCourier.at(server.smtp, FROM, now)
    server.switch(refuse=True)
    assert await courier.send(OTHER, Way.EMAIL, TO, "x", title="y") == Undeliverable("mailbox_refused")
    server.switch(busy=True)
    assert await courier.send(OTHER, Way.EMAIL, TO, "x", title="y") == Unclear()
    server.switch()
    for address in ("a@example.org\r\nBcc: b@example.org", "a@example.org\nRCPT TO:<b@example.org>"):
        assert await courier.send(OTHER, Way.EMAIL, address, "x", title="y") == Undeliverable("address_malformed")


async def test_nobody_there_and_a_server_without_tls() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"smtp+plain://127.0.0.1:{held.getsockname()[1]}"
        assert await SmtpCourier.at(url, FROM, now).send(KEY, Way.EMAIL, TO, "x", title="y") == Unclear()


async def test_tls_is_not_given_up(server: Mail) -> None:
    """The server of the local stack offers none: nothing is sent to it under `smtp://`."""
    before = len(server.messages())
    url = server.smtp.replace("smtp+plain", "smtp")
    assert await SmtpCourier.at(url, FROM, now).send(OTHER, Way.EMAIL, TO, "x", title="y") == Unclear()
    assert len(server.messages()) == before


@pytest.mark.parametrize(
    "url", ["http://mail.example.org", "smtp://", "smtp+plain://mail.example.org:25", "smtp+plain://10.0.0.1:25"]
)
def test_another_url_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP"):
        SmtpCourier.at(url, FROM, now)


def test_ports_and_passwords() -> None:
    courier = SmtpCourier.at("smtps://some%40one:s%3Acret@mail.example.org", FROM, now)
    assert (courier.port, courier.user, courier.password) == (465, "some@one", "s:cret")
    assert SmtpCourier.at("smtp://mail.example.org", FROM, now).port == 587
    assert "s:cret" not in repr(courier)


async def test_a_way_that_nobody_set_up_is_a_clear_no() -> None:
    assert await ByWay({}).send(KEY, Way.SMS, "13900000000", "x") == Undeliverable("not_set_up")
