"""A unit's unified credit code: checked where it is taken, and one unit's only."""

from __future__ import annotations

from uuid import UUID

import httpx

from tests.api.office import UNIT_FACTS, Office

CODE = "91350100M000100Y43"


async def stated(office: Office, unit: UUID, code: str) -> httpx.Response:
    body, headers = {"facts": {**UNIT_FACTS, "credit_code": code}}, office.as_(office.admin)
    return await office.client.put(f"/v1/organisations/{unit}/facts", json=body, headers=headers)


async def test_a_code_is_checked_and_belongs_to_one_unit(office: Office) -> None:
    first = await stated(office, office.school, f" {CODE.lower()} ")
    assert (first.status_code, first.json()["facts"]["credit_code"]) == (200, CODE)
    assert (await stated(office, office.school, CODE)).status_code == 200
    refused = [await stated(office, office.other_school, code) for code in (CODE, CODE[:-1] + "4", "123")]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (409, "organisation.credit_code_taken"), (422, "organisation.credit_code"), (422, "organisation.credit_code"),
    ]  # fmt: skip
