"""Messages of the socket protocol: CFX / HEAD / MSG / MOF / VoucherBody, each voucher a small XML of its own in base64.

A voucher is flat: names and texts. What the fields mean is for `vouchers` to say.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mangping_fees.gateways.markup import MarkupRefused, Node, read, write

APP, VERSION = "CNNONTAX", "1.0"
MAX_VOUCHERS = 200
Voucher = Mapping[str, str]
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NUMBER = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Message:
    """`ref` is the id of the message this one answers; a message that answers nothing refers to itself."""

    number: str
    id: str
    ref: str
    source: str
    target: str
    work_date: str  # YYYYMMDD
    vouchers: tuple[Voucher, ...]
    division: str = ""  # 行政区划, on the body's label
    year: str = ""


def write_message(message: Message) -> bytes:
    """XML in GBK. ValueError for text that XML cannot carry."""
    head = {
        "APP": APP, "VER": VERSION, "SRC": message.source, "DES": message.target, "MsgNo": message.number,
        "MsgID": message.id, "MsgRef": message.ref, "WorkDate": message.work_date, "Reserve": "",
    }  # fmt: skip
    label = {
        "AdmDivCode": message.division, "StYear": message.year, "VtCode": message.number, "VoucherNo": message.id,
    }  # fmt: skip
    vouchers = [Node("Voucher", _sealed(voucher)) for voucher in message.vouchers]
    count = Node("VoucherCount", str(len(vouchers)))
    mof = Node("MOF", children=[count, Node("VoucherBody", attributes=label, children=vouchers)])
    return write(Node("CFX", children=[_flat("HEAD", head), Node("MSG", children=[mof])]))


def read_message(untrusted: bytes, number: str) -> Message:
    """MarkupRefused unless it is a whole message whose head repeats the frame's `number`."""
    root = read(untrusted)
    if root.tag != "CFX":
        raise MarkupRefused
    head = _fields(root.only("HEAD"))
    told = tuple(head.get(name, "").strip() for name in ("MsgNo", "MsgID", "MsgRef"))
    if head.get("APP", "").strip() != APP or not _NUMBER.fullmatch(number) or told[0] != number:
        raise MarkupRefused
    if not _ID.fullmatch(told[1]) or not _ID.fullmatch(told[2] or told[1]):
        raise MarkupRefused
    mof = root.only("MSG").only("MOF")
    bodies = mof.all("VoucherBody")
    sealed = [voucher.text for body in bodies for voucher in body.all("Voucher")]
    if len(sealed) > MAX_VOUCHERS or mof.only("VoucherCount").text.strip() != str(len(sealed)):
        raise MarkupRefused
    label = bodies[0].attributes if bodies else {}
    return Message(
        told[0], told[1], told[2] or told[1], head.get("SRC", "").strip(), head.get("DES", "").strip(),
        head.get("WorkDate", "").strip(), tuple(_opened(text) for text in sealed),
        label.get("AdmDivCode", ""), label.get("StYear", ""),
    )  # fmt: skip


def _flat(tag: str, fields: Mapping[str, str]) -> Node:
    return Node(tag, children=[Node(name, value) for name, value in fields.items()])


def _fields(node: Node) -> dict[str, str]:
    """Children as names and texts; a name that stands twice, or holds elements itself, is refused."""
    fields = {child.tag: child.text for child in node.children}
    if len(fields) != len(node.children) or any(child.children for child in node.children):
        raise MarkupRefused
    return fields


def _sealed(voucher: Voucher) -> str:
    return base64.b64encode(write(_flat("Voucher", voucher))).decode()


def _opened(text: str) -> Voucher:
    try:
        inner = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise MarkupRefused from None
    root = read(inner)
    if root.tag != "Voucher":
        raise MarkupRefused
    return _fields(root)
