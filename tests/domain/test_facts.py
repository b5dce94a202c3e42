"""What a policy is told of an application: the status as notices call it, and all that is known of each upload."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from mangping.contracts import ManifestPage, MaskBox, PageRecord
from mangping.errors import Refused
from mangping_api.domain.application import Application, Section
from mangping_api.domain.application import State as Standing
from mangping_api.domain.attachment import Attachment, Decision, Looked, Masks, Slot, files, secrets, stated
from mangping_api.domain.facts import STATES, assemble, field_hits
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.packs import shipped
from mangping_api.domain.person import Person
from mangping_api.domain.redaction_job import Job, Order, State

AT = datetime(2024, 10, 10, 4, tzinfo=UTC)
ID = UUID(int=1)
KORLA, AKSU = shipped()["korla-primary-2024"], shipped()["aksu-party-school-2024"]
NAME = {"class": "name", "polygon": [[0, 0], [1, 0], [1, 1]], "confidence": 0.9, "finder": "identity", "why": "known"}
DRAWN = MaskBox(page=1, cls="unit", polygon=((5.0, 5.0), (9.0, 5.0), (9.0, 9.0)))
KNOWN = {
    "item": "ce_certificate", "format": "jpg", "side": None, "year": 2024, "part": None, "valid_until": "", "hash": "d",
    "mask": "yes",
}  # fmt: skip


def page(degrees: int) -> ManifestPage:
    record = {
        "width": 9, "height": 9, "orientation_degrees": degrees, "skew_degrees": 0.0,
        "clarity": {"clear": True, "reasons": []}, "verified": True, "needs_human": [], "findings": [NAME, NAME],
    }  # fmt: skip
    return ManifestPage(page=1, rendition=uuid4(), record=PageRecord.model_validate(record))


def looked(state: State, *pages: ManifestPage) -> Looked:
    job = Job(ID, "x", None, state, ID, None, ID, Order(), 1, ID, AT, verified=bool(pages))
    slot, masks = Slot("education_hours", "ce_certificate", year=2024), Masks(drawn=(DRAWN,))
    return Looked(Attachment(uuid4(), ID, slot, "jpg", 9, "d", ID, Decision.YES, masks, 1, AT), job, pages)


@pytest.mark.parametrize("state", Standing)
def test_the_status_is_named_as_the_notices_name_it(state: Standing) -> None:
    policy = shipped()["korla-primary-2024"]
    application = Application(ID, ID, ID, (ID,), ID, 2024, "评审", "初级", {}, state, 0, AT)
    told = assemble(
        policy, application, Person(ID, "x", ID), Organisation(ID, (ID,), "某校", (), "unit", "CN-XJ"), [], 0, {}
    )
    word = "形式审核通过" if state is Standing.ACCEPTED else STATES[state]  # KP-36
    assert told["record"]["state"] == word
    assert [char for char in STATES[state] if char.isascii()] == []


def test_all_that_is_known_of_an_upload_is_told() -> None:
    [told] = files(KORLA, [looked(State.DONE, page(0))])["education_hours"]
    seen = {"opens": True, "verified": True, "clear": True, "upright": True, "boxes": 2, "hits": 2, "pages": 1}
    assert told == KNOWN | seen
    assert files(KORLA, [looked(State.DONE, page(90))])["education_hours"] == [told | {"upright": False}]


def test_what_nobody_looked_at_is_not_told() -> None:
    unread = KNOWN | {"pages": 1, "boxes": 1}  # the applicant drew a box
    assert files(KORLA, [looked(State.QUEUED)])["education_hours"] == [unread]
    for lost in (State.REFUSED, State.FAILED):
        assert files(KORLA, [looked(lost)])["education_hours"] == [unread | {"opens": False, "verified": False}]


def titled(column: str, *kinds: str, degrees: int = 0, **more: object) -> Looked:
    """An upload of this column whose page bears these titles."""
    read = page(degrees)
    told = read.model_copy(update={"record": read.record.model_copy(update={"kinds": kinds})})
    one = looked(State.DONE, told)
    return replace(one, attachment=replace(one.attachment, slot=Slot(column, "x"), **more))  # type: ignore[arg-type]


def belongs(column: str, *kinds: str) -> object:
    [told] = files(KORLA, [titled(column, *kinds)])[column]
    return told.get("belongs_to", "not told")


def test_a_page_titled_as_a_document_of_another_column_belongs_there() -> None:
    assert belongs("education_hours", "award") == "awards"
    assert belongs("awards", "continuing_education") == "education_hours"
    assert belongs("education_hours", "continuing_education", "award") == "not told"
    assert belongs("education_hours", "diploma") == "not told"  # no column of this notice asks for one
    assert belongs("achievements", "award") == "not told"  # whose titles the notice leaves open
    assert belongs("education_hours") == "not told"


def test_a_turned_page_is_upright_once_that_was_accepted() -> None:
    [turned] = files(KORLA, [titled("awards", degrees=90)])["awards"]
    [accepted] = files(KORLA, [titled("awards", degrees=90, upright=True)])["awards"]
    assert (turned["upright"], accepted["upright"]) == (False, True)


def test_what_people_state_never_hides_what_was_seen() -> None:
    [told] = files(KORLA, [titled("awards", stated={"issuer": "某局", "mask": "no", "opens": False})])["awards"]
    assert (told["issuer"], told["mask"], told["opens"]) == ("某局", "yes", True)


def test_only_known_facts_of_the_right_kind_are_stated() -> None:
    good = {"issuer": "某局", "months": 6, "handwritten": True, "since": "2024-01-01"}
    assert stated({**good, "level": None}) == good
    for wrong in (
        {"months": "6"}, {"months": True}, {"issuer": ""}, {"since": "2024-13-01"}, {"item": "x"}, {"hash": "x"},
        {"handwritten": 1},
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            stated(wrong)
        assert refused.value.code == "facts.invalid"


def test_marks_of_secrecy_are_told_by_column() -> None:
    held = [titled("work", "secret"), titled("work", "secret"), titled("research")]
    assert secrets(AKSU, held) == ["工作业绩"]


def test_fields_that_name_their_writer_are_told_until_they_are_covered() -> None:
    person = Person(ID, "x", ID, name="阿依古丽·买买提", phone="13800000000")
    unit = Organisation(ID, (ID,), "示例县委党校", (), "unit", "CN-XJ")
    rows = [{"since": "2012-09", "until": "至今", "where": "示例县委党校"}]
    content = {"history": rows, "practice": "本人承担教学。", "teaching": "阿依古丽·买买提开设新专题。"}
    [section] = [one for one in AKSU.pack.form.sections if any(field.key == "teaching" for field in one.fields)]
    titles = {field.key: field.title for field in section.fields}
    filled = Section(section.key, 1, content)
    told = [f"{section.title}·{titles[key]}" for key in ("history", "teaching")]
    assert field_hits(AKSU, person, unit, [filled]) == told
    assert field_hits(AKSU, person, unit, [filled, Section("covered", 1, {"history": True})]) == told[1:]
    covered = Section("covered", 2, {"history": True, "teaching": True})
    assert field_hits(AKSU, person, unit, [filled, covered]) == []
    assert field_hits(KORLA, person, unit, [filled]) == []  # this notice masks attachments only
