"""A workflow is a table: who may do what from where, what comes of it, and which past-tense event tells of it.

`python -m mangping.machine FOLDER` draws every table that an installed service names in the entry point group
`mangping.machines`, one Mermaid file each.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Generic, TypeVar

from mangping.errors import Refused

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
R = TypeVar("R", bound=StrEnum)


@dataclass(frozen=True)  # no slots: Python 3.11 cannot call Edge[S, R](…) with them
class Edge(Generic[S, R]):
    """`by` is one role or several; `event` is past tense, "notice.issued"."""

    to: S
    event: str
    by: R | tuple[R, ...]

    @property
    def roles(self) -> tuple[R, ...]:
        return self.by if isinstance(self.by, tuple) else (self.by,)


@dataclass(frozen=True)
class Machine(Generic[S, A, R]):
    """`noun` is Chinese, for people ("缴款通知书"); `name` begins its stable codes ("notice")."""

    name: str
    noun: str
    start: S
    edges: Mapping[tuple[S, A], Edge[S, R]]

    def decide(self, state: S, act: A, role: R) -> Edge[S, R]:
        """The edge this act takes. Refused: 409 when the table has none, 403 when it is not this role's to take."""
        if (edge := self.edges.get((state, act))) is None:
            raise Refused(
                f"{self.name}.wrong_state",
                f"{self.noun}当前状态不允许此操作。",
                f"请先查询{self.noun}状态。",
                status=409,
            )
        if role not in edge.roles:
            raise Refused(
                f"{self.name}.wrong_role", f"您无权对{self.noun}执行此操作。", "请由有权人员办理。", status=403
            )
        return edge

    def may(self, state: S, act: A) -> bool:
        """Whether the table has such an edge, whoever takes it."""
        return (state, act) in self.edges

    def acts(self, state: S, role: R) -> tuple[A, ...]:
        """What this role may do from here, in the table's order."""
        return tuple(act for (at, act), edge in self.edges.items() if at is state and role in edge.roles)

    def reachable(self) -> frozenset[S]:
        """Every state that a path from the start leads to."""
        seen, new = {self.start}, {self.start}
        while new:
            new = {edge.to for (at, _), edge in self.edges.items() if at in new} - seen
            seen |= new
        return frozenset(seen)

    def mermaid(self) -> str:
        """A state diagram; each arrow says act and roles."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for (at, act), edge in self.edges.items():
            lines.append(f"    {at} --> {edge.to}: {act} ({', '.join(edge.roles)})")
        ends = {edge.to for edge in self.edges.values()} - {at for at, _ in self.edges}
        lines += [f"    {state} --> [*]" for state in sorted(ends)]
        return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for entry in sorted(entry_points(group="mangping.machines"), key=lambda entry: entry.name):
        machine: Machine[StrEnum, StrEnum, StrEnum] = entry.load()
        (folder / f"{entry.name}.mmd").write_text(machine.mermaid(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
