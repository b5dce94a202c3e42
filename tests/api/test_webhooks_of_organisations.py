"""Webhooks hear of the applications of the organisation their account was given to, and of no other."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from mangping.couriers.base import ByWay
from mangping.errors import Refused
from mangping_api.domain.access import Grant, Role
from mangping_api.services.telling import Telling
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from tests.api.office import PLAIN_PACK, Clock, Office, begun, load_pack
from tests.api.test_notifications import happened

URL, EVENT = "http://127.0.0.1:9/hook", "application.submitted"


@pytest.fixture
def local(dated: Context) -> Context:
    return replace(dated, settings=dated.settings.model_copy(update={"webhooks_local": True}))


@pytest.fixture
async def application(office: Office) -> UUID:
    return await begun(office, "gul", await load_pack(office, PLAIN_PACK))


async def heard(local: Context, clock: Clock, application: UUID, owners: tuple[str, ...]) -> dict[str, int]:
    """What each owner is owed, after one more event."""
    await happened(local, application, EVENT)
    await Telling(local.db, local.vault.keys, clock, ByWay({})).hear()
    ask = {"endpoint": None, "state": None, "after": None, "limit": 9}
    return {owner: len(await local.webhooks.deliveries(owner, **ask)) for owner in owners}  # type: ignore[arg-type]


async def test_an_endpoint_hears_of_its_own_organisation_and_the_root_of_all(
    office: Office, local: Context, clock: Clock, application: UUID
) -> None:
    owners = ("client:school", "client:other", f"sub:{office.admin}")
    people = Factory(local).people()
    await people.connect("client:school", office.school)
    await people.connect("client:other", office.other_school)
    for owner in owners:
        await local.webhooks.register(owner, None, URL, [EVENT])
    assert await heard(local, clock, application, owners) == dict(zip(owners, (1, 0, 1), strict=True))
    async with local.db.begin() as tx:  # it lies at a desk of the other school
        lies = {"there": [office.other_school], "id": application}
        await tx.execute(text("update review.applications set reviewers = :there where id = :id"), lies)
    assert await heard(local, clock, application, owners) == dict(zip(owners, (2, 1, 2), strict=True))


async def test_a_grant_that_is_taken_back_is_heard_by_nobody(
    office: Office, local: Context, clock: Clock, application: UUID
) -> None:
    people = Factory(local).people()
    assert await people.connect("client:school", office.school) == office.school
    await local.webhooks.register("client:school", None, URL, [EVENT])
    assert await heard(local, clock, application, ("client:school",)) == {"client:school": 1}
    async with local.db.begin() as tx:
        system = (await tx.execute(text("select id from review.people where account = 'client:school'"))).scalar_one()
    given = Grant(Role.INTEGRATOR, office.school)
    path = f"/v1/people/{system}/roles/{given.role}/{given.organisation}"
    assert (await office.client.delete(path, headers=office.as_(office.admin))).status_code == 204
    assert await heard(local, clock, application, ("client:school",)) == {"client:school": 1}


@pytest.mark.parametrize("role", [None, "expert", "unit", "authority"])
async def test_nobody_registers_an_endpoint_without_a_grant_to_hear(
    role: str | None, office: Office, local: Context, clock: Clock, application: UUID
) -> None:
    if role is not None:
        await office.officer("someone", role, office.school)
    with pytest.raises(Refused) as refused:
        await local.webhooks.register("sub:someone", None, URL, [EVENT])
    assert (refused.value.status, refused.value.code) == (403, "webhook.unconnected")


async def test_an_integrator_sees_nothing_of_an_application(office: Office, application: UUID) -> None:
    await office.officer("system", "integrator", office.root)
    paths = (f"/v1/applications/{application}", "/v1/reviews", "/v1/people/search")
    answers = [
        await office.get("system", paths[0]), await office.get("system", paths[1]),
        await office.post("system", paths[2], {"phone": "13800000000"}),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [404, 403, 403]
