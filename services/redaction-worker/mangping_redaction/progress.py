"""How far a batch is: a bar with pages a minute on a terminal, nothing but the summary elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Display:
    """Counts pages and inputs and shows them; `total` is the number of inputs, None where it is not known."""

    def __init__(self, total: int | None, *, refused_before: int = 0, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        self.pages = self.sources = self.needs_human = 0
        self.refused = refused_before
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("遮盖"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(), TimeRemainingColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=total, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def page(self, *, needs_human: bool) -> None:
        self.pages += 1
        self.needs_human += needs_human
        minutes = (time.monotonic() - self._started) / 60
        self._bar.update(self._task, rate=f"{self.pages} 页，{self.pages / minutes:.1f} 页/分" if minutes else "")

    def source(self, *, refused: bool) -> None:
        self.sources += 1
        self.refused += refused
        self._bar.advance(self._task)

    def kept(self) -> None:
        """An input that an earlier run has finished."""
        self._bar.advance(self._task)

    def summary(self, seconds: float, out: Path) -> str:
        rate = self.pages / seconds * 60 if seconds else 0.0
        return (
            f"{self.pages} 页完成，{self.needs_human} 页需人工复核，{self.refused} 个来源被拒；"
            f"用时 {seconds:.1f} 秒（{rate:.1f} 页/分）。结果在 {out}"
        )
