"""Forms on paper: the same bytes for the same facts, nothing read as markup, no character lost in silence."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest
from mangping.typeset import Untypeset, pdf, qr

DAY = date(2024, 9, 1)
TEMPLATE = """#import "office.typ": *
#show: form.with(title: facts.title, day: datetime(year: facts.day.at(0), month: facts.day.at(1), day: facts.day.at(2)))
#title(facts.title)
#table(columns: (3cm, 1fr), label[姓名], facts.name, label[单位], or-none(facts.at("unit", default: none)))
#code(facts.qr)
"""


def facts(name: str = "欧阳测试") -> dict[str, str]:
    return {"title": "评审表", "name": name, "qr": qr("https://pay.example/qrcode?billId=45030024000000000017")}


def text_of(document: bytes) -> str:
    opened = pypdfium2.PdfDocument(document)
    return "".join(page.get_textpage().get_text_bounded() for page in opened)


def test_same_facts_same_bytes() -> None:
    assert pdf(TEMPLATE, facts(), day=DAY) == pdf(TEMPLATE, facts(), day=DAY)
    assert pdf(TEMPLATE, facts(), day=DAY) != pdf(TEMPLATE, facts("欧阳考试"), day=DAY)


def test_what_a_person_typed_is_text_never_markup() -> None:
    typed = '*粗* #panic("x") $x$ [a] \\ "引"'
    assert "".join(typed.split()) in "".join(text_of(pdf(TEMPLATE, facts(typed), day=DAY)).split())


def test_an_empty_field_says_so() -> None:
    assert "无" in text_of(pdf(TEMPLATE, facts(), day=DAY))


def test_a_character_that_the_font_lacks_is_refused() -> None:
    with pytest.raises(Untypeset, match="could not be displayed"):
        pdf(TEMPLATE, facts("测\U0002a6a5"), day=DAY)
    assert "\U00030ede" in text_of(pdf(TEMPLATE, facts("\U00030ede"), day=DAY))
