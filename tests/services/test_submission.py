"""Orders come in once, whole, and with nobody's name in the clear."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from mangping.contracts import SealedIdentity
from mangping.errors import Refused
from mangping_api.domain.redaction_job import Order, State
from mangping_api.services.submission import Item
from mangping_api.tables import ledger, metadata, objects, redaction_jobs
from mangping_api.wiring import Context, Factory
from sqlalchemy import func, select, text

from tests.services.making import OWNER, SOMEONE, submitted, upload


async def count(context: Context, table) -> int:  # type: ignore[no-untyped-def]
    async with context.db.begin() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()


async def order(context: Context, key: str | None, item: Item, **asked) -> str:  # type: ignore[no-untyped-def]
    view = lambda job: {"id": str(job.id)}  # noqa: E731
    status, body = await Factory(context).submission().one(OWNER, key, Order(**asked), item, view)
    assert status == 202
    return str(body["id"])


async def test_job_message_audit_and_answer_are_written_together(context: Context) -> None:
    job = await submitted(context, key="together", third_parties=True)
    async with context.db.begin() as tx:
        [posted] = (await tx.execute(select(ledger.outbox).where(ledger.outbox.c.message_id == job.attempt_id))).all()
        assert await ledger.verify(tx, f"redaction_job:{job.id}") is None
        kept = await ledger.kept(tx, OWNER, "together")
    assert (posted.queue, posted.kind, posted.body) == (
        "mangping:redaction", "RedactScan", job.message().model_dump(mode="json"),
    )  # fmt: skip
    assert kept is not None
    assert (kept.status, kept.body) == (202, {"id": str(job.id)})
    assert (job.state, job.attempt, job.order) == (State.QUEUED, 1, Order(third_parties=True))


async def test_no_row_of_any_table_holds_a_name(context: Context) -> None:
    job = await submitted(context)
    assert job.identity is not None
    assert SealedIdentity.model_validate_json(await context.vault.get(job.identity)) == SOMEONE
    async with context.db.begin() as tx:
        for table in metadata.sorted_tables:
            rows = await tx.execute(text(f"select coalesce(string_agg(t::text, ' '), '') from {table.fullname} t"))
            stored = rows.scalar_one()
            assert [word for word in (*SOMEONE.names, *SOMEONE.units, "买买提") if word in stored] == []


async def test_the_same_key_and_body_is_one_job_even_at_the_same_moment(context: Context) -> None:
    source = await upload(context)
    before = await count(context, redaction_jobs)
    ids = await asyncio.gather(*(order(context, "race", Item(source, SOMEONE, str(source))) for _ in range(6)))
    assert [len(set(ids)), await count(context, redaction_jobs) - before] == [1, 1]


async def test_the_same_key_with_another_body_is_refused(context: Context) -> None:
    item = Item(await upload(context), SOMEONE, "scan-1")
    await order(context, "changed", item)
    for other, asked in [
        (replace(item, fingerprint="scan-2"), {}),
        (replace(item, identity=SealedIdentity(names=("别人",))), {}),
        (item, {"third_parties": True}),
    ]:
        with pytest.raises(Refused) as refused:
            await order(context, "changed", other, **asked)
        assert (refused.value.code, refused.value.status) == ("idempotency_key.reused", 409)


async def test_the_same_scan_uploaded_again_under_the_same_key_is_the_same_request(context: Context) -> None:
    first = await order(context, "again", Item(await upload(context), SOMEONE, "sha-of-the-scan"))
    second = await order(context, "again", Item(await upload(context), SOMEONE, "sha-of-the-scan"))
    assert first == second


async def test_without_a_key_every_request_is_new(context: Context) -> None:
    item = Item(await upload(context), SOMEONE, "x")
    assert await order(context, None, item) != await order(context, None, item)


@pytest.mark.parametrize("whose", ["client:other", OWNER])
async def test_a_scan_that_is_not_mine_or_not_there_is_unknown(context: Context, whose: str) -> None:
    source = await upload(context, owner=whose) if whose != OWNER else uuid4()
    before = await count(context, redaction_jobs), await count(context, ledger.outbox)
    with pytest.raises(Refused) as refused:
        await order(context, "unknown", Item(source, SOMEONE, "x"))
    assert refused.value.code == "object.unknown"
    assert (await count(context, redaction_jobs), await count(context, ledger.outbox)) == before


async def test_an_identity_cannot_be_ordered_as_a_scan(context: Context) -> None:
    job = await submitted(context)
    assert job.identity is not None
    with pytest.raises(Refused):
        await order(context, None, Item(job.identity, SealedIdentity(), "x"))


async def test_a_batch_seals_each_identity_once_and_is_all_or_nothing(context: Context) -> None:
    sources = [await upload(context) for _ in range(3)]
    people = [SOMEONE, SOMEONE, SealedIdentity()]
    items = [Item(source, person, str(source)) for source, person in zip(sources, people, strict=True)]
    many = Factory(context).submission().many
    before = await count(context, objects)
    _, body = await many(OWNER, "batch", Order(), items, lambda id, total, at: {"id": str(id), "total": total})
    assert await count(context, objects) - before == 1
    progress = await Factory(context).redaction_batches().progress(OWNER, UUID(body["id"]))
    assert (progress.total, progress.states[State.QUEUED], sum(progress.states.values())) == (3, 3, 3)
    jobs = await Factory(context).redaction_jobs().newest(OWNER, after=None, limit=9, batch=progress.id, state=None)
    assert sorted(job.source for job in jobs) == sorted(sources)
    assert len({job.identity for job in jobs}) == 2  # one sealed, one none
    before = await count(context, redaction_jobs)
    with pytest.raises(Refused):
        await many(OWNER, None, Order(), [*items, Item(uuid4(), SOMEONE, "x")], lambda id, total, at: {})
    assert await count(context, redaction_jobs) == before
