"""The bank's memory: one SQLite file. What a method returned is on disk, so a kill loses nothing that was paid."""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.simulators.bank.switches import Switches

_SCHEMA = """
create table if not exists bills (
    pay_code text primary key, region text not null, year text not null, bill_no text not null, unit_code text not null,
    unit_name text not null, payer text not null, amount_fen integer not null, info text not null, until text not null,
    state text not null, unique (region, year, bill_no));
create table if not exists payments (
    bank_trans_no text primary key, region text not null, pay_code text not null, amount_fen integer not null,
    channel text not null, paid_at text not null, status text not null, unit_code text not null);
create index if not exists payments_by_code on payments (pay_code);
create table if not exists receipts (
    pay_code text primary key, code text not null, number text not null unique, check_code text not null,
    issued integer not null);
create table if not exists words (
    id integer primary key autoincrement, event_id text not null, carrier text not null, body text not null,
    due real not null, attempts integer not null default 0, state text not null);
create index if not exists words_due on words (state, due);
create table if not exists edits (
    bank_trans_no text not null, source text not null, omit integer not null, amount_fen integer, status text, day text,
    primary key (bank_trans_no, source));
create table if not exists settings (name text primary key, value text not null);
"""


class BankRefused(Exception):
    """The bank says no; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Bill:
    pay_code: str
    region: str
    year: str
    bill_no: str
    unit_code: str
    unit_name: str
    payer: str
    amount_fen: int
    info: str  # PayInfo, as it came
    until: str  # YYYYMMDDHHMMSS, or empty
    state: str  # unpaid, paid, void


@dataclass(frozen=True, slots=True)
class Payment:
    bank_trans_no: str
    region: str
    pay_code: str
    amount_fen: int
    channel: str
    paid_at: str  # ISO 8601 with offset
    status: str  # paid, reversed
    unit_code: str


class Books:
    """All methods are short and synchronous; `write()` groups several into one transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "bank.sqlite3", isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        """One transaction; inside another one it is part of that."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    # Settings, clock, numbers

    def switches(self) -> Switches:
        return Switches.model_validate_json(self._setting("switches", "{}"))

    def set_switches(self, switches: Switches) -> None:
        self._set("switches", switches.model_dump_json())

    def spend(self, name: str) -> bool:
        """Whether this counted switch was still on; it is one less then."""
        held = self.switches()
        if (left := int(getattr(held, name))) <= 0:
            return False
        self.set_switches(held.model_copy(update={name: left - 1}))
        return True

    def now(self) -> datetime:
        """The bank's clock, in UTC: the machine's, moved by `set_now`."""
        return datetime.now(UTC) + timedelta(seconds=float(self._setting("clock", "0")))

    def set_now(self, instant: datetime) -> None:
        """From here the clock goes on; real time again with `datetime.now()`."""
        self._set("clock", str((instant - datetime.now(UTC)).total_seconds()))

    def serial(self, name: str) -> int:
        with self.write():
            number = int(self._setting(f"serial.{name}", "0")) + 1
            self._set(f"serial.{name}", str(number))
        return number

    # Bills and payments

    def add_bill(self, bill: Bill) -> None:
        self._insert("bills", bill)

    def bill(self, pay_code: str) -> Bill | None:
        return next(self._bills("pay_code = ?", pay_code), None)

    def bill_by_number(self, region: str, year: str, bill_no: str) -> Bill | None:
        return next(self._bills("region = ? and year = ? and bill_no = ?", region, year, bill_no), None)

    def bills(self) -> list[Bill]:
        return list(self._bills("true"))

    def set_state(self, pay_code: str, state: str) -> None:
        self._db.execute("update bills set state = ? where pay_code = ?", (state, pay_code))

    def add_payment(self, payment: Payment) -> None:
        """BankRefused when this transaction number stands in the books already."""
        try:
            self._insert("payments", payment)
        except sqlite3.IntegrityError:
            raise BankRefused("known_transaction") from None

    def payments(self, pay_code: str | None = None) -> list[Payment]:
        """In the order in which they were booked."""
        where, values = ("pay_code = ?", (pay_code,)) if pay_code else ("true", ())
        found = self._db.execute(f"select * from payments where {where} order by rowid", values)
        return [Payment(*row) for row in found]

    def reverse(self, bank_trans_no: str) -> None:
        """抹账: the payment never was; a bill that nothing pays any more may be paid again."""
        with self.write():
            done = self._db.execute("update payments set status = 'reversed' where bank_trans_no = ?", (bank_trans_no,))
            if done.rowcount != 1:
                raise BankRefused("no_transaction")
            self._db.execute(
                "update bills set state = 'unpaid' where state = 'paid' and not exists "
                "(select 1 from payments p where p.pay_code = bills.pay_code and p.status = 'paid')"
            )

    # Receipts

    def receipt(self, pay_code: str, code: str) -> dict[str, Any]:
        """The receipt of this bill; its number is drawn the first time it is asked for."""
        with self.write():
            if (held := self.receipts(pay_code=pay_code)) == []:
                number = f"{self.serial('receipt'):010d}"
                check = "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(6))
                self._db.execute("insert into receipts values (?, ?, ?, ?, 0)", (pay_code, code, number, check))
                held = self.receipts(pay_code=pay_code)
        return held[0]

    def issue_receipt(self, pay_code: str) -> None:
        self._db.execute("update receipts set issued = 1 where pay_code = ?", (pay_code,))

    def receipts(self, **where: str) -> list[dict[str, Any]]:
        clause = " and ".join(f"{name} = ?" for name in where) or "true"
        found = self._db.execute(f"select * from receipts where {clause} order by number", tuple(where.values()))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    # Words on their way to the fees service

    def owe(self, event_id: str, carrier: str, body: bytes, due: float, state: str) -> None:
        self._db.execute(
            "insert into words (event_id, carrier, body, due, state) values (?, ?, ?, ?, ?)",
            (event_id, carrier, body.decode(), due, state),
        )

    def owed(self, at: float, limit: int) -> list[tuple[int, str, str, bytes, int]]:
        """(id, event id, carrier, body, attempts), earliest first."""
        found = self._db.execute(
            "select id, event_id, carrier, body, attempts from words where state = 'owed' and due <= ? "
            "order by due, id limit ?", (at, limit),
        )  # fmt: skip
        return [(word, event, carrier, body.encode(), tries) for word, event, carrier, body, tries in found]

    def told(self, word: int) -> None:
        self._db.execute("update words set state = 'told' where id = ?", (word,))

    def try_again(self, word: int, due: float) -> None:
        self._db.execute("update words set due = ?, attempts = attempts + 1 where id = ?", (due, word))

    def held(self) -> list[int]:
        return [row[0] for row in self._db.execute("select id from words where state = 'held' order by id")]

    def release(self, word: int, due: float) -> None:
        self._db.execute("update words set state = 'owed', due = ? where id = ? and state = 'held'", (due, word))

    def words(self) -> dict[str, int]:
        """How many words are owed, held, lost and told."""
        return dict(self._db.execute("select state, count(*) from words group by state"))

    # The daily files, and what is wrong with them on purpose

    def edit(
        self, trans: str, source: str, *, omit: bool, amount_fen: int | None, status: str | None, day: str | None
    ) -> None:
        values = (trans, source, omit, amount_fen, status, day)
        self._db.execute("insert or replace into edits values (?, ?, ?, ?, ?, ?)", values)

    def edits(self, source: str) -> dict[str, tuple[bool, int | None, str | None, str | None]]:
        found = self._db.execute(
            "select bank_trans_no, omit, amount_fen, status, day from edits where source = ?", (source,)
        )
        return {row[0]: (bool(row[1]), row[2], row[3], row[4]) for row in found}

    def _insert(self, table: str, row: Bill | Payment) -> None:
        values = tuple(getattr(row, name) for name in type(row).__slots__)
        self._db.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)

    def _bills(self, where: str, *values: str) -> Iterator[Bill]:
        return (Bill(*row) for row in self._db.execute(f"select * from bills where {where} order by rowid", values))

    def _setting(self, name: str, default: str) -> str:
        row = self._db.execute("select value from settings where name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def _set(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into settings values (?, ?)", (name, value))


def as_json(rows: list[Bill] | list[Payment]) -> str:
    return json.dumps([{name: getattr(row, name) for name in type(row).__slots__} for row in rows], ensure_ascii=False)
