"""Strangers' XML is read as elements and text or refused; whatever we write is read back as it was."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping_fees.gateways import frames
from mangping_fees.gateways.envelope import MAX_VOUCHERS, Message, read_message, write_message
from mangping_fees.gateways.markup import MAX_DEPTH, MAX_ELEMENTS, MarkupRefused, Node, read, sayable, write

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40).filter(
    sayable
)
NAMES = st.from_regex(r"[A-Z][A-Za-z]{0,12}", fullmatch=True)
IDS = st.from_regex(r"[0-9A-Za-z_-]{1,32}", fullmatch=True)
MESSAGES = st.builds(
    Message,
    st.from_regex(r"[0-9]{4}", fullmatch=True), IDS, IDS, st.just("F450300"), st.just("K450300"), st.just("20240910"),
    st.lists(st.dictionaries(NAMES, TEXT, max_size=5), max_size=4).map(tuple), TEXT, TEXT,
)  # fmt: skip


@given(MESSAGES)
def test_any_message_comes_back(message: Message) -> None:
    assert read_message(write_message(message), message.number) == message


def test_every_character_of_gbk_means_the_same_in_its_superset() -> None:
    held = [chr(code) for code in range(0x80, 0x10000) if not 0xD800 <= code < 0xE000]
    for character in held:
        with contextlib.suppress(UnicodeEncodeError):
            assert character.encode("gbk").decode("gb18030") == character


def test_rare_names_travel_as_references() -> None:
    told = write(Node("N", "䶮㛃𬭎"))
    assert told.endswith(b"<N>&#19886;&#14019;&#183118;</N>") or b"&#19886;" in told
    assert read(told).text == "䶮㛃𬭎"


def test_gb18030_of_a_peer_is_read() -> None:
    assert read('<?xml version="1.0" encoding="GBK"?><N>䶮</N>'.encode("gb18030")).text == "䶮"


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]><a/>',
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;&c;</a>',
        b"<!DOCTYPE a><a/>",
        b'<?xml-stylesheet href="http://127.0.0.1:1/"?><a/>',
        b"<a>&nbsp;</a>",
        b"<a>&#0;</a>",
        b"<a>\x01</a>",
        b"<a><b></a></b>",
        b"<a/><b/>",
        b"<a/>tail",
        b"<a b='1' b='2'/>",
        b"<a>text<b/></a>",
        b"",
        b"   ",
        b"\xff\xfe<\x00a\x00/\x00>\x00",
        b"<a>\xff</a>",
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>",
        b"<a " + b" ".join(b'x%d="1"' % n for n in range(20)) + b"/>",
    ],
)
def test_hostile_markup_is_refused(hostile: bytes) -> None:
    with pytest.raises(MarkupRefused):
        read(hostile)


def test_markup_of_full_size_is_read_quickly() -> None:
    began = time.process_time()
    with pytest.raises(MarkupRefused):
        read(b"<a" + b" " * 4_000_000)
    assert len(read(b"<a>" + b"x" * 4_000_000 + b"</a>").text) == 4_000_000
    assert time.process_time() - began < 3


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for hostile in (data, b"<a>" + data + b"</a>", b'<?xml version="1.0" encoding="UTF-16"?><a>' + data):
        with contextlib.suppress(MarkupRefused):
            assert isinstance(read(hostile), Node)


@given(MESSAGES, st.data())
def test_any_change_to_a_message_is_read_or_refused(message: Message, data: st.DataObject) -> None:
    whole = bytearray(write_message(message))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MarkupRefused):
        assert read_message(bytes(whole), message.number).number == message.number


def test_an_extended_hash_carries_no_message() -> None:
    """Whoever has seen a frame can compute the trailer of its XML plus padding plus words of his own."""
    message = Message("5996", "a", "a", "K", "F", "20240910", ({"Amt": "1.00"},))
    xml, token = write_message(message), b"invented-token"
    length = len(token) + len(xml)
    padding = b"\x80" + b"\0" * ((55 - length) % 64) + (8 * length).to_bytes(8, "big")
    for appended in (b"", b"<CFX/>", b"-->", write_message(message)):
        forged = xml + padding + appended
        frame = frames.unpack(frames.pack(frames.Frame("5996", forged), token), token)
        assert frames.trailer(forged, token) == hashlib.sha256(token + forged).hexdigest().encode()
        with pytest.raises(MarkupRefused):
            read_message(frame.xml, frame.number)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"<MsgNo>5996", b"<MsgNo>8994"),
        (b"<APP>CNNONTAX", b"<APP>OTHER"),
        (b"<MsgID>a", b"<MsgID>a b"),
        (b"<VoucherCount>1", b"<VoucherCount>2"),
        (b"<Voucher>", b"<Voucher>*"),
        (b"<HEAD>", b"<HEAD><MsgID>b</MsgID>"),
        (b"CFX>", b"CFY>"),
    ],
)
def test_a_message_that_contradicts_itself_is_refused(was: bytes, becomes: bytes) -> None:
    told = write_message(Message("5996", "a", "a", "K", "F", "20240910", ({"Amt": "1.00"},)))
    assert told.replace(was, becomes) != told
    with pytest.raises(MarkupRefused):
        read_message(told.replace(was, becomes), "5996")


def test_a_field_that_stands_twice_is_refused() -> None:
    with pytest.raises(MarkupRefused):
        read_message(_of_voucher(b"<Voucher><Amt>1.00</Amt><Amt>9.00</Amt></Voucher>"), "5996")


def test_a_voucher_is_flat() -> None:
    with pytest.raises(MarkupRefused):
        read_message(_of_voucher(b"<Voucher><Amt><X/></Amt></Voucher>"), "5996")


def test_too_many_vouchers_are_refused() -> None:
    many = Message("5996", "a", "a", "K", "F", "20240910", ({},) * (MAX_VOUCHERS + 1))
    with pytest.raises(MarkupRefused):
        read_message(write_message(many), "5996")


def test_control_characters_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        write(Node("N", "a\x07"))


def _of_voucher(inner: bytes) -> bytes:

    head = [Node(n, v) for n, v in (("APP", "CNNONTAX"), ("MsgNo", "5996"), ("MsgID", "a"), ("MsgRef", "a"))]
    body = Node("VoucherBody", children=[Node("Voucher", base64.b64encode(inner).decode())])
    mof = Node("MOF", children=[Node("VoucherCount", "1"), body])
    return write(Node("CFX", children=[Node("HEAD", children=head), Node("MSG", children=[mof])]))
