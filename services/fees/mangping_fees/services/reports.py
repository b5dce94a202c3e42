"""The report of a day's reconciliation: a page to read, and a table to work with. The same run gives the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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

from mangping_fees.domain.reconciliation import Verdict
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
    Verdict.CUT_OFF: ("日切跨日", "午夜前后一小时缴款，先查相邻一日的文件"),
}
RESOLUTIONS = {
    "settled_by_hand": "已人工处理", "refunded": "已退付", "file_corrected": "文件已更正", "next_day": "次日已对上",
    "no_fault": "无误",
}  # fmt: skip
_COLUMNS = (
    Head("银行流水号", 26), Head("差异", 16), Head("缴款码", 34), Head("我方（元）", 12, fen=True),
    Head("财政（元）", 12, fen=True), Head("代收银行（元）", 14, fen=True), Head("处理办法", 48), Head("处理结果", 14),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reports:
    db: AsyncEngine

    async def html(self, id: UUID) -> str:
        """Refused (404) when there is no such reconciliation."""
        run, found, hashes, unsettled = await self._read(id, MOST_SHOWN)
        return _page().render(_told(run, found, hashes, unsettled))

    async def xlsx(self, id: UUID) -> bytes:
        run, found, hashes, _ = await self._read(id, _MOST_LISTED)
        return await asyncio.to_thread(_workbook, run, found, hashes)

    async def _read(self, id: UUID, limit: int) -> tuple[Run, list[Difference], dict[str, str], int]:
        async with self.db.begin() as tx:
            run = await storage.find(tx, id)
            if run is None:
                raise Refused("reconciliation.unknown", "没有这次对账。", "请检查编号。", status=404)
            found = await storage.found_differences(tx, id, after=None, limit=limit, open_only=False)
            unsettled = await storage.open_differences(tx, id)
            files = {
                name: await statements.find(tx, of) for name, of in (("finance", run.finance), ("agent", run.agent))
            }
        return run, found, {name: file.sha256 for name, file in files.items() if file is not None}, unsettled


def _told(run: Run, found: Sequence[Difference], hashes: dict[str, str], unsettled: int) -> dict[str, Any]:
    closed = run.closed_at.astimezone(BEIJING) if run.closed_at else None
    sums = {tuple(book.values()) for book in run.totals.values()}
    return {
        "day": run.day, "region": run.region_code, "run": str(run.id), "hashes": hashes, "even": len(sums) == 1,
        "closed": f"{closed:%Y-%m-%d %H:%M}" if closed else "",
        "books": [(BOOKS[name], run.totals[name]["count"], yuan(run.totals[name]["sum_fen"])) for name in BOOKS],
        "verdicts": _verdicts(run), "differences": [_line(one) for one in found], "open": unsettled,
        "more": sum(run.verdicts.get(name, 0) for name in Verdict if name is not Verdict.MATCH) - len(found),
    }  # fmt: skip


def _verdicts(run: Run) -> list[tuple[str, str, int]]:
    return [(*VERDICTS[name], run.verdicts.get(name, 0)) for name in Verdict]


def _line(one: Difference) -> dict[str, Any]:
    words, remedy = VERDICTS[one.verdict]
    fens = (one.ours_fen, one.finance_fen, one.agent_fen)
    return {
        "trans": one.bank_trans_no, "words": words, "codes": "、".join(one.pay_codes), "remedy": remedy,
        "amounts": [yuan(fen) if fen is not None else "无" for fen in fens],
        "done": RESOLUTIONS.get(one.resolution or "", "") if one.resolved_at else "",
    }  # fmt: skip


def _workbook(run: Run, found: Sequence[Difference], hashes: dict[str, str]) -> bytes:
    line = f"{run.day}　行政区划{run.region_code}　三方对账"
    sums = [(words, run.totals[name]["count"], run.totals[name]["sum_fen"]) for name, words in BOOKS.items()]
    return xlsx([
        ("合计", line, (Head("账", 18), Head("笔数", 12), Head("金额（元）", 16, fen=True)), sums),
        ("结果", line, (Head("结果", 20), Head("笔数", 12), Head("说明", 60)),
         [(words, count, remedy) for words, remedy, count in _verdicts(run)]),
        ("差异", line, _COLUMNS, _rows(found)),
        ("文件", line, (Head("文件", 18), Head("SHA-256", 70)), [(BOOKS[name], text) for name, text in hashes.items()]),
    ])  # fmt: skip


def _rows(found: Sequence[Difference]) -> Iterator[Sequence[Cell]]:
    for one in found:
        told = _line(one)
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
