"""What a policy is told of an application: the status as notices call it, and all that is known of each upload."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from mangping.contracts import ManifestPage, MaskBox, PageRecord
from mangping_api.domain.application import Application
from mangping_api.domain.application import State as Standing
from mangping_api.domain.attachment import Attachment, Decision, Looked, Masks, Slot, files
from mangping_api.domain.facts import STATES, assemble
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.packs import shipped
from mangping_api.domain.person import Person
from mangping_api.domain.redaction_job import Job, Order, State

AT = datetime(2024, 10, 10, 4, tzinfo=UTC)
ID = UUID(int=1)
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
    assert told["record"]["state"] == STATES[state]
    assert [char for char in STATES[state] if char.isascii()] == []


def test_all_that_is_known_of_an_upload_is_told() -> None:
    [told] = files([looked(State.DONE, page(0))])["education_hours"]
    seen = {"opens": True, "verified": True, "clear": True, "upright": True, "boxes": 2, "hits": 2, "pages": 1}
    assert told == KNOWN | seen
    assert files([looked(State.DONE, page(90))])["education_hours"] == [told | {"upright": False}]


def test_what_nobody_looked_at_is_not_told() -> None:
    unread = KNOWN | {"pages": 1, "boxes": 1}  # the applicant drew a box
    assert files([looked(State.QUEUED)])["education_hours"] == [unread]
    assert files([looked(State.REFUSED)])["education_hours"] == [unread | {"opens": False, "verified": False}]
