"""`mangping-redact`: the door from a shell. Parses, checks, and hands the batch its order; the work is in `batch`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from mangping_redaction.batch import findings as ledger
from mangping_redaction.batch import identities, options
from mangping_redaction.batch.process import Recipe, redact_pages
from mangping_redaction.batch.run import Order, Stopped, run
from mangping_redaction.batch.sources import Unusable, local_path, sources
from mangping_redaction.page import CLASSES, Ask
from mangping_redaction.progress import Display

HANDLED, FAILED, UNUSABLE, SOME_REFUSED, INTERRUPTED = 0, 1, 2, 3, 130
_WORKER_MB = 900

EPILOG = """退出码：0 全部处理（含需人工复核的页）；2 参数不可用；3 部分来源被拒；1 中途停止；130 被中断。
身份文件：{"通配符": {"names": [], "units": [], "id_numbers": [], "phones": []}}，最具体的通配符生效，"*" 兜底。"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"参数不可用：{message}\n{self.format_usage()}")


def parser() -> argparse.ArgumentParser:
    made = _Parser(
        prog="mangping-redact",
        description="把扫描件做成看不出是谁的遮盖件。原件不动。",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("src", metavar="SRC", help="文件、文件夹，或对象存储地址（s3://、gs://、az://、file://）")
    made.add_argument("--out", metavar="DIR", required=True, type=Path, help="输出文件夹")
    made.add_argument("--identities", metavar="FILE.json", type=Path, help="要遮盖的本人身份")
    made.add_argument("--classes", type=_classes, metavar="CLASS,…", help=f"只遮盖这些类别：{','.join(CLASSES)}")
    made.add_argument("--workers", type=_workers, metavar="N", default=None, help="工作进程数（默认按处理器和内存）")
    made.add_argument("--format", choices=("jpg", "png"), default="jpg", help="遮盖件格式；png 无损")
    made.add_argument("--third-parties", action="store_true", help="他人的姓名、单位也遮盖")
    made.add_argument("--report", action="store_true", help="另写 report.html 对照表（含遮盖前的缩略图，勿给评委）")
    made.add_argument("--resume", action="store_true", help="接着上次做；已完成的不重做")
    return made


def _classes(text: str) -> frozenset[str]:
    asked = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := sorted(asked - set(CLASSES)):
        raise argparse.ArgumentTypeError(f"没有这种类别 {'、'.join(unknown)}，可选：{','.join(CLASSES)}")
    if not asked:
        raise argparse.ArgumentTypeError("至少要有一个类别")
    return asked


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("应为 1 至 256 的整数")
    return int(text)


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


def _apart(src: str, out: Path) -> None:
    """No rendition may ever land on an original."""
    local = local_path(src)
    if out.exists() and not out.is_dir():
        raise Unusable("--out 不是文件夹。")
    if local is None:
        return
    folder = Path(os.path.realpath(local if local.is_dir() else local.parent))
    target = Path(os.path.realpath(out))
    if target == folder or (local.is_dir() and target in folder.parents):
        raise Unusable("--out 不能是来源所在的文件夹，也不能包含它：原件不可被覆盖。")


def main(arguments: Sequence[str] | None = None, recipe: Recipe = redact_pages) -> int:
    """Exit status; see EPILOG."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # one thread a process; workers inherit it
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        asked = command(sys.argv[1:] if arguments is None else arguments, recipe)
        return _redact(asked)
    except (Unusable, identities.BadIdentities) as trouble:
        return _say(str(trouble), UNUSABLE)
    except ledger.InUse:
        return _say("另一个 mangping-redact 正在写这个输出文件夹。", UNUSABLE)
    except Stopped as trouble:
        return _say(f"已停止：{trouble} 已完成的页不受影响，排除原因后加 --resume 继续。", FAILED)
    except KeyboardInterrupt:
        return _say("已中断。加 --resume 可接着做。", INTERRUPTED)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status


def _redact(asked: Command) -> int:
    order = asked.order
    without = (order.out, *((asked.identities_file,) if asked.identities_file else ()))
    listing = sources(asked.src, without=without)
    _prepare(asked)
    with_lock = ledger.Findings(order.out)
    try:
        done = with_lock.recover()
        local = local_path(asked.src) is not None
        total = sum(1 for _ in sources(asked.src, without=without)) if local else None
        started = time.monotonic()
        with Display(total, refused_before=len(done.refused)) as display:
            run(order, listing, with_lock, done, display)
    finally:
        with_lock.close()
    print(display.summary(time.monotonic() - started, order.out))
    if asked.report:
        from mangping_redaction.report import write_report

        print(f"对照表：{write_report(asked.src, order.out)}")
    return SOME_REFUSED if display.refused else HANDLED


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
        raise Unusable(f"输出文件夹不可用：{os.strerror(error.errno or 0)}。") from error


if __name__ == "__main__":
    sys.exit(main())
