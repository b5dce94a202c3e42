"""One post: to the number that was judged under the name that was meant, without redirects, bounded."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mangping.webhooks.transport import HttpPost, Outcome

from tests.webhooks.receiver import receiving, trusting

BODY, HEADERS = b'{"type":"thing.made"}', {"webhook-id": "msg_1"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of hooks.example.org, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "hooks.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def told(outcome: Outcome) -> tuple[int | None, str | None]:
    return outcome.status, outcome.error


async def test_a_body_arrives_as_it_was_signed() -> None:
    async with receiving() as receiver:
        assert told(await HttpPost(local=True)(receiver.url, HEADERS, BODY)) == (204, None)
        [(headers, body)] = receiver.heard
    assert (body, headers["webhook-id"], headers["content-type"]) == (BODY, "msg_1", "application/json")
    assert headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async with receiving() as receiver:
        receiver.answers, receiver.headers = [status], {"location": receiver.url + "/elsewhere"}
        outcome = await HttpPost(local=True)(receiver.url, HEADERS, BODY)
        assert (outcome.status, outcome.delivered, len(receiver.heard)) == (status, False, 1)


async def test_nothing_is_sent_to_loopback_outside_the_local_stack() -> None:
    async with receiving() as receiver:
        assert told(await HttpPost()(receiver.url, HEADERS, BODY)) == (None, "url_refused")
        secure = receiver.url.replace("http:", "https:")
        assert told(await HttpPost()(secure, HEADERS, BODY)) == (None, "address_forbidden")
        assert receiver.heard == []


async def test_silence_ends_in_time() -> None:
    async with receiving() as receiver:
        receiver.wait = 3
        assert told(await HttpPost(local=True, seconds=0.3)(receiver.url, HEADERS, BODY)) == (None, "timeout")


async def test_nobody_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/"
        assert told(await HttpPost(local=True)(url, HEADERS, BODY)) == (None, "unreachable")


async def test_an_endless_answer_is_not_read() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    assert told(await HttpPost(local=True, seconds=5)(url, HEADERS, BODY)) == (200, None)
    server.close()


async def test_the_name_is_resolved_once_and_its_certificate_is_asked_for(certificate: Path) -> None:
    """A name that first says one thing and then another reaches only what was judged."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async with receiving(certificate) as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.org")
        post = HttpPost(local=True, resolve=rebinding, tls=trusting(certificate))
        assert told(await post(url, HEADERS, BODY)) == (204, None)
        assert (asked, len(receiver.heard)) == (["hooks.example.org"], 1)
        assert receiver.heard[0][0]["host"] == url.split("/")[2]
        assert told(await post(url, HEADERS, BODY)) == (None, "address_forbidden")
        assert len(receiver.heard) == 1


async def test_another_name_s_certificate_is_refused(certificate: Path) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with receiving(certificate) as receiver:
        url = receiver.url.replace("127.0.0.1", "other.example.org")
        post = HttpPost(local=True, resolve=resolve, tls=trusting(certificate))
        assert told(await post(url, HEADERS, BODY)) == (None, "unreachable")
        assert receiver.heard == []


async def test_the_next_address_of_a_name_is_tried() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]  # nobody listens at the first

    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.org")
        assert told(await HttpPost(local=True, resolve=resolve)(url, HEADERS, BODY)) == (204, None)
