"""What `mangping-redact` takes, and what it says about it: all in Chinese, argparse's own words too."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from mangping_redaction.page import CLASSES

UNUSABLE = 2  # exit status
FORMATS = ("jpg", "png")

EPILOG = """退出码：0 全部处理（含需人工复核的页）；2 参数不可用；3 部分来源被拒；1 中途停止；130 被中断。
身份文件：{"通配符": {"names": [], "units": [], "id_numbers": [], "phones": []}}，最具体的通配符生效，"*" 兜底。"""

# What argparse says of arguments, and what a person is told.
_SAID = (
    (re.compile(r"the following arguments are required: (.+)"), "缺少 {}"),
    (re.compile(r"unrecognized arguments: (.+)"), "不认识 {}"),
    (re.compile(r"argument (\S+): expected one argument"), "{} 后面要有一个值"),
    (re.compile(r"argument (\S+): ignored explicit argument .+"), "{} 后面没有值"),
    (re.compile(r"argument ([^:\s]+): (.+)"), "{}：{}"),
)


class _Layout(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"参数不可用：{in_chinese(message)}。\n{self.format_usage()}详见 {self.prog} --help\n")


def in_chinese(message: str) -> str:
    """What argparse says, in Chinese; as it is where it says something new."""
    for said, told in _SAID:
        if found := said.fullmatch(message):
            return told.format(*found.groups())
    return message


def parser() -> argparse.ArgumentParser:
    made = _Parser(
        prog="mangping-redact",
        description="把扫描件做成看不出是谁的遮盖件。原件不动。",
        epilog=EPILOG,
        formatter_class=_Layout,
        allow_abbrev=False,
        add_help=False,
    )
    given = made.add_argument_group("参数")
    given.add_argument("src", metavar="SRC", help="文件、文件夹，或对象存储地址（s3://、gs://、az://、file://）")
    given.add_argument("--out", metavar="DIR", required=True, type=_folder, help="输出文件夹")
    given.add_argument("--identities", metavar="FILE.json", type=Path, help="要遮盖的本人身份")
    given.add_argument("--classes", type=_classes, metavar="CLASS,…", help=f"只遮盖这些类别：{', '.join(CLASSES)}")
    given.add_argument("--workers", type=_workers, metavar="N", default=None, help="工作进程数（默认按处理器和内存）")
    given.add_argument("--format", metavar="|".join(FORMATS), type=_format, default="jpg", help="遮盖件格式；png 无损")
    given.add_argument("--third-parties", action="store_true", help="他人的姓名、单位也遮盖")
    given.add_argument("--report", action="store_true", help="另写 report.html 对照表（含遮盖前的缩略图，勿给评委）")
    given.add_argument("--resume", action="store_true", help="接着上次做；已完成的不重做")
    given.add_argument("-h", "--help", action="help", help="显示这些说明")
    return made


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("不能是空的")
    return Path(text)


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


def _format(text: str) -> str:
    if text not in FORMATS:
        raise argparse.ArgumentTypeError(f"只有 {'、'.join(FORMATS)}")
    return text
