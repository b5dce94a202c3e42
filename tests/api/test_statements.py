"""What a request costs in SQL: counted, so that nothing grows unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from mangping_api.wiring import Context
from sqlalchemy import event

from tests.api.office import Clock, Office
from tests.api.test_attachments import attached, decide, redacted

READ, SUBMIT = 3, 12


@contextmanager
def counted(context: Context) -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        seen.append(statement)

    event.listen(context.db.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(context.db.sync_engine, "before_cursor_execute", note)


async def test_reads_take_three_statements_and_a_submission_twelve(
    office: Office, draft: UUID, dated: Context, clock: Clock
) -> None:
    one = await attached(office, draft)
    await redacted(dated, one)
    await decide(office, draft, one, 1, decision="yes")
    clock.at += timedelta(minutes=1)
    where = f"/v1/applications/{draft}"
    await office.post("gul", f"{where}/recheck")
    programme = f"/v1/programmes/{(await office.get('gul', where)).json()['programme']}"
    below = (
        "findings", "attachments", "recheck", "sections/basic", "timeline", "returns", "papers",
        *(f"attachments/{one}{part}" for part in ("", "/renditions/1", "/boxes/1", "/original")),
    )  # fmt: skip
    paths = (
        where, "/v1/applications", *(f"{where}/{path}" for path in below), programme, f"{programme}/form",
        f"{programme}/figures?kind=评审&level=初级", "/v1/programmes", "/v1/me", "/v1/me/notifications",
        "/v1/organisations", f"/v1/organisations/{office.school}",
    )  # fmt: skip
    costs = {}
    for path in paths:
        await office.get("gul", path)  # packs are read once a process
        with counted(dated) as seen:
            answer = await office.get("gul", path)
        assert answer.status_code == 200, (path, answer.text)
        costs[path] = len(seen)
    assert {path: cost for path, cost in costs.items() if cost > READ} == {}
    with counted(dated) as seen:
        assert (await office.post("gul", f"{where}/submit")).status_code == 200
    assert len(seen) <= SUBMIT, seen
