"""The report of a day's reconciliation: a page to read, and a table to work with. The same run gives the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping.money import yuan
from mangping.sheet import Cell, Head, xlsx
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain.reconciliation import Resolution, Verdict
from mangping_fees.storage import reconciliations as storage
from mangping_fees.storage import statements
from mangping_fees.storage.reconciliations import Difference, Run

MOST_SHOWN = 1000  # differences on the page; the table has more
_MOST_LISTED = 1_000_000  # a sheet holds 1 048 576 rows
BOOKS = {"ours": "我方账", "finance": "财政文件", "agent": "代收银行文件"}
VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.MATCH: ("三方一致", "无需处理"),
    Verdict.MISSING_HERE: ("我方无记录", "两份文件都有的已自动补记，请看其违反的规则；只有一份文件有的，向另一方查询"),
    Verdict.MISSING_THERE: ("对方无记录", "我方已收到确认而文件未载，请索取更正后的文件"),
    Verdict.AMOUNT: ("金额或缴款码不符", "先问银行，再问财政；任何部分都不入账"),
    Verdict.STATUS: ("状态不符", "一方记为冲正，请向银行查明款项是否已退回"),
    Verdict.CUT_OFF: ("日切跨日", "午夜前后一小时缴款，暂不需处理；相邻一日对账后自动对上，对不上的转为无记录差异"),
}
RESOLUTIONS: dict[Resolution, str] = {
    Resolution.CONFIRMED: "财政已确认到账", Resolution.SETTLED_BY_HAND: "已人工处理", Resolution.REFUNDED: "已退付",
    Resolution.FILE_CORRECTED: "文件已更正", Resolution.NEXT_DAY: "次日已对上", Resolution.NO_FAULT: "无误",
    Resolution.MATCHED_ACROSS: "已与另一日的账对上", Resolution.ASKED_THERE: "并入另一日的差异处理",
    Resolution.SUPERSEDED: "文件已更正，以新的对账为准",
}  # fmt: skip
_COLUMNS = (
    Head("银行流水号", 26), Head("差异", 16), Head("缴款码", 34), Head("我方（元）", 12, fen=True),
    Head("财政（元）", 12, fen=True), Head("代收银行（元）", 14, fen=True), Head("处理办法", 48), Head("处理结果", 40),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """`days` are those of the runs that differences name, `todo` waits for a person, `waiting` for a neighbour's books."""

    run: Run
    found: list[Difference]
    days: dict[UUID, date]
    hashes: dict[str, str]
    todo: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Reports:
    db: AsyncEngine

    async def html(self, id: UUID) -> str:
        """Refused (404) when there is no such reconciliation."""
        return _page().render(_told(await self._read(id, MOST_SHOWN)))

    async def xlsx(self, id: UUID) -> bytes:
        return await asyncio.to_thread(_workbook, await self._read(id, _MOST_LISTED))

    async def _read(self, id: UUID, limit: int) -> Read:
        async with self.db.begin() as tx:
            run = await storage.find(tx, id)
            if run is None:
                raise Refused("reconciliation.unknown", "没有这次对账。", "请检查编号。", status=404)
            found = await storage.found_differences(tx, id, after=None, limit=limit, open_only=False)
            todo, waiting = await storage.open_differences(tx, id)
            days = await storage.days_of(tx, {one.other_run for one in found if one.other_run is not None})
            files = {
                name: await statements.find(tx, of) for name, of in (("finance", run.finance), ("agent", run.agent))
            }
        hashes = {name: file.sha256 for name, file in files.items() if file is not None}
        return Read(run, found, days, hashes, todo, waiting)


def _told(read: Read) -> dict[str, Any]:
    run, found = read.run, read.found
    closed = run.closed_at.astimezone(BEIJING) if run.closed_at else None
    sums = {tuple(book.values()) for book in run.totals.values()}
    return {
        "day": run.day, "region": run.region_code, "run": str(run.id), "hashes": read.hashes, "even": len(sums) == 1,
        "closed": f"{closed:%Y-%m-%d %H:%M}" if closed else "",
        "books": [(BOOKS[name], run.totals[name]["count"], yuan(run.totals[name]["sum_fen"])) for name in BOOKS],
        "verdicts": _verdicts(run), "differences": [_line(one, read.days) for one in found], "open": read.todo,
        "waiting": read.waiting,
        "more": sum(run.verdicts.get(name, 0) for name in Verdict if name is not Verdict.MATCH) - len(found),
    }  # fmt: skip


def _verdicts(run: Run) -> list[tuple[str, str, int]]:
    return [(*VERDICTS[name], run.verdicts.get(name, 0)) for name in Verdict]


def _line(one: Difference, days: Mapping[UUID, date]) -> dict[str, Any]:
    words, remedy = VERDICTS[one.verdict]
    fens = (one.ours_fen, one.finance_fen, one.agent_fen)
    return {
        "trans": one.bank_trans_no, "words": words, "codes": "、".join(one.pay_codes), "remedy": remedy,
        "amounts": [yuan(fen) if fen is not None else "无" for fen in fens],
        "done": _done(one, days), "waits": one.resolved_at is None and one.verdict is Verdict.CUT_OFF,
    }  # fmt: skip


def _done(one: Difference, days: Mapping[UUID, date]) -> str:
    """How it ended, or what it waits for; nothing where it waits for a person."""
    if one.resolved_at is None:
        return f"等待{one.waits_for}的账" if one.verdict is Verdict.CUT_OFF else ""
    said = Resolution(one.resolution or "")
    if said is Resolution.MATCHED_ACROSS and one.other_run is not None:
        return f"已与{days[one.other_run]}的账对上（对账编号{one.other_run}）"
    if said is Resolution.ASKED_THERE and one.other_run is not None:
        return f"并入{days[one.other_run]}的差异处理（对账编号{one.other_run}）"
    return RESOLUTIONS[said]


def _workbook(read: Read) -> bytes:
    run = read.run
    line = f"{run.day}　行政区划{run.region_code}　三方对账"
    sums = [(words, run.totals[name]["count"], run.totals[name]["sum_fen"]) for name, words in BOOKS.items()]
    return xlsx([
        ("合计", line, (Head("账", 18), Head("笔数", 12), Head("金额（元）", 16, fen=True)), sums),
        ("结果", line, (Head("结果", 20), Head("笔数", 12), Head("说明", 60)),
         [(words, count, remedy) for words, remedy, count in _verdicts(run)]),
        ("差异", line, _COLUMNS, _rows(read)),
        ("文件", line, (Head("文件", 18), Head("SHA-256", 70)),
         [(BOOKS[name], text) for name, text in read.hashes.items()]),
    ])  # fmt: skip


def _rows(read: Read) -> Iterator[Sequence[Cell]]:
    for one in read.found:
        told = _line(one, read.days)
        yield (
            told["trans"], told["words"], told["codes"], one.ours_fen, one.finance_fen, one.agent_fen, told["remedy"],
            told["done"],
        )  # fmt: skip


@cache
def _page() -> Template:
    folder = Path(__file__).parents[1] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("reconciliation.html.j2")
