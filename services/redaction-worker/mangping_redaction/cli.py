"""`mangping-redact`: the door from a shell. Parses, checks, and hands the batch its order; the work is in `batch`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from mangping_redaction.arguments import UNUSABLE, parser
from mangping_redaction.batch import findings as ledger
from mangping_redaction.batch import identities, options
from mangping_redaction.batch.process import Recipe, redact_pages
from mangping_redaction.batch.run import Order, Stopped, run
from mangping_redaction.batch.sources import Unusable, local_path, sources
from mangping_redaction.page import Ask
from mangping_redaction.progress import Display
from mangping_redaction.refusals import of_system

HANDLED, FAILED, SOME_REFUSED, INTERRUPTED = 0, 1, 3, 130  # beside UNUSABLE
_WORKER_MB = 900
# What worker processes are started with: one thread each, memory in large pages, as in the worker's image.
_INHERITED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


def default_workers() -> int:
    """One for each processor, as far as memory goes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(1, min(len(os.sched_getaffinity(0)), memory // (2 * _WORKER_MB)))


@dataclass(frozen=True, slots=True)
class Command:
    """The arguments, found usable."""

    src: str
    order: Order
    resume: bool
    report: bool
    identities_file: Path | None
    identities_bytes: bytes

    @property
    def asked(self) -> dict[str, object]:
        ask = self.order.ask
        return {"classes": sorted(ask.classes), "third_parties": ask.third_parties, "format": self.order.image_format}


def command(arguments: Sequence[str], recipe: Recipe = redact_pages) -> Command:
    """Raises Unusable, BadIdentities; SystemExit 2 from the parser."""
    given = parser().parse_args(arguments)
    _apart(given.src, given.out)
    known, raw = None, b""
    if given.identities:
        known = identities.load(given.identities)
        raw = given.identities.read_bytes()
    ask = Ask(classes=given.classes or Ask().classes, third_parties=given.third_parties)
    order = Order(given.out, ask, known, given.format, given.workers or default_workers(), recipe)
    return Command(given.src, order, given.resume, given.report, given.identities, raw)


def _usable(arguments: Sequence[str], recipe: Recipe) -> Command:
    try:
        return command(arguments, recipe)
    except OSError as error:
        raise Unusable(f"参数不可用：路径打不开（{of_system(error)}）。") from error


def _apart(src: str, out: Path) -> None:
    """No rendition may ever land on an original."""
    if not src:
        raise Unusable("SRC 是空的：请写明来源的路径。")
    local = local_path(src)
    if out.exists() and not out.is_dir():
        raise Unusable("--out 不是文件夹。")
    if local is None:
        return
    folder = Path(os.path.realpath(local if local.is_dir() else local.parent))
    target = Path(os.path.realpath(out))
    if target == folder or (local.is_dir() and target in folder.parents):
        raise Unusable("--out 不能是来源所在的文件夹，也不能包含它：原件不可被覆盖。")
    if local.is_dir() and folder in target.parents and _holds_others(target):
        raise Unusable("--out 在来源里面，而且已有别的文件：它们会被当作不是来源。请换一个新的文件夹。")


def _holds_others(out: Path) -> bool:
    """Whether files lie in a folder that no earlier run has made its own."""
    return out.is_dir() and not options.ours(out) and any(True for _ in out.iterdir())


def main(arguments: Sequence[str] | None = None, recipe: Recipe = redact_pages) -> int:
    """Exit status; see `arguments.EPILOG`."""
    for name, value in _INHERITED.items():
        os.environ.setdefault(name, value)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no terminal is too old for a summary
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _redact(_usable(sys.argv[1:] if arguments is None else arguments, recipe))
    except (Unusable, identities.BadIdentities) as trouble:
        return _say(str(trouble), UNUSABLE)
    except ledger.InUse:
        return _say("另一个 mangping-redact 正在写这个输出文件夹。", UNUSABLE)
    except Stopped as trouble:
        return _stop(str(trouble))
    except OSError as trouble:
        return _stop(f"文件读写出错（{of_system(trouble)}）。")
    except KeyboardInterrupt:
        return _say("已中断。加 --resume 可接着做。", INTERRUPTED)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _stop(why: str) -> int:
    return _say(f"已停止：{why} 已完成的页不受影响，排除原因后加 --resume 继续。", FAILED)


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status


def _redact(asked: Command) -> int:
    order = asked.order
    without = (order.out, *((asked.identities_file,) if asked.identities_file else ()))
    listing = sources(asked.src, without=without)
    _prepare(asked)
    held = ledger.Findings(order.out)
    try:
        done = held.recover()
        total = _count(asked, without)
        started = time.monotonic()
        with Display(total, refused_before=len(done.refused)) as display:
            run(order, listing, held, done, display)
    finally:
        held.close()
    if total == 0:
        print("来源里没有任何文件：请检查 SRC 的路径。", file=sys.stderr)
    print(display.summary(time.monotonic() - started, order.out))
    if asked.report:
        from mangping_redaction.report import write_report

        print(f"对照表：{write_report(asked.src, order.out)}")
    return SOME_REFUSED if display.refused else HANDLED


def _count(asked: Command, without: tuple[Path, ...]) -> int | None:
    """How many inputs there are; None for a bucket, which is listed only once. Tells of identities that miss."""
    if local_path(asked.src) is None:
        return None
    names = (source.name for source in sources(asked.src, without=without))
    known = asked.order.identities
    if known is None:
        return sum(1 for _ in names)
    reach = known.reach(names)
    if reach.unmet or reach.idle:
        print(
            f"注意：{reach.unmet} 个来源没有对上身份文件的任何一条，只按栏目标签遮盖；"
            f"身份文件有 {reach.idle} 条没有对上任何来源。请核对通配符。",
            file=sys.stderr,
        )
    return reach.sources


def _prepare(asked: Command) -> None:
    """The output folder, and the promise that it holds renditions of one kind only."""
    out = asked.order.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not (out / ledger.FILE).exists():
            options.remember(out, asked.asked, asked.identities_bytes)
        elif not asked.resume:
            raise Unusable("输出文件夹里已有 findings.jsonl：加 --resume 接着做，或换一个文件夹。")
        elif not options.same(out, asked.asked, asked.identities_bytes):
            raise Unusable("参数或身份文件与上次不同：--resume 只能接着做同样的事，请换一个输出文件夹。")
    except OSError as error:
        raise Unusable(f"输出文件夹不可用：{of_system(error)}。") from error


if __name__ == "__main__":
    sys.exit(main())
