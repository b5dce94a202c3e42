"""What is on record of an application beside its content, asked for in the same query as the application itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from mangping.clock import Deadline
from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from mangping_api.domain import journal
from mangping_api.domain.application import HANDED_IN, Application, State
from mangping_api.domain.deliberation import Deliberation, Group, Member, Recommendation, Votes
from mangping_api.domain.duties import Duties, Journals, Standing
from mangping_api.domain.integrity import Entry
from mangping_api.domain.post_plan import Approval, Plan
from mangping_api.domain.publicity import Objection, Posting
from mangping_api.storage.deliberations import reason_of
from mangping_api.storage.postings import contact_of
from mangping_api.tables import (
    applications,
    complaints,
    deliberations,
    integrity_entries,
    journal_lists,
    journals,
    objections,
    organisations,
    people,
    post_approvals,
    post_plans,
    post_uses,
    posting_entries,
    posting_photos,
    postings,
    recommendations,
    review_groups,
    teaching_loads,
    unit_matters,
    unit_pledges,
)

INELIGIBLE = (State.NOT_ACCEPTED, State.DISQUALIFIED)
FAILED_AT_PANEL: tuple[State, ...] = ()  # an application ends before the panel, so far: the machine has no such state
DEPARTMENT = "review"  # the act by which a competent department lets an application pass


@cache
def beside() -> dict[str, ScalarSelect[Any]]:
    """Subqueries that `applications.whole` takes along, for `read`."""
    a = applications.c
    mine = select(posting_entries.c.posting_id).where(posting_entries.c.application_id == a.id).correlate(applications)
    held = select(func.jsonb_build_object("record", _whole(deliberations), "group", _whole(review_groups))).select_from(
        deliberations.join(review_groups, review_groups.c.id == deliberations.c.group_id)
    )
    posted = select(func.jsonb_agg(aggregate_order_by(_posting_json(), postings.c.posted_at, postings.c.id)))
    plan = select(plan_json()).where(post_plans.c.unit == a.unit, post_plans.c.programme == a.programme)
    known_by = integrity_entries.c.id_number_digests.contains(array([people.c.id_number_digest]))
    entries = select(_all(integrity_entries, integrity_entries.c.entered_at, integrity_entries.c.id)).where(known_by)
    raised = select(_all(objections, objections.c.received_at, objections.c.id))
    return {
        "deliberation": _one(held.where(deliberations.c.application_id == a.id)),
        "recommendation": _one(select(_whole(recommendations)).where(recommendations.c.application_id == a.id)),
        "postings": _one(posted.where(postings.c.id.in_(mine))),
        "objections": _one(raised.where(objections.c.application_id == a.id)),
        "plan": _one(plan),
        "post_use": _one(select(func.to_jsonb(post_uses.c.plan_id)).where(post_uses.c.application_id == a.id)),
        "standing": _one(select(_standing())),
        "complaints_open": _one(
            select(func.count()).where(complaints.c.application_id == a.id, complaints.c.state == "open")
        ),
        "entries": _one(entries),
        "teaching": _one(select(func.to_jsonb(teaching_loads.c.content)).where(teaching_loads.c.application_id == a.id)),
    }  # fmt: skip


def read(keys: Keys, application: Application, found: Mapping[str, Any]) -> Duties:
    """From what `beside` asked for; journals are looked up by `listed`."""
    held, plan, teaching = found["deliberation"], found["plan"], found["teaching"]
    return Duties(
        level=application.level, changed_at=application.changed_at,
        group=_group(keys, held["group"]) if held else None,
        deliberation=_deliberation(keys, held["record"]) if held else None,
        recommendation=_recommendation(keys, found["recommendation"]) if found["recommendation"] else None,
        postings=tuple(_posting(keys, one) for one in found["postings"] or ()),
        objections=tuple(_objection(keys, one) for one in found["objections"] or ()),
        plan=_plan(plan) if plan else None, holds_post=found["post_use"] is not None,
        standing=Standing(**found["standing"]), complaints_open=found["complaints_open"],
        entries=tuple(_entry(one) for one in found["entries"] or ()),
        teaching=json.loads(keys.open(f"teaching_loads.content/{application.id}", _bytes(teaching))) if teaching else None,
    )  # fmt: skip


async def listed(tx: Tx, form: Mapping[str, Any]) -> Journals:
    """What the lists say of the journals that a form names: of a list of risks its newest edition, of catalogues any."""
    marks = sorted({mark for paper in journal.papers(form) for mark in paper.marks})
    if not marks:
        return Journals()
    newer = journal_lists.alias("newer")
    later = (newer.c.name == journal_lists.c.name) & (newer.c.loaded_at > journal_lists.c.loaded_at)
    replaced = select(newer.c.id).where(newer.c.kind == "risk", later).exists()
    named = (
        select(journal_lists.c.kind, journals.c.mark)
        .join(journals, journals.c.list_id == journal_lists.c.id)
        .where(journals.c.mark.in_(marks), or_(journal_lists.c.kind == "core", ~replaced))
    )
    any_core = select(journal_lists.c.kind, literal("").label("mark")).where(journal_lists.c.kind == "core").limit(1)
    rows = (await tx.execute(named.union_all(any_core))).all()
    of_kind = {kind: frozenset(row.mark for row in rows if row.kind == kind and row.mark) for kind in ("risk", "core")}
    return Journals(of_kind["risk"], of_kind["core"], any(row.kind == "core" for row in rows))


def _standing() -> ColumnElement[Any]:
    """How the unit stands, counted from indexes: applicants handed in, ineligible, filed matters."""
    a, every = applications.c, applications.alias("every")
    here = (every.c.unit == a.unit) & (every.c.programme == a.programme) & every.c.submitted_at.is_not(None)
    matter = unit_matters.c.kind
    about = (unit_matters.c.unit == a.unit) & (unit_matters.c.programme == a.programme)
    suspended = (unit_matters.c.unit == a.unit) & (matter == "suspension") & (unit_matters.c.year == a.year)
    own, twin = organisations.alias("own"), organisations.alias("twin")
    twins = (own.c.id == a.unit) & (twin.c.name == own.c.name) & (twin.c.id != own.c.id) & (twin.c.kind == "unit")
    sibling = twin.c.line[1] == own.c.line[1]  # under the same root
    pledged = (unit_pledges.c.unit == a.unit) & (unit_pledges.c.programme == a.programme)
    count = func.count()
    return func.jsonb_build_object(
        "applicants", _one(select(count).select_from(every).where(here)),
        "ineligible", _one(select(count).select_from(every).where(here, every.c.state.in_(INELIGIBLE))),
        "failed_at_panel", _one(select(count).select_from(every).where(here, every.c.state.in_(FAILED_AT_PANEL))),
        "passed_department", _one(select(count).select_from(every).where(here, literal(DEPARTMENT) == any_(every.c.passed))),
        "pledged", _there(unit_pledges, pledged),
        "explained", _there(unit_matters, about & (matter == "explanation")),
        "rectified", _there(unit_matters, about & (matter == "rectification")),
        "suspended", _there(unit_matters, suspended),
        "twins", _one(select(count).select_from(own.join(twin, twins & sibling))),
    )  # fmt: skip


def plan_json() -> ColumnElement[Any]:
    own = post_plans.c.id
    given = post_approvals.c
    approvals = select(_all(post_approvals, given.approved_at, given.body)).where(given.plan_id == own)
    holder = applications.alias("holder")
    used = select(func.count()).select_from(post_uses.join(holder, holder.c.id == post_uses.c.application_id))
    used = used.where(post_uses.c.plan_id == own, holder.c.state.in_(HANDED_IN))
    return func.jsonb_build_object(
        "plan", _whole(post_plans), "approvals", approvals.correlate(post_plans).scalar_subquery(),
        "used", used.correlate(post_plans).scalar_subquery(),
    )  # fmt: skip


def _posting_json() -> ColumnElement[Any]:
    """Without its page, which is long."""
    columns = [column for column in postings.c if column.name != "page"]
    told: list[Any] = [
        part for column in columns for part in (str(column.name), column)
    ]  # a quoted_name has no type in SQL
    photos = select(func.count()).where(posting_photos.c.posting_id == postings.c.id)
    one = posting_entries.c
    entries = select(func.jsonb_agg(aggregate_order_by(one.application_id, one.application_id)))
    entries = entries.where(one.posting_id == postings.c.id)
    told += ["photos", photos.correlate(postings).scalar_subquery()]
    told += ["applications", entries.correlate(postings).scalar_subquery()]
    return func.jsonb_build_object(*told)


def _whole(table: Table) -> ColumnElement[Any]:
    """A row as JSON: moments and days as ISO text, sealed bytes as hex."""
    return func.to_jsonb(table.table_valued())


def _all(table: Table, *order: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.jsonb_agg(aggregate_order_by(_whole(table), *order))


def _one(query: Select[Any]) -> ScalarSelect[Any]:
    return query.correlate(applications, people).scalar_subquery()


def _there(table: Table, where: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(table.c.unit).where(where).correlate(applications).exists()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


def _moment(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> Any:
    return date.fromisoformat(text) if text else None


def _group(keys: Keys, row: Mapping[str, Any]) -> Group:
    members = json.loads(keys.open(f"review_groups.members/{row['id']}", _bytes(row["members"])))
    return Group(
        UUID(row["id"]), UUID(row["unit"]), UUID(row["programme"]), row["document_number"],
        tuple(Member(**one) for one in members), _moment(row["created_at"]),
    )  # fmt: skip


def _deliberation(keys: Keys, row: Mapping[str, Any]) -> Deliberation:
    content = json.loads(keys.open(f"deliberations.content/{row['application_id']}", _bytes(row["content"])))
    return Deliberation(
        UUID(row["group_id"]), _day(row["since"]), _day(row["until"]), Votes(row["yes"], row["no"], row["abstained"]),
        row["passed"], assessed_on=_day(row["assessed_on"]), **content,
    )  # fmt: skip


def _recommendation(keys: Keys, row: Mapping[str, Any]) -> Recommendation:
    sealed = _bytes(row["reason"]) if row["reason"] else None
    reason = reason_of(keys, UUID(row["application_id"]), sealed)
    return Recommendation(row["agrees"], _day(row["day"]), row["rank"], row["tied"], reason)


def _posting(keys: Keys, row: Mapping[str, Any]) -> Posting:
    contact = contact_of(keys, UUID(row["id"]), _bytes(row["contact"]))
    counted = Deadline(
        row["rule"], _moment(row["posted_at"]), _moment(row["raw_end"]), _moment(row["ends_at"]), row["calendar"],
        tuple(row["trace"]),
    )  # fmt: skip
    return Posting(
        UUID(row["id"]), UUID(row["unit"]), UUID(row["programme"]), tuple(map(UUID, row["line"])), row["kind"],
        row["place"], row["storage_place"], row["audience"], contact, tuple(row["contents"]),
        tuple(map(UUID, row["applications"] or ())), _moment(row["posted_at"]), counted, row["photos"],
        _moment(row["withdrawn_at"]), row["certificate"], _moment(row["certified_at"]),
    )  # fmt: skip


def _objection(keys: Keys, row: Mapping[str, Any]) -> Objection:
    content = json.loads(keys.open(f"objections.content/{row['id']}", _bytes(row["content"])))
    return Objection(
        UUID(row["id"]), UUID(row["posting_id"]), UUID(row["application_id"]), row["channel"],
        received_at=_moment(row["received_at"]), state=row["state"], settled_at=_moment(row["settled_at"]), **content,
    )  # fmt: skip


def _plan(row: Mapping[str, Any]) -> Plan:
    plan = row["plan"]
    return Plan(
        UUID(plan["id"]), UUID(plan["unit"]), UUID(plan["programme"]), plan["posts"], plan["version"],
        _moment(plan["planned_at"]), _moment(plan["filed_at"]),
        tuple(
            Approval(one["body"], UUID(one["organisation"]), _moment(one["approved_at"]))
            for one in row["approvals"] or ()
        ),
        row["used"],
    )  # fmt: skip


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        UUID(row["id"]), row["effect"], row["cause"], _day(row["decided_on"]), _day(row["until"]), row["lifted"]
    )  # fmt: skip
