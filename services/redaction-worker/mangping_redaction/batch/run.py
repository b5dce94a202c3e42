"""The batch: sources to worker processes, their answers to findings.jsonl. A worker that dies is replaced."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

from mangping.errors import Refused

from mangping_redaction.batch.findings import Done, Findings
from mangping_redaction.batch.identities import Identities
from mangping_redaction.batch.names import Names
from mangping_redaction.batch.process import Job, Recipe, redact_pages, serve
from mangping_redaction.batch.sources import Source
from mangping_redaction.page import Ask
from mangping_redaction.refusals import refused

TRIES = 2  # a source whose worker died gets a second one, then it is refused


class Stopped(Exception):
    """Nothing more can be done; the message (Chinese) says why."""


class Progress(Protocol):
    """Told of each page and each input as it is finished, and of inputs that an earlier run has finished."""

    def page(self, *, needs_human: bool) -> None: ...
    def source(self, *, refused: bool) -> None: ...
    def kept(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Order:
    """What one run of the command asks for."""

    out: Path
    ask: Ask
    identities: Identities | None = None
    image_format: str = "jpg"
    workers: int = 1
    recipe: Recipe = redact_pages


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    job: Job | None = None
    tries: int = 0
    ready: bool = False
    finished: set[int] = field(default_factory=set)


def run(order: Order, sources: Iterator[Source], findings: Findings, done: Done, progress: Progress) -> None:
    """Handle every source once. Raises Stopped; pages already written stand."""
    batch = _Batch(order, sources, findings, done, progress)
    try:
        batch.go()
    finally:
        batch.end()


class _Batch:
    def __init__(
        self, order: Order, sources: Iterator[Source], findings: Findings, done: Done, progress: Progress
    ) -> None:
        self.order, self.findings, self.progress = order, findings, progress
        self.workers: list[_Worker] = []
        self.again: deque[tuple[Job, int]] = deque()
        self.false_starts = 0
        self.jobs = self._jobs(sources, done)

    def go(self) -> None:
        while True:
            self._hand_out()
            if not self.workers:
                return
            ready = wait([worker.pipe for worker in self.workers])
            for worker in [worker for worker in self.workers if worker.pipe in ready]:
                self._listen(worker)

    def end(self) -> None:
        for worker in self.workers:
            worker.pipe.close()
            worker.process.kill()
            worker.process.join()

    def _jobs(self, sources: Iterator[Source], done: Done) -> Iterator[Job]:
        """Jobs still to do, in the order of the listing; sources refused unopened get their line on the way."""
        names = Names()
        for rendition, source_name in done.renditions.items():
            names.keep(source_name, rendition)
        order = self.order
        for source in sources:
            finished = done.pages.get(source.name, set())
            if source.code:
                if source.name in done.refused:
                    self.progress.kept()
                else:
                    self._refuse(source.name, refused(source.code))
                continue
            target = names.target(source.name)
            # A line under the one-page name says that there was only one page.
            whole = done.renditions.get(target.rendition(1, 1, order.image_format)) == source.name
            if whole or source.name in done.refused:
                self.progress.kept()
                continue
            identity = order.identities.of(source.name) if order.identities else order.ask.identity
            ask = replace(order.ask, identity=identity)
            yield Job(source.name, source.place, target, ask, order.image_format, str(order.out), frozenset(finished))

    def _hand_out(self) -> None:
        """Give every idle worker a job, start workers while there are jobs, let go of those without one."""
        for worker in list(self.workers):
            if worker.ready and worker.job is None and not self._give(worker):
                worker.pipe.close()
                worker.process.join()
                self.workers.remove(worker)
        while len(self.workers) < self.order.workers:
            following = self._next()
            if following is None:
                return
            worker = self._start()
            worker.job, worker.tries = following

    def _next(self) -> tuple[Job, int] | None:
        if self.again:
            return self.again.popleft()
        job = next(self.jobs, None)
        return None if job is None else (job, 0)

    def _give(self, worker: _Worker) -> bool:
        following = self._next()
        if following is None:
            return False
        worker.job, worker.tries = following
        worker.finished = set()
        self._send(worker)
        return True

    def _send(self, worker: _Worker) -> None:
        with suppress(OSError):  # it died: its pipe tells so at the next wait
            worker.pipe.send(worker.job)

    def _start(self) -> _Worker:
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        warm = self.order.recipe is redact_pages
        process = spawn.Process(target=serve, args=(theirs, self.order.recipe, warm), daemon=False)
        resource_tracker.ensure_running()  # where it starts it lets Ctrl-C through again: not amid what follows
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()  # it keeps the mask from its first instruction on: Ctrl-C is the command's to handle
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        return worker

    def _listen(self, worker: _Worker) -> None:
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        job = worker.job
        match answer:
            case ("ready",):
                worker.ready = True
                self._send(worker)
                return
            case ("fatal", text):
                raise Stopped(text)
            case ("page", page, rendition, record) if job:
                self.findings.page(job.source, page, rendition, record)
                worker.finished.add(page)
                self.progress.page(needs_human=bool(record.get("needs_human")))
                return
            case ("refused", code, message, remedy) if job:
                self._refuse(job.source, Refused(code, message, remedy))
            case ("fault",) if job:
                self._refuse(job.source, refused("WORKER_FAULT"))
            case ("done",):
                self.progress.source(refused=False)
        worker.job = None

    def _bury(self, worker: _Worker) -> None:
        """A worker is gone: what it had in hand is tried once more, its finished pages left alone."""
        worker.pipe.close()
        worker.process.join()
        self.workers.remove(worker)
        if not worker.ready:
            self.false_starts += 1
            if self.false_starts > self.order.workers + 1:
                raise Stopped("工作进程启动不起来（可能内存不足）：请减少 --workers 后用 --resume 继续。")
        job = worker.job
        if job is None:
            return
        job = replace(job, done=job.done | worker.finished)
        tries = worker.tries + worker.ready  # one that never started has not tried it
        if tries < TRIES:
            self.again.append((job, tries))
        else:
            self._refuse(job.source, refused("SCAN_KILLED_WORKER"))

    def _refuse(self, source: str, refusal: Refused) -> None:
        self.findings.refused(source, refusal)
        self.progress.source(refused=True)
