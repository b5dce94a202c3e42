"""Whatever the other end answers, the port gives one of its own words: no exception, no hang, nothing believed lightly."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.base import (
    Absent,
    BillItem,
    BillOrder,
    BillRef,
    Declined,
    IssuedCode,
    Paid,
    Payer,
    ReceiptFile,
    ReceiptNumber,
    Unknown,
    Unpaid,
    Voided,
)
from mangping_fees.gateways.confirmations import Bounds, ConfirmationServer
from mangping_fees.gateways.envelope import Message, read_message, write_message
from mangping_fees.gateways.nontax import NonTax, Profile

from deploy.simulators.bank.books import Books
from deploy.simulators.bank.finance import Desk, serve
from tests.fees.gateways.conftest import TOKEN, Sink, now
from tests.fees.gateways.test_confirmations import WORD, push

ORDER = BillOrder(
    "450300", 2024, "N1", date(2024, 9, 10), "450300072001", "收费单位",
    (BillItem("103042750101", "职称评审费", 38000, 1, "人·次", "副高级"),), 38000, Payer("申报人"),
)  # fmt: skip
BILL, RECEIPT = BillRef("450300", 2024, "N1", "45030024300000000001"), ReceiptNumber("45010324", "0000000001", "ABC123")
ALLOWED = (
    (IssuedCode, Declined, Unknown), (Absent, Unpaid, Paid, Voided, Unknown), (Voided, Paid, Declined, Unknown),
    (ReceiptNumber, Declined, Unknown), (ReceiptFile, Declined, Unknown),
)  # fmt: skip
Reply = Callable[[Message], bytes]

TEXT = st.sampled_from(["", "0", "1", "2", "N1", "00000", "18022", "18098", "45030024300000000001", "380.00", "1e9",
    "http://127.0.0.1/pay/1", "javascript:1", "20240910", "101010", "45010324", "0000000001", "JVBERi0=", "*"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
)  # fmt: skip
NAMES = st.sampled_from([
    "Result", "PayNo", "PayCode", "PayUrl", "PayStats", "Amt", "TraNoBus", "CfmDate", "CfmTime", "PayMode", "File",
    "EInvoiceCode", "EInvoiceNumber", "RandomNumber", "AdmDivCode",
])  # fmt: skip
TOLD = st.lists(st.dictionaries(NAMES, TEXT, max_size=15), max_size=3).map(tuple)


async def ask_all(reply: Reply) -> list[object]:
    """The five answers of the port when the other end replies so."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = await frames.read(reader, TOKEN)
        assert frame is not None
        writer.write(reply(read_message(frame.xml, frame.number)))
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    gateway = NonTax(Profile("450300", "127.0.0.1", server.sockets[0].getsockname()[1], TOKEN, wait_s=5), now)
    answers: list[object] = [
        await gateway.issue(ORDER), await gateway.query(BILL), await gateway.void(BILL),
        await gateway.issue_receipt(BILL), await gateway.fetch_receipt(RECEIPT),
    ]  # fmt: skip
    server.close()
    return answers


def framed(message: Message) -> bytes:
    return frames.pack(frames.Frame(message.number, write_message(message)), TOKEN)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_garbage_is_unknown(data: bytes, known: bool) -> None:
    """With a right trailer and without."""
    sent = frames.pack(frames.Frame("5001", data), TOKEN) if known else data
    assert {type(answer) for answer in asyncio.run(ask_all(lambda _: sent))} == {Unknown}


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["5001", "5997"]), TOLD)
def test_any_fields_lead_to_a_word_of_the_port(number: str, told: tuple[dict[str, str], ...]) -> None:
    def reply(asked: Message) -> bytes:
        return framed(Message(number, "a1", asked.id, "K", "F", "20240910", told))

    for answer, allowed in zip(asyncio.run(ask_all(reply)), ALLOWED, strict=True):
        assert isinstance(answer, allowed)


async def test_an_answer_to_another_question_is_unknown() -> None:
    """Right in every way, and an old one played again."""
    good = {"Result": vouchers.OK, "PayNo": "N1", "PayCode": "45030024300000000001", "PayUrl": "http://127.0.0.1/p"}

    def old(_: Message) -> bytes:
        return framed(Message("5001", "a1", "another-question", "K", "F", "20240910", (good,)))

    def fresh(asked: Message) -> bytes:
        return framed(Message("5001", "a1", asked.id, "K", "F", "20240910", (good,)))

    assert await ask_all(old) == [Unknown("other_answer")] * 5
    assert (await ask_all(fresh))[0] == IssuedCode("45030024300000000001", "http://127.0.0.1/p")


async def test_another_bill_than_ours_is_unknown() -> None:
    told = {"Result": vouchers.OK, "PayNo": "N2", "PayCode": "45030024300000000001", "PayUrl": "http://127.0.0.1/p"}
    answers = await ask_all(lambda asked: framed(Message("5001", "a1", asked.id, "K", "F", "20240910", (told,))))
    assert answers[0] == Unknown("field")


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(server's, client's) contexts around one fresh certificate for 127.0.0.1."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_both_directions_over_tls(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path)
    desk = Desk(Books(tmp_path / "books"), TOKEN, "http://127.0.0.1/pay/")
    finance = await serve(desk, "127.0.0.1", 0, tls=server_tls)
    host_port = finance.sockets[0].getsockname()
    gateway = NonTax(Profile("450300", host_port[0], host_port[1], TOKEN, tls=client_tls), now)
    assert isinstance(await gateway.issue(ORDER), IssuedCode)
    trusting_nobody = ssl.create_default_context(cadata=None)
    wary = NonTax(Profile("450300", host_port[0], host_port[1], TOKEN, tls=trusting_nobody), now)
    assert await wary.issue(ORDER) == Unknown("unreachable")
    finance.close()

    sink = Sink()
    door = ConfirmationServer(Profile("450300", "", 0, TOKEN), sink, now, print, Bounds(), tls=server_tls)
    port = await door.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_tls)
    writer.write(push())
    assert await frames.read(reader, TOKEN) is not None
    writer.transport.abort()
    assert sink.words == [WORD]
    await door.stop()
