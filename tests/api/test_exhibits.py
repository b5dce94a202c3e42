"""Originals of the posted, online, for those who work there and nobody else, while they are posted; each look is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from mangping_api.storage.applications import stream
from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import select

from tests.api.office import begun, fill
from tests.api.reviewing import Tiers
from tests.api.test_attachments import JPEG, attached, decide, redacted
from tests.api.unit_duties import FORWARD_PACK, beijing, posted, put, school
from tests.conftest import Env, NewEnv

ONLINE = FORWARD_PACK.replace(
    "  no_objection: {cite: KP-41}\n",
    "  no_objection: {cite: KP-41}\n  online: {columns: [education_hours], cite: KP-41}\n",
)


@pytest.fixture
def env(new_env: NewEnv) -> Env:
    return new_env()


async def handed_in(tiers: Tiers, context: Context) -> tuple[UUID, str]:
    """An application with a certificate that may be seen online and an award that may not."""
    office, id = tiers.office, await begun(tiers.office, "gul", tiers.programme)
    await fill(office, "gul", id)
    certificate = await attached(office, id)
    award = await attached(office, id, b"\xff\xd8\xff\xe0 an award", column="awards", item="award")
    for one in (certificate, award):
        await redacted(context, one)
        assert (await decide(office, id, one, 1, decision="yes")).status_code == 200
    assert (await office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
    return id, certificate


async def vouched(tiers: Tiers, who: str, **facts: Any) -> None:
    person = await tiers.office.register(who)
    answer = await put(tiers.office, tiers.school, f"/v1/people/{person}/facts", {"facts": facts})
    assert answer.status_code < 300, answer.text


async def looks(context: Context, id: UUID) -> list[tuple[str, str]]:
    async with context.db.begin() as tx:
        query = select(ledger.audit).where(ledger.audit.c.stream == stream(id)).order_by(ledger.audit.c.seq)
        rows = (await tx.execute(query)).all()
    return [(row.facts["as"], row.facts["attachment"]) for row in rows if row.event == "attachment.original_seen"]


@pytest.mark.proves("GL-44")
async def test_staff_see_the_originals_of_the_posted_while_they_are_posted(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00", ONLINE) as tiers:
        office, (id, certificate) = tiers.office, await handed_in(tiers, context)
        await vouched(tiers, "colleague", on_post=True)
        await vouched(tiers, "retired", on_post=False)
        await office.register("unvouched")
        await office.register("elsewhere", unit=office.other_school)
        where = f"/v1/postings/{await posted(tiers, id)}/exhibits"
        page = await office.client.get(
            where.replace("/v1/postings", "/v1/public/publicity").removesuffix("/exhibits"),
            headers={"Accept": "application/json"},
        )
        assert page.json()["exhibits"] == where
        [told] = (await office.get("colleague", where)).json()["items"]
        assert (told["name"], told["column"], told["original"]) == (
            "阿依古丽·买买提", "继续教育", f"{where}/{certificate}",
        )  # fmt: skip
        seen = await office.get("colleague", told["original"])
        assert (seen.status_code, seen.content, seen.headers["Cache-Control"]) == (200, JPEG, "private, no-store")
        others = {
            who: [(await office.get(who, path)).status_code for path in (where, told["original"])]
            for who in ("retired", "unvouched", "elsewhere", "gul", tiers.school, tiers.hr, office.admin)
        }
        assert others == {who: [404, 404] for who in others}
        held = (await office.get("gul", f"/v1/applications/{id}/attachments")).json()["items"]
        award = next(one["id"] for one in held if one["item"] == "award")
        assert (await office.get("colleague", f"{where}/{award}")).status_code == 404
        assert await looks(context, id) == [("colleague", certificate)]
        assert (await office.get("gul", f"/v1/applications/{id}/timeline")).text.count("original_seen") == 0
        tiers.clock.at = beijing("2024-10-17 00:00") - timedelta(microseconds=1)
        assert (await office.get("colleague", told["original"])).status_code == 200
        tiers.clock.at = beijing("2024-10-17 00:00")
        assert [(await office.get("colleague", path)).status_code for path in (where, told["original"])] == [404, 404]


async def test_who_moves_to_another_school_is_no_colleague_any_more(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00", ONLINE) as tiers:
        office, (id, _) = tiers.office, await handed_in(tiers, context)
        await vouched(tiers, "colleague", on_post=True)
        where = f"/v1/postings/{await posted(tiers, id)}/exhibits"
        me = (await office.get("colleague", "/v1/me")).json()
        body = {name: me[name] for name in ("name", "former_names", "id_number", "phone")}
        for place in (office.other_school, office.school):  # and what the school once said is not so again
            assert (await put(office, "colleague", "/v1/me", {**body, "unit": str(place)})).status_code == 200
            assert (await office.get("colleague", where)).status_code == 404


async def test_nothing_is_online_where_the_notice_does_not_say_so(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00") as tiers:
        office, (id, certificate) = tiers.office, await handed_in(tiers, context)
        await vouched(tiers, "colleague", on_post=True)
        where = f"/v1/postings/{await posted(tiers, id)}/exhibits"
        assert [(await office.get("colleague", path)).status_code for path in (where, f"{where}/{certificate}")] == [
            404
        ] * 2


async def test_each_look_of_an_officer_at_an_original_is_kept_and_none_of_the_applicant(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00") as tiers:
        office, (id, certificate) = tiers.office, await handed_in(tiers, context)
        path = f"/v1/applications/{id}/attachments/{certificate}/original"
        await office.register("stranger")
        who = ("gul", tiers.school, tiers.school, "stranger")
        assert [(await office.get(one, path)).status_code for one in who] == [200, 200, 200, 404]
        assert await looks(context, id) == [("officer", certificate)] * 2
