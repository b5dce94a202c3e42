"""People, organisations and roles, over HTTP, against the real database."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from mangping.vault import Damaged, Keys
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from tests.api.office import Office, id_number, open_office, person

CANARY = {"name": "热依汗古丽·托合提", "former_names": ["汗古丽"], "phone": "13912345678"}


@pytest.fixture
async def office(client: httpx.AsyncClient, context: Context, token: Callable[..., str]) -> Office:
    return await open_office(client, context, token)


async def test_a_person_registers_and_is_told_who_they_are(office: Office) -> None:
    number = id_number()
    id = await office.register("gul", id_number=f" {number} ", phone="138 0000 0000")
    told = (await office.get("gul", "/v1/me")).json()
    assert told.pop("organisation")["former_names"] == ["某市旧校"]
    assert told == {
        "id": str(id), "name": "阿依古丽·买买提", "former_names": [], "id_number": number, "phone": "13800000000",
        "unit": str(office.school), "roles": [],
    }  # fmt: skip


async def test_who_has_not_registered_is_told_so(office: Office) -> None:
    answer = await office.get("nobody-yet", "/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "person.unregistered")


async def test_account_and_id_number_are_registered_once(office: Office) -> None:
    number = id_number()
    first = await office.post("once-1", "/v1/me", person(office.school, id_number=number), **{"Idempotency-Key": "a"})
    again = [
        await office.post("once-1", "/v1/me", person(office.school)),
        await office.post("once-2", "/v1/me", person(office.school, id_number=number)),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in again] == [(409, "person.registered")] * 2
    replayed = await office.post(
        "once-1", "/v1/me", person(office.school, id_number=number), **{"Idempotency-Key": "a"}
    )
    assert (replayed.status_code, replayed.text) == (201, first.text)
    other = await office.post("once-1", "/v1/me", person(office.school), **{"Idempotency-Key": "a"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key.reused")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"id_number": "110105194912310021"}, "person.id_number"), ({"phone": "123"}, "person.phone")],
)
async def test_wrong_numbers_are_refused(office: Office, wrong: dict[str, str], code: str) -> None:
    answer = await office.post("wrong", "/v1/me", person(office.school, **wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_no_column_and_no_ledger_row_holds_an_identity(office: Office, context: Context) -> None:
    number = id_number()
    await office.post("canary", "/v1/me", person(office.school, **CANARY, id_number=number), **{"Idempotency-Key": "c"})
    async with context.db.connect() as connection:
        kept = ""
        for table in ("people", "role_grants", "audit", "outbox", "idempotency_keys", "inbox"):
            rows = await connection.execute(
                text(f"select coalesce(string_agg(t::text, '|'), '') from review.{table} t")
            )
            kept += rows.scalar_one()
    for secret in (CANARY["name"], "汗古丽", CANARY["phone"], number):
        assert (kept.find(str(secret)), kept.find(str(secret).encode().hex())) == (-1, -1)


async def test_officers_find_people_of_their_own_organisations_by_number(office: Office) -> None:
    await office.officer("unit-3", "unit", office.school)
    await office.officer("unit-4", "unit", office.other_school)
    number = id_number()
    id = await office.register("found", id_number=number, phone="13700000001")
    found = {}
    for who in ("unit-3", "unit-4", office.admin, "found"):
        answer = await office.post(who, "/v1/people/search", {"id_number": number.lower(), "phone": "13700000001"})
        found[who] = (
            [item["id"] for item in answer.json()["items"]] if answer.status_code == 200 else answer.status_code
        )
    assert found == {"unit-3": [str(id)], "unit-4": [], office.admin: [str(id)], "found": 403}
    other_phone = await office.post("unit-3", "/v1/people/search", {"id_number": number, "phone": "13700000002"})
    assert other_phone.json() == {"items": []}


async def test_roles_are_given_and_taken_by_administrators_of_the_place_only(office: Office, token: object) -> None:
    helper = await office.register("helper")
    role = {"role": "administrator", "organisation": str(office.school)}
    path = f"/v1/people/{helper}/roles"
    assert (await office.post("helper", path, role)).json()["code"] == "role.missing"
    assert (await office.post(office.admin, path, role)).status_code == 201
    below = {"role": "unit", "organisation": str(office.school)}
    beside = {"role": "unit", "organisation": str(office.other_school)}
    nowhere = {"role": "unit", "organisation": str(uuid4())}
    answers = [await office.post("helper", path, body) for body in (below, beside, nowhere)]
    assert [answer.status_code for answer in answers] == [201, 403, 404]
    assert [item["role"] for item in (await office.get("helper", "/v1/me")).json()["roles"]] == [
        "administrator",
        "unit",
    ]
    taken = await office.client.delete(f"{path}/administrator/{office.school}", headers=office.as_(office.admin))
    assert (taken.status_code, (await office.post("helper", path, below)).status_code) == (204, 403)


async def test_the_tree_is_listed_page_by_page_and_cut_to_one_s_own(office: Office) -> None:
    await office.officer("unit-tree", "unit", office.school)
    mine = (await office.get("unit-tree", "/v1/organisations", mine="true")).json()
    assert [item["id"] for item in mine["items"]] == [str(office.school)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await office.get(office.admin, "/v1/organisations", mine="true", limit=1, **after)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == [str(office.root), str(office.school), str(office.other_school)]
    one = (await office.get("unit-tree", f"/v1/organisations/{office.school}")).json()
    assert (one["parent"], one["region"]) == (str(office.root), "CN-XJ")
    body = {"parent": str(office.school), "name": "分校", "kind": "unit"}
    assert (await office.post("unit-tree", "/v1/organisations", body)).status_code == 403


async def test_after_a_key_rotation_people_are_found_and_sealed_anew(office: Office, context: Context) -> None:
    number = id_number()
    id = await office.register("rotated", id_number=number)
    old = context.vault.keys
    both = Keys("new", {**old.keys, "new": b"n" * 32})
    try:
        object.__setattr__(context.vault, "keys", both)
        again = await office.post("rotated-2", "/v1/me", person(office.school, id_number=number))
        assert again.json()["code"] == "person.registered"
        assert await Factory(context).resealing().run(lambda words: None) is True
        object.__setattr__(context.vault, "keys", Keys("new", {"new": b"n" * 32}))
        found = await office.post(office.admin, "/v1/people/search", {"id_number": number})
        assert [item["id"] for item in found.json()["items"]] == [str(id)]
    finally:
        object.__setattr__(context.vault, "keys", old)
        async with context.db.begin() as tx:
            await tx.execute(text("truncate review.people cascade"))


def test_a_sealed_column_fits_no_other_row() -> None:
    keys = Keys("k", {"k": b"k" * 32})
    sealed = keys.seal("people.name/1", "阿依古丽")
    assert keys.open("people.name/1", sealed) == "阿依古丽"
    for about, cut in (("people.name/2", sealed), ("people.name/1", sealed[:-1]), ("people.name/1", b"other" + sealed)):
        with pytest.raises(Damaged):
            keys.open(about, cut)
