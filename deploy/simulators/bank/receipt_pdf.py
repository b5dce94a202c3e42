"""A receipt as a small PDF, written by hand: the viewer brings the Chinese font (STSong-Light, one of the standard ones)."""

from __future__ import annotations

from mangping.money import yuan
from mangping_fees.gateways.base import ReceiptNumber

from deploy.simulators.bank.books import Bill

_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 "
    b"/W [1 95 500 814 939 500] /FontDescriptor 7 0 R >>",
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
    b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
)


def draw(bill: Bill, number: ReceiptNumber) -> bytes:
    """One landscape A5 page."""
    rows = [
        (18, "非税收入电子票据（模拟件，不作报销凭证）"),
        (11, f"票据代码：{number.code}    票据号码：{number.number}    校验码：{number.check_code}"),
        (11, f"缴款码：{bill.pay_code}"),
        (11, f"交款人：{bill.payer}"),
        (11, f"执收单位：{bill.unit_name}（{bill.unit_code}）"),
        *((11, _line(item)) for item in bill.info.split("#")[:8]),
        (12, f"金额合计（小写）：{yuan(bill.amount_fen)} 元"),
    ]
    text = b"".join(
        f"BT /F1 {size} Tf 40 {370 - 28 * place} Td <{line.encode('utf-16-be').hex()}> Tj ET\n".encode()
        for place, (size, line) in enumerate(rows)
    )
    return _file((
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(text), text),
        *_FONT,
    ))  # fmt: skip


def _line(item: str) -> str:
    parts = [*item.split("|"), *[""] * 5]
    return f"{parts[1]}  {parts[2]} 元  {parts[4]}{parts[3]}"


def _file(objects: tuple[bytes, ...]) -> bytes:
    data, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(data),
    )  # fmt: skip
