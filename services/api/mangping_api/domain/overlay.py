"""The boxes of a page as a transparent drawing to lay over the picture: classes and places, never words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from mangping.contracts import ManifestPage

from mangping_api.domain.attachment import Masks

TITLES = {
    "name": "姓名", "unit": "单位", "id_number": "身份证号", "phone": "电话", "seal": "印章", "face": "人脸", "eyes": "眼部",
    "qrcode": "二维码", "barcode": "条形码", "signature": "签名", "fingerprint": "指印", "unreadable": "无法辨读",
}  # fmt: skip
_STYLES = {
    "proposed": 'fill="#cf1322" fill-opacity=".25" stroke="#cf1322"',
    "drawn": 'fill="#0958d9" fill-opacity=".25" stroke="#0958d9"',
    "removed": 'fill="none" stroke="#8c8c8c" stroke-dasharray="8 6"',
}
Polygon = Sequence[tuple[float, float]]


def drawing(page: ManifestPage, masks: Masks) -> str:
    """SVG in pixels of the source page: what the redaction covers, what the applicant drew, what they took away."""
    record = page.record
    size = f'viewBox="0 0 {record.width} {record.height}" width="{record.width}" height="{record.height}"'
    shapes = "".join(_shape(*one) for one in _boxes(page, masks))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{shapes}</svg>'


def _boxes(page: ManifestPage, masks: Masks) -> Iterator[tuple[str, str, Polygon]]:
    for finding in page.record.findings:
        if finding.covered and finding.finder != "applicant":
            yield "proposed", finding.cls, finding.polygon
    for box in masks.drawn:
        if box.page == page.page:
            yield "drawn", box.cls, box.polygon
    for one in masks.removed:
        if one.box.page == page.page:
            yield "removed", one.box.cls, one.box.polygon


def _shape(kind: str, cls: str, polygon: Polygon) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in polygon)
    title = escape(TITLES.get(cls, cls))
    return (
        f'<polygon class="{kind}" points="{points}" stroke-width="3" {_STYLES[kind]}><title>{title}</title></polygon>'
    )
