"""The demo's report shows every page twice and says in Chinese what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from deploy.local.report import Shown, totals, write

RECORD: dict[str, Any] = {
    "width": 100, "height": 200, "orientation_degrees": 90, "skew_degrees": 0.4, "verified": False,
    "clarity": {"clear": False, "reasons": ["blurred"]}, "needs_human": ["unreadable_text", "a_new_code"],
    "findings": [
        {"class": "name", "polygon": [[1, 2], [30, 2], [30, 9], [1, 9]], "confidence": 0.97, "finder": "identity",
         "why": "<full name>", "covered": True},
        {"class": "unit", "polygon": [[1, 20], [30, 20], [30, 29]], "confidence": 0.5, "finder": "thirdparty",
         "why": "somebody else's", "covered": False},
    ],
    "ms": {"decode": 10.0, "read": 990.0},
}  # fmt: skip
PAGES = [
    Shown("荣誉证书", "0001.jpg", "originals/0001.jpg", "renditions/0001.jpg", RECORD),
    Shown("坏文件", "0002.jpg", "originals/0002.jpg", None, None, ("scan.truncated", "文件不完整")),
]


def test_numbers_at_the_head() -> None:
    assert totals(PAGES) == {"pages": 2, "verified": 0, "human": 1, "refused": 1, "covered": 1}


def test_both_pictures_outlines_words_and_reasons(tmp_path: Path) -> None:
    write(tmp_path / "report.html", PAGES, seconds=4.0, workers=2, sections={"缴费": Markup("<b>三份</b>")})
    text = (tmp_path / "report.html").read_text("utf-8")
    expected = [
        'src="originals/0001.jpg"', 'src="renditions/0001.jpg"', 'viewBox="0 0 100 200"',
        'points="1.0,2.0 30.0,2.0 30.0,9.0 1.0,9.0"', "有文字无法识读；a_new_code。", "姓名 <b>1</b> 处",
        "另见单位 1 处，未遮盖", "顺时针 90 度", "识读 990 毫秒", "文件不完整（scan.truncated）", "30 页/分",
        "&lt;full name&gt;", "不清晰：模糊", '<a href="#part-1">缴费</a>。', '<div id="part-1"><b>三份</b></div>',
    ]  # fmt: skip
    assert [part for part in expected if part not in text] == []
    assert text.count("<polygon") == 1
