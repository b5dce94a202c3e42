"""A change of keys reaches everything that is sealed, may be killed at any moment, and says when the old key may go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from mangping import reseal
from mangping.reseal import Sealed
from mangping.vault import Keys
from mangping_api.cli import COMMANDS
from mangping_api.services.resealing import Resealing
from mangping_api.storage import people, standings
from mangping_api.storage.sealed import SEALED
from mangping_api.tables import metadata
from mangping_api.wiring import Context, Factory
from mangping_fees import tables as fees
from sqlalchemy import Column, LargeBinary, MetaData, Table, Uuid, func, select, text

from tests.api.office import id_number, person
from tests.api.reviewing import STATEMENTS, Tiers
from tests.api.unit_duties import deliberated, ok, posted, recommended, school
from tests.conftest import NewEnv

NUMBER = id_number()


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00") as made:
        yield made


def test_every_column_of_bytes_is_resealed_and_a_new_one_is_missed() -> None:
    assert reseal.uncovered(metadata, SEALED) == set()
    assert (
        reseal.uncovered(fees.metadata, [Sealed(fees.hooks.secrets, {"sealed": "webhook_secrets.sealed/{id}"})])
        == set()
    )
    other = MetaData()
    table = Table("notes", other, Column("id", Uuid, primary_key=True), Column("words", LargeBinary))
    assert reseal.uncovered(other, []) == {"notes.words"}
    assert reseal.uncovered(other, [Sealed(table, {"words": "", "gone": ""})]) == {"notes.gone"}


async def test_everything_sealed_moves_to_the_new_key_and_the_old_one_may_go(
    tiers: Tiers, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await _everything(tiers, context)
    assert await _filled(context) == {f"{one.table.name}.{column}" for one in SEALED for column in one.about}
    monkeypatch.setattr(reseal, "_BATCH", 2)
    monkeypatch.setattr(reseal, "_REST", 0.01)
    old = context.vault.keys
    both = Keys("new", {**old.keys, "new": b"n" * 32})
    monkeypatch.setattr(context.vault, "keys", both)
    with pytest.raises(KeyboardInterrupt):
        await Resealing(context.db, context.vault).run(_killed_at("people"))
    begun = await _left(context)
    assert (begun["integrity_entries"], begun["objections"]) == (0, 1)
    assert await Resealing(context.db, context.vault).run(lambda words: None) is True
    assert set((await _left(context)).values()) == {0}
    async with context.db.begin() as tx:
        digests = (await tx.execute(text("select id_number_digests from review.integrity_entries"))).scalars().all()
    assert [[one.partition(":")[0] for one in held] for held in digests] == [["new"]]
    monkeypatch.setattr(context.vault, "keys", Keys("new", {"new": b"n" * 32}))
    office = tiers.office
    [entry] = (await ok(await office.post("root-1", "/v1/integrity/search", {"id_number": NUMBER})))["items"]
    assert (entry["name"], entry["words"], entry["appeal"], entry["answer"]) == ("某甲", "查实", "不服", "维持")
    assert (await ok(await office.get("gul", f"/v1/applications/{id}/sections/basic")))["content"]["sex"] == "女"
    again = await office.post("again", "/v1/me", person(office.school, id_number=NUMBER))
    assert again.json()["code"] == "person.registered"


async def test_what_no_key_opens_is_named_and_holds_up_nothing(
    tiers: Tiers, context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = await tiers.office.register("damaged")
    await tiers.office.register("fine")
    async with context.db.begin() as tx:
        await tx.execute(text("update review.people set phone = name where id = :id"), {"id": damaged})
    old = context.vault.keys
    monkeypatch.setattr(context.vault, "keys", Keys("new", {**old.keys, "new": b"n" * 32}))
    assert await COMMANDS["rotate-vault"](context) == 1
    told = capsys.readouterr().out.splitlines()
    assert f"cannot be opened by any key: people.phone/{damaged}" in told
    assert told[-1] == "not everything lies under new yet: run this again"
    assert {table: rows for table, rows in (await _left(context)).items() if rows} == {"people": 1}


async def test_rows_that_somebody_holds_are_done_later(
    tiers: Tiers, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await tiers.office.register("held")
    monkeypatch.setattr(reseal, "_REST", 0.01)
    monkeypatch.setattr(context.vault, "keys", Keys("new", {**context.vault.keys.keys, "new": b"n" * 32}))
    people_ = next(one for one in SEALED if one.table.name == "people")
    passes: list[int] = []
    async with context.db.connect() as holding:
        await holding.execute(text("select 1 from review.people where id = :id for update"), {"id": held})

        async def let_go(seconds: float) -> None:
            passes.append(await reseal.left(context.db, context.vault.keys, people_))
            await holding.rollback()

        monkeypatch.setattr(reseal, "sleep", let_go)
        await reseal.reseal(context.db, context.vault.keys, people_, lambda *_: None)
    assert (passes, await reseal.left(context.db, context.vault.keys, people_)) == ([1], 0)


def _killed_at(table: str) -> Callable[[str], None]:
    def told(words: str) -> None:
        if words.startswith(table):
            raise KeyboardInterrupt

    return told


async def _left(context: Context) -> dict[str, int]:
    return {one.table.name: await reseal.left(context.db, context.vault.keys, one) for one in SEALED}


async def _filled(context: Context) -> set[str]:
    async with context.db.begin() as tx:
        found = set()
        for one in SEALED:
            counts = select(*(func.count(one.table.c[column]).label(column) for column in one.about))
            row = (await tx.execute(counts)).one()
            found |= {f"{one.table.name}.{column}" for column, count in row._mapping.items() if count}
    return found


async def _everything(tiers: Tiers, context: Context) -> UUID:
    """At least one row of every sealed column; the application that most of it is about."""
    office, where = tiers.office, "/v1/applications"
    id, returned = await tiers.submitted("gul"), await tiers.submitted("bo")
    await tiers.sent_back(tiers.school, returned, teaching="课时数与证明不符")
    await tiers.signed(tiers.school, id, attested=STATEMENTS)
    await ok(await deliberated(tiers, id, "2024-10-10", "2024-10-10"))
    await ok(await recommended(tiers, id, rank=1, tied=True, reason="师德表现突出"))
    notice = await posted(tiers, id)
    raised = {"application": str(id), "channel": "phone", "name": "某同志", "words": "有疑异"}
    await ok(await office.post(tiers.school, f"/v1/postings/{notice}/objections", raised), 201)
    matter = {"programme": str(tiers.programme), "kind": "explanation", "words": "说明"}
    await ok(await office.post(tiers.school, f"/v1/organisations/{office.school}/statements", matter), 201)
    await office.officer("root-1", "office", office.root)
    await office.officer("root-2", "office", office.root)
    complaint = {"application": str(id), "channel": "letter", "words": "不实"}
    case = (await ok(await office.post("root-1", "/v1/complaints", complaint), 201))["id"]
    decided = {"conclusion": "不属实", "basis": ["某办法"], "words": "经查不实"}
    await ok(await office.post("root-1", f"/v1/complaints/{case}/decide", decided))
    await _found(tiers, id)
    await Factory(context).people().connect("client:system", office.school)
    local = replace(context, settings=context.settings.model_copy(update={"webhooks_local": True}))
    await local.webhooks.register("client:system", None, "http://127.0.0.1:1/", ["application.returned"])
    async with context.db.begin() as tx:
        keys, me = context.vault.keys, (await ok(await office.get("gul", "/v1/me")))["id"]
        known = await people.find(tx, keys, UUID(me))
        assert known is not None
        await people.save(tx, keys, replace(known, former_names=("旧名",), facts={"rural_years": 3}))
        at, by = tiers.clock(), known.id
        await standings.keep_teaching(tx, keys, id, {"claims": []}, by, at)
        await standings.keep_hand_in(tx, keys, id, {"handed_by": "单位"}, office.school, by, at)
    assert (await ok(await office.get("gul", f"{where}/{id}")))["state"] == "submitted"
    return id


async def _found(tiers: Tiers, id: UUID) -> None:
    """A finding about somebody of the unit, their appeal, and its answer."""
    office = tiers.office
    await office.register("某甲", id_number=NUMBER, name="某甲")
    who: dict[str, Any] = {"name": "某甲", "id_number": NUMBER}
    finding = {
        "application": str(id), "subject": "申报人所在单位", "cause": "师德失范", "basis": ["某办法"], "words": "查实",
        "who": who,
    }  # fmt: skip
    entry = (await ok(await office.post("root-1", "/v1/integrity", finding), 201))["id"]
    await ok(await office.post("某甲", f"/v1/integrity/{entry}/appeal", {"words": "不服"}))
    answered = {"lift": False, "words": "维持"}
    await ok(await office.post("root-2", f"/v1/integrity/{entry}/answer", answered))
