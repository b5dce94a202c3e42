"""Processes that are killed again and again at named steps while the rest goes on, and the accepted applications they
serve."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import runpy
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mangping.faults import VARIABLE
from mangping_api.wiring import Context

from deploy.local.accepted import School
from tests.conftest import Env

PATIENCE_S = 90.0


# Forked from one process that has imported the services once: a death then costs milliseconds, not a start.
_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(
    ["tests.fees.storm", "mangping_api.worker", "mangping_fees.worker", "mangping_fees.__main__"]
)


def live(module: str, env: Env, log: Path) -> None:
    """What a forked child is: what `python -m module` would be with this environment."""
    os.environ.update(env)
    with log.open("ab") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    runpy.run_module(module, run_name="__main__")


@dataclass
class Mortal:
    """One kind of process. `plague` runs it through deaths at these steps, one after the other; after that it lives."""

    module: str
    env: Env
    log: Path
    deaths: Counter[str] = field(default_factory=Counter)
    process: Any = None
    patience_s: float = PATIENCE_S  # for a step to be reached

    def start(self, step: str = "") -> None:
        env = {**self.env, VARIABLE: step}
        self.process = _nursery.Process(target=live, args=(self.module, env, self.log), daemon=True)
        self.process.start()

    def stop(self) -> None:
        """SIGKILL: nobody says goodbye here."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    def plague(self, steps: Sequence[str], over: threading.Event) -> None:
        """Die at each step once it is reached ("step@3": for the third time), and live on after the last."""
        for step in steps:
            self.start(step)
            until = time.monotonic() + self.patience_s
            while self.process.exitcode is None and time.monotonic() < until and not over.is_set():
                time.sleep(0.02)
            if self.process.exitcode == 137:
                self.deaths[step.partition("@")[0]] += 1
            self.stop()
        self.start()


@contextlib.contextmanager
def plagues(*them: tuple[Mortal, Sequence[str]]) -> Iterator[Callable[[], None]]:
    """All at once. The callable waits until every death is died; on the way out everyone is dead."""
    over = threading.Event()
    threads = [threading.Thread(target=mortal.plague, args=(steps, over), daemon=True) for mortal, steps in them]

    def died() -> None:
        for thread in threads:
            thread.join()

    for thread in threads:
        thread.start()
    try:
        yield died
    finally:
        over.set()
        died()
        for mortal, _ in them:
            mortal.stop()


def somewhere(dice: random.Random, steps: Sequence[str], deepest: int) -> list[str]:
    """The steps in random order, each at a random one of its first times."""
    return [f"{step}@{dice.randint(1, deepest)}" for step in dice.sample(steps, len(steps))]


async def accepted(context: Context, pack: str, count: int, at: datetime) -> list[UUID]:
    """So many accepted applications of so many people, each owing its fee."""
    async with context.db.begin() as tx:
        school = await School.found(tx, "某市第三中学", pack, at)
        keys = context.vault.keys
        return [await school.accept(tx, keys, str(number), "测试甲", "13800000000") for number in range(count)]
