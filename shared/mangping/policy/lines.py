"""YAML read with the line of every key, and nothing guessed: dates stay text, fractions and repeated keys are faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
TAG = "tag:yaml.org,2002:"
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
DEEPEST = 30
LONGEST = 12  # digits of a number
TRUE = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, where (line from 1, dotted key), in Chinese."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key or '（全文）'}：{self.message}"


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value of a YAML file, and the line each path stands on."""

    value: Any
    lines: dict[Path, int]
    faults: tuple[Fault, ...]

    def line(self, path: Path) -> int:
        """The line of the path, or of the nearest part that encloses it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def read(text: str, file: str) -> Document:
    """Parse one document. Faults are collected, not raised; the value holds what could be read."""
    lines: dict[Path, int] = {}
    faults: list[Fault] = []
    try:
        if refused := _refused(text, file):
            return Document(None, {}, (refused,))
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return Document(None, {}, (Fault(file, mark.line + 1 if mark else 1, "", f"不是合格的YAML：{error}"),))
    value = None if node is None else _plain(node, (), file, lines, faults)
    return Document(value, lines, tuple(faults))


def _refused(text: str, file: str) -> Fault | None:
    """References could make a small file huge or endless, and depth could exhaust the stack: neither is read."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            message = "不得使用引用（*）" if isinstance(event, yaml.AliasEvent) else f"嵌套不得超过{DEEPEST}层"
            return Fault(file, event.start_mark.line + 1 if event.start_mark else 1, "", message)
    return None


def _plain(node: yaml.Node, path: Path, file: str, lines: dict[Path, int], faults: list[Fault]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in found:
                faults.append(Fault(file, line, dotted((*path, name)), "同一个键写了两次"))
            lines[(*path, name)] = line
            found[name] = _plain(value, (*path, name), file, lines, faults)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*path, at), file, lines, faults) for at, value in enumerate(node.value)]
    return _scalar(node, path, file, faults)


def _scalar(node: yaml.Node, path: Path, file: str, faults: list[Fault]) -> Any:
    kind, text = node.tag.removeprefix(TAG), str(node.value)
    if kind in ("str", "timestamp"):
        return text
    if kind == "null":
        return None
    if kind == "bool" and text in TRUE:
        return TRUE[text]
    if (
        kind == "int"
        and len(text) <= LONGEST
        and text.lstrip("-").isdecimal()
        and (text == "0" or not text.lstrip("-").startswith("0"))
    ):
        return int(text)
    why = {
        "float": "不得用小数：金额以分计，比例以百分数计",
        "int": "时刻与编号请加引号",
        "bool": "请写true或false，文字请加引号",
    }
    faults.append(Fault(file, node.start_mark.line + 1, dotted(path), why.get(kind, "不认识的YAML类型")))
    return text
