"""The way of money that is in order, which is nearly all of it: two statements, each built once and sent straight.

They say much at once because a transaction costs what its round trips cost, not what its rows do. Whoever appends to
the audit stream of a notice holds its row: what is seen here once that is locked is where the stream ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mangping.db import Straight, Tx
from mangping.ledger import Last
from sqlalchemy import BindParameter, Insert, Select, Table, bindparam, exists, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Notice
from mangping_fees.storage.notices import row_of as notice_row
from mangping_fees.storage.payments import row_of
from mangping_fees.tables import hooks, ledger, notice_lines, notices, payments


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes with a credit: whose fee it is, who wants to hear of it, where the notice's audit stream ends."""

    applications: tuple[UUID, ...]  # in the order of the roster
    asked: Sequence[UUID]
    last: Last | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether this word is new, and whether the bank transaction it tells of is."""

    word: bool
    payment: bool
    beside: Beside


def _bound(table: Table, prefix: str) -> dict[str, BindParameter[Any]]:
    names = [column.name for column in table.c if column.identity is None and column.name != "claimed_until"]
    return {name: bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names}


def _named(prefix: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in row.items()}


def _adding(table: Table, prefix: str) -> Insert:
    return insert(table).values(_bound(table, prefix))


def _seeing() -> Select[Any]:
    """Takes `notice_id`, its `stream`, and as `type` the public name of what happened."""
    mine = select(notice_lines.c.application_id).where(notice_lines.c.notice_id == bindparam("notice_id"))
    last = ledger.last.subquery("last")
    one = select(true().label("there")).subquery("one")
    return select(
        func.array(mine.order_by(notice_lines.c.position).scalar_subquery()).label("applications"),
        func.array(hooks.asked.scalar_subquery()).label("asked"),
        last.c.seq, last.c.hash,
    ).select_from(one.outerjoin(last, true()))  # fmt: skip


def _hearing() -> Select[Any]:
    """The word into the inbox, its payment into the book if the word is new; and what is seen beside."""
    inbox = upsert(ledger.inbox).values(_bound(ledger.inbox, "word")).on_conflict_do_nothing()
    word = inbox.returning(ledger.inbox.c.external_id).cte("word")
    told = _bound(payments, "payment")
    book = upsert(payments).from_select(list(told), select(*told.values()).where(exists(select(word))))
    book = book.on_conflict_do_nothing(index_elements=["region_code", "bank_trans_no"])
    posted = book.returning(payments.c.id).cte("posted")
    return _seeing().add_columns(exists(select(word)).label("word"), exists(select(posted)).label("payment"))


def _crediting() -> Any:
    """The notice as it stands now, what is owed to the api, and the entry that tells of both."""
    owed, told = _adding(ledger.outbox, "owed").cte("owed"), _adding(ledger.audit, "told").cte("told")
    values = _bound(notices, "notice")
    del values["serial"]
    return update(notices).where(notices.c.id == values.pop("id")).values(values).add_cte(owed, told)


_HEAR, _SEE, _CREDIT = Straight(_hearing()), Straight(_seeing()), Straight(_crediting())


async def hear(tx: Tx, source: str, external_id: str, payment: Payment, stream: str, event: str) -> Heard:
    """The notice's row is locked, if there is one; `stream` is its audit stream, `event` the public name of a credit."""
    word = {"source": source, "external_id": external_id, "received_at": payment.heard_at}
    look = {"notice_id": payment.notice_id, "stream": stream, "type": event}
    [row] = await _HEAR.rows(tx, {**_named("word", word), **_named("payment", row_of(payment)), **look})
    return Heard(row["word"], row["payment"], _beside(row))


async def beside(tx: Tx, notice: UUID, stream: str, event: str) -> Beside:
    """The same of a notice whose row is locked."""
    [row] = await _SEE.rows(tx, {"notice_id": notice, "stream": stream, "type": event})
    return _beside(row)


async def credit(tx: Tx, notice: Notice, owed: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """`owed` and `told` are rows of the outbox and of the audit chain."""
    await _CREDIT.rows(tx, {**_named("notice", notice_row(notice)), **_named("owed", owed), **_named("told", told)})


def _beside(row: Mapping[str, Any]) -> Beside:
    last = None if row["seq"] is None else Last(row["seq"], row["hash"])
    return Beside(tuple(dict.fromkeys(row["applications"])), row["asked"], last)
