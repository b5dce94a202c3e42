"""Printed forms: every programme's form is set from its pack; letters speak in the words of the annex."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mangping.clock import Deadline
from mangping.typeset import pdf, qr
from mangping_api.domain import paper
from mangping_api.domain.packs import shipped
from mangping_api.domain.paper import Kind
from mangping_api.domain.publicity import Line, Posting

PACKS = shipped()
TEMPLATES = Path(paper.__file__).parents[1] / "templates"
HEAD = {
    "code": "60RK-4CSM-6MV3-EE1S", "watermark": "盲评 60RK-4CSM-6MV3-EE1S", "lookup": "https://review.example/papers",
    "qr": qr("https://review.example/papers/60RK4CSM6MV3EE1S"),
}  # fmt: skip
DAY = date(2024, 10, 8)
TOLD = [Line("基本信息", "女，汉族"), Line("业绩成果", rows=(("2024-05-20", "校级公开课"), ("2024-06-01", "")))]
POSTING = Posting(
    UUID(int=1), UUID(int=2), UUID(int=3), (), "first", "公告栏", "", "全校", "校办公室，监督电话：0996-0000000", (), (),
    datetime(2024, 9, 12, 2, tzinfo=UTC),
    Deadline("BZ-75", datetime(2024, 9, 12, tzinfo=UTC), datetime(2024, 9, 20, 16, tzinfo=UTC),
             datetime(2024, 9, 20, 16, tzinfo=UTC), "cn", ()),
)  # fmt: skip


def base(name: str) -> dict[str, Any]:
    """The complete applicant of this programme's cases."""
    folder = Path(__file__).parents[1] / "policy" / name.rpartition("-")[0]
    facts: dict[str, Any] = yaml.safe_load((folder / "base.yaml").read_text("utf-8"))
    facts["person"] = {"name": "测试丙", "id_number": "652801199001010029", **facts["person"]}
    facts["unit"] = {"name": "示例学校", **facts["unit"]}
    return facts


def pages(template: str, facts: dict[str, Any]) -> list[str]:
    document = pypdfium2.PdfDocument(pdf((TEMPLATES / f"{template}.typ").read_text("utf-8"), facts, day=DAY))
    return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]


@pytest.mark.parametrize("name", PACKS)
def test_every_programme_prints_its_form_on_whole_sheets(name: str) -> None:
    facts = base(name)
    set_from = paper.review_form(PACKS[name], facts, DAY)
    printed = pages("review_form", {**set_from, **HEAD})
    assert len(printed) % 2 == 0
    assert all(HEAD["code"] in page for page in printed)
    text = "".join(printed)
    titles = [section.title for section in PACKS[name].pack.form.sections]
    assert [title for title in titles if "".join(title.split()) not in text] == []
    for box in set_from["statements"]:
        assert "".join(box["title"].split()) in text
        assert "".join(box["text"].split()) in text
    assert facts["person"]["name"] in text


def test_what_the_notice_wants_by_hand_is_not_printed_as_said() -> None:
    pack = PACKS["bazhou-technical-2024"]
    pledge = next(one for one in paper.review_form(pack, base(pack.pack.id), DAY)["statements"] if "hand" in one)
    assert (pledge["text"], pledge["hand"][:6]) == ("", "（手工填写：")


def test_letters_speak_in_the_words_of_the_annex() -> None:
    letter = paper.letter(PACKS["bazhou-technical-2024"], Kind.PUBLICITY, base("bazhou-technical-2024"), POSTING, TOLD)
    assert letter["body"][1:] == [
        "基本信息：女，汉族", "业绩成果：2024-05-20，校级公开课；2024-06-01",
        "公示时间从2024年9月12日起至2024年9月20日止（公示期不少于5个工作日）。如对测试乙同志的相关信息有疑异，"
        "请电话或书面形式反映至校办公室，监督电话：0996-0000000。",
    ]  # fmt: skip
    assert "测试乙同志申报技工院校教师系列机电专业中级" in letter["body"][0]


def test_a_certificate_of_the_result_shows_a_part_of_the_number_and_counts_the_days() -> None:
    facts = base("korla-initial-2024")
    letter = paper.letter(PACKS["korla-initial-2024"], Kind.PUBLICITY_RESULT, facts, POSTING, TOLD)
    assert "已于2024年9月12日至2024年9月20日在我单位进行公示9天" in letter["body"][0]
    assert facts["person"]["id_number"] not in "".join(letter["body"])
    assert facts["person"]["id_number"][-4:] in letter["body"][0]


@pytest.mark.parametrize("name", ["korla-primary-2024", "guilin-vice-senior-2024"])
@pytest.mark.parametrize("kind", [Kind.PUBLICITY, Kind.PUBLICITY_RESULT])
def test_a_notice_without_an_annex_still_gets_its_letters(name: str, kind: Kind) -> None:
    letter = paper.letter(PACKS[name], kind, base(name), POSTING, TOLD)
    printed = "".join(pages("letter", {**letter, "foot": HEAD["code"]}))
    assert "".join("".join(letter["body"]).split()) in printed


@given(st.binary(min_size=10, max_size=10))
def test_a_code_survives_how_people_type_it(random: bytes) -> None:
    code = paper.code(random)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert paper.read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "60RK", "60RK-4CSM-6MV3-EE1U", "60RK-4CSM-6MV3-EE1S-0", "六零"])
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert paper.read_code(typed) == ""


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("kind", Kind)
def test_what_a_paper_is_called_to_anybody_names_nobody(name: str, kind: Kind) -> None:
    printing = PACKS[name].pack.papers.printing
    assert "{" not in paper.title(PACKS[name], kind)
    assert paper.title(PACKS[name], kind) in {
        *paper.TITLES.values(),
        printing and printing.title,
    }
