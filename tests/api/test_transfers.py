"""A document piece by piece: begun by its hash, broken off, taken up, whole or refused."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import httpx
from mangping_api.tables import attachments, transfers
from mangping_api.wiring import Context
from sqlalchemy import func, select

from tests.api.office import Office
from tests.api.test_attachments import JPEG, PLACE

CONTENT = JPEG + bytes(range(256)) * 40


async def begin(office: Office, id: UUID, content: bytes = CONTENT, **more: Any) -> httpx.Response:
    body = {**PLACE, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **more}
    return await office.post("gul", f"/v1/applications/{id}/transfers", body)


async def piece(office: Office, id: UUID, transfer: str, offset: int, content: bytes) -> httpx.Response:
    headers = office.as_("gul") | {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
    path = f"/v1/applications/{id}/transfers/{transfer}"
    return await office.client.put(path, content=content, headers=headers)


async def test_a_document_goes_on_where_it_broke_off(office: Office, draft: UUID, dated: Context) -> None:
    started = (await begin(office, draft)).json()
    id = started["id"]
    assert started == {"id": id, "received": 0, "size": len(CONTENT), "attachment": None}
    assert (await piece(office, draft, id, 0, CONTENT[:4000])).json()["received"] == 4000
    again = (await begin(office, draft)).json()
    assert (again["id"], again["received"]) == (id, 4000)
    wrong = await piece(office, draft, id, 0, CONTENT[:4000])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "transfer.offset")
    long = await piece(office, draft, id, 4000, CONTENT)
    assert (long.status_code, long.json()["code"]) == (422, "transfer.too_long")
    assert (await office.get("gul", f"/v1/applications/{draft}/transfers/{id}")).json()["received"] == 4000
    done = (await piece(office, draft, id, 4000, CONTENT[4000:])).json()
    assert (done["id"], done["received"]) == (None, len(CONTENT))
    [held] = (await office.get("gul", f"/v1/applications/{draft}/attachments")).json()["items"]
    assert (held["id"], held["size"], held["format"]) == (done["attachment"], len(CONTENT), "jpg")
    original = await office.get("gul", f"/v1/applications/{draft}/attachments/{held['id']}/original")
    assert (original.content, original.headers["Cache-Control"]) == (CONTENT, "private, no-store")
    once_more = (await begin(office, draft)).json()
    assert (once_more["id"], once_more["attachment"]) == (None, held["id"])
    async with dated.db.begin() as tx:
        counts = [
            (await tx.execute(select(func.count()).select_from(one))).scalar_one() for one in (transfers, attachments)
        ]
    assert counts == [0, 1]


async def test_what_was_not_promised_is_refused_and_starts_over(office: Office, draft: UUID) -> None:
    id = (await begin(office, draft)).json()["id"]
    other = JPEG + bytes(len(CONTENT) - len(JPEG))
    refused = await piece(office, draft, id, 0, other)
    assert (refused.status_code, refused.json()["code"]) == (422, "transfer.damaged")
    assert (await begin(office, draft)).json()["received"] == 0
    assert (await office.get("gul", f"/v1/applications/{draft}/attachments")).json()["items"] == []


async def test_no_more_than_a_column_takes_and_only_for_its_owner(office: Office, draft: UUID) -> None:
    big = await begin(office, draft, size=21 * 1024 * 1024)
    assert (big.status_code, big.json()["code"]) == (413, "attachment.too_large")
    id = (await begin(office, draft)).json()["id"]
    await office.register("stranger")
    unseen = await office.get("stranger", f"/v1/applications/{draft}/transfers/{id}")
    assert (unseen.status_code, unseen.json()["code"]) == (404, "application.unknown")
