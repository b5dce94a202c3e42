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
from uuid import UUID, uuid4

from mangping.faults import VARIABLE
from mangping_api.domain.application import Application, State
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person
from mangping_api.domain.programme import Programme
from mangping_api.services.charges import owe
from mangping_api.storage import applications, organisations, people, programmes
from mangping_api.wiring import Context

from tests.conftest import ROOT, Env

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
    keys, made = context.vault.keys, []
    async with context.db.begin() as tx:
        root = uuid4()
        await organisations.add(tx, Organisation(root, (root,), "某市第三中学", (), "unit", "CN"), at)
        text = (ROOT / f"services/api/policy/{pack}.yaml").read_text("utf-8")
        programme = Programme(uuid4(), root, pack, 1, pack, 2024, "0" * 64, at)
        await programmes.add(tx, programme, text)
        policy = await programmes.policy(tx, programme.id)
        kind = policy.pack.kinds[0]
        for number in range(count):
            person = Person(uuid4(), f"sub:{number}", root, name="测试甲", phone="13800000000")
            await people.add(tx, keys, person, at)
            application = Application(
                uuid4(), person.id, root, (root,), programme.id, 2024, kind.kind, kind.level, {}, State.ACCEPTED, 1, at,
                submitted_at=at,
            )  # fmt: skip
            await applications.add(tx, application)
            await owe(tx, application, policy, at)
            made.append(application.id)
    return made
