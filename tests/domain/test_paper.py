"""Printed forms: every programme's form is set from its pack; letters speak in the words of the annex."""

from __future__ import annotations

from dataclasses import replace
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
from mangping_api.domain import paper, publicity, review_paper, spoken
from mangping_api.domain.application import Application, State
from mangping_api.domain.packs import shipped
from mangping_api.domain.paper import Kind
from mangping_api.domain.publicity import Line, Posting
from mangping_api.domain.review import Dossier, HandedIn, Item, Signed, Verdict

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


@pytest.mark.parametrize("name", ["bazhou-technical-2024", "korla-initial-2024"])
def test_an_opinion_that_is_to_be_written_by_hand_is_not_printed(name: str) -> None:
    """BZ-53, KI-31."""
    [box] = [
        one for one in paper.review_form(PACKS[name], base(name), DAY)["statements"] if one["title"] == "推荐单位意见"
    ]
    hand = "（手工填写：本单位已对提供的申报材料逐一审核，真实准确，同意推荐）"
    assert (box["text"], box["hand"], box["places"]) == ("", hand, ["负责人签字：", "单位（公章）："])


def test_a_committee_has_its_box_where_one_sits() -> None:
    panel = {
        name: "评审委员会评审意见"
        in [one["title"] for one in paper.review_form(PACKS[name], base(name), DAY)["statements"]]
        for name in PACKS
    }
    assert panel == {name: name != "korla-initial-2024" for name in PACKS}


def test_letters_say_where_to_look_and_whom_to_tell_as_the_page_does() -> None:
    """GL-43, GL-44, KP-52."""
    kept = replace(POSTING, storage_place="教务处")
    letter = paper.letter(PACKS["guilin-vice-senior-2024"], Kind.PUBLICITY, base("guilin-vice-senior-2024"), kept, TOLD)
    assert letter["body"][-2:] == [
        "申报材料存放在教务处，公示期间可供查阅。", "公示期间，本单位在岗教职员工登录平台后可以在线查看申报资料。",
    ]  # fmt: skip
    letter = paper.letter(PACKS["korla-primary-2024"], Kind.PUBLICITY, base("korla-primary-2024"), POSTING, TOLD)
    assert letter["body"][-1] == "监督电话：0996-2168525、0996-2168198；市人社局主楼341室"


def test_days_are_written_as_people_write_them() -> None:
    facts = base("guilin-vice-senior-2024")
    told = publicity.shown(
        PACKS["guilin-vice-senior-2024"], "测试戊", facts["person"]["id_number"], "副高级", facts["form"], ()
    )  # fmt: skip
    lines = {one.title: one.text or one.rows for one in told.lines}
    assert (lines["现职称聘任时间"], lines["学历"]) == ("2019年8月10日", (("示例师范大学", "大学本科", "2010年6月"),))
    assert spoken.end(datetime(2024, 11, 4, 16, tzinfo=UTC)) == "2024年11月4日 24:00"
    assert spoken.end(datetime(2024, 9, 10, 9, tzinfo=UTC)) == "2024年9月10日 17:00"


def test_the_record_calls_every_document_by_its_title() -> None:
    """Also what the unit brought after the hand-in, and what was taken away since."""
    pack, at = PACKS["guilin-vice-senior-2024"], datetime(2024, 9, 2, 2, tzinfo=UTC)
    signed = Signed("unit", "学校（单位）", UUID(int=4), UUID(int=5), at, 1)
    brought, gone = (
        Item("attachment.1", "单位材料·职称材料审核记录表（附件2）", "x", "unit"),
        Item("section.work", "业绩成果", "y"),
    )
    dossier = Dossier(
        verdicts=tuple(Verdict(signed, key, "x") for key in ("section.work", "attachment.1", "attachment.2")),
        handed_in=(HandedIn(1, at, (gone,)),),
    )
    made = Application(
        UUID(int=1), UUID(int=2), UUID(int=3), (), UUID(int=6), 2024, "评审", "副高级", {}, State.SUBMITTED, 1, at
    )
    record = review_paper.review_record(pack, made, dossier, (brought,), {}, {})
    [tier] = record["tiers"]
    assert [one["title"] for one in tier["items"]] == [gone.title, brought.title, "（已由单位更换的材料）"]
    assert len("".join(pages("review_record", {**record, **HEAD}))) > 100


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
