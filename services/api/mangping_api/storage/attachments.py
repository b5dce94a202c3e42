"""Attachments of applications, with their redaction jobs and pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from mangping.contracts import ManifestPage, MaskBox, PageRecord
from mangping.db import Tx
from sqlalchemy import Row, Select, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from mangping_api.domain.attachment import Attachment, Decision, Looked, Masks, Removal, Slot
from mangping_api.storage.redaction_jobs import job_of
from mangping_api.tables import attachments as _table
from mangping_api.tables import redaction_jobs, redaction_pages

_MINE = [column.label(f"attachment_{column.name}") for column in _table.c]


async def add(tx: Tx, attachment: Attachment) -> None:
    await tx.execute(insert(_table).values(**_row(attachment)))


async def save(tx: Tx, attachment: Attachment) -> None:
    await tx.execute(update(_table).where(_table.c.id == attachment.id).values(**_row(attachment)))


async def drop(tx: Tx, id: UUID) -> None:
    await tx.execute(delete(_table).where(_table.c.id == id))


async def of(tx: Tx, application: UUID) -> list[Looked]:
    """All of an application with jobs and pages in one query, in the order of their upload."""
    query = _looked().where(_table.c.application_id == application)
    return [_look(row) for row in await tx.execute(query.order_by(_table.c.created_at, _table.c.id))]


async def find(tx: Tx, application: UUID, id: UUID) -> Looked | None:
    query = _looked().where(_table.c.application_id == application, _table.c.id == id)
    row = (await tx.execute(query)).one_or_none()
    return _look(row) if row else None


async def standing(tx: Tx, application: UUID) -> list[dict[str, Any]]:
    """How each document of an application stands, without its pages, in the order of their upload."""
    pages = select(func.count()).where(redaction_pages.c.job_id == redaction_jobs.c.id).scalar_subquery()
    query = (
        select(_table.c.id, _table.c.version, _table.c.decision, redaction_jobs.c.state, redaction_jobs.c.verified,
               pages.label("pages"))
        .join(redaction_jobs, redaction_jobs.c.id == _table.c.job_id)
        .where(_table.c.application_id == application).order_by(_table.c.created_at, _table.c.id)
    )  # fmt: skip
    return [{**row, "id": str(row["id"])} for row in (await tx.execute(query)).mappings()]


def _looked() -> Select[Any]:
    page = func.jsonb_build_object(
        "page", redaction_pages.c.page, "rendition", redaction_pages.c.rendition,
        "record", cast(redaction_pages.c.record, JSONB),
    )  # fmt: skip
    pages = select(func.jsonb_agg(aggregate_order_by(page, redaction_pages.c.page)))
    pages = pages.where(redaction_pages.c.job_id == redaction_jobs.c.id)
    joined = _table.join(redaction_jobs, redaction_jobs.c.id == _table.c.job_id)
    return select(*_MINE, *redaction_jobs.c, pages.scalar_subquery().label("pages")).select_from(joined)


def _look(row: Row[Any]) -> Looked:
    pages = tuple(
        ManifestPage(page=one["page"], rendition=one["rendition"], record=PageRecord.model_validate(one["record"]))
        for one in row.pages or ()
    )
    return Looked(_attachment(row), job_of(row), pages)


def _row(attachment: Attachment) -> dict[str, Any]:
    masks = attachment.masks
    return {
        "id": attachment.id, "application_id": attachment.application, "slot": _slot(attachment.slot),
        "format": attachment.format, "size": attachment.size, "digest": attachment.digest,
        "job_id": attachment.job_id, "decision": attachment.decision, "version": attachment.version,
        "created_at": attachment.created_at, "stated": dict(attachment.stated), "upright": attachment.upright,
        "by": attachment.by,
        "masks": {
            "drawn": [box.model_dump() for box in masks.drawn],
            "removed": [{"box": one.box.model_dump(), "reason": one.reason} for one in masks.removed],
        },
    }  # fmt: skip


def _slot(slot: Slot) -> dict[str, Any]:
    """Without what its item does not ask."""
    return {name: value for name, value in asdict(slot).items() if value is not None}


def _attachment(row: Row[Any]) -> Attachment:
    masks = Masks(
        tuple(MaskBox.model_validate(box) for box in row.attachment_masks["drawn"]),
        tuple(Removal(MaskBox.model_validate(one["box"]), one["reason"]) for one in row.attachment_masks["removed"]),
    )
    return Attachment(
        id=row.attachment_id, application=row.attachment_application_id, slot=Slot(**row.attachment_slot),
        format=row.attachment_format, size=row.attachment_size, digest=row.attachment_digest,
        job_id=row.attachment_job_id, decision=Decision(row.attachment_decision), masks=masks,
        version=row.attachment_version, created_at=row.attachment_created_at, stated=row.attachment_stated,
        upright=row.attachment_upright, by=row.attachment_by,
    )  # fmt: skip
