"""One worker process: takes a job from its pipe, writes each rendition safely, says so, takes the next."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mangping.errors import Refused

from mangping_redaction.batch import options
from mangping_redaction.batch.findings import write_safely
from mangping_redaction.batch.names import Target
from mangping_redaction.batch.sources import Place
from mangping_redaction.page import Ask, Rendition
from mangping_redaction.refusals import of_system, refused

_NAME_TROUBLE = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY)


@dataclass(frozen=True, slots=True)
class Job:
    source: str
    place: Place
    target: Target
    ask: Ask
    image_format: str
    out: str
    done: frozenset[int] = frozenset()  # pages that have their line already


# (untrusted, ask, image format, pages already done) -> (pages of the source, rendition) in turn
Recipe = Callable[[bytes | Path, Ask, str, frozenset[int]], Iterator[tuple[int, Rendition]]]


def redact_pages(
    untrusted: bytes | Path, ask: Ask, image_format: str, done: frozenset[int]
) -> Iterator[tuple[int, Rendition]]:
    """The real recipe."""
    from mangping_redaction.pipeline import redact_page
    from mangping_redaction.stages.decode import decode

    for page in decode(untrusted, wanted=lambda number: number not in done):
        yield page.of, redact_page(page, ask, image_format)


def serve(pipe: Connection, recipe: Recipe, warm: bool) -> None:
    """Answers: ready; page, number, rendition, record; done; refused, code, message, remedy; fault; fatal, text."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: goes with the command that started it
    os.dup2(2, 1)  # libraries that print must not write into the command's output
    try:
        if warm:
            import_module("mangping_redaction.pipeline")
        pipe.send(("ready",))
        while True:
            _handle(pipe, pipe.recv(), recipe)
    except (EOFError, ConnectionError):
        return  # the command is gone
    except _Fatal as trouble:
        pipe.send(("fatal", str(trouble)))
    except Exception as error:
        pipe.send(("fatal", f"工作进程无法启动：{where(error)}"))


class _Fatal(Exception):
    """The output folder cannot be written: no further input can succeed."""


def _handle(pipe: Connection, job: Job, recipe: Recipe) -> None:
    try:
        for of, rendition in recipe(job.place.read(), job.ask, job.image_format, job.done):
            name = job.target.rendition(rendition.page, of, job.image_format)
            _write(Path(job.out), name, rendition.image)
            pipe.send(("page", rendition.page, name, rendition.record))
    except Refused as refusal:
        pipe.send(("refused", refusal.code, refusal.message, refusal.remedy))
    except (_Fatal, ConnectionError):
        raise
    except Exception as error:
        # The place alone: a message may hold what was read on the page.
        print(f"WORKER_FAULT {where(error)}", file=sys.stderr, flush=True)
        pipe.send(("fault",))
    else:
        pipe.send(("done",))


def _write(out: Path, name: str, content: bytes) -> None:
    if options.foreign(out, name):
        raise refused("SOURCE_NAME_CLASH")
    try:
        write_safely(out, name, content)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise refused("SOURCE_NAME_TOO_LONG") from error
        if error.errno in _NAME_TROUBLE or isinstance(error, NotADirectoryError):
            raise refused("SOURCE_NAME_CLASH") from error
        raise _Fatal(f"输出文件夹写不进去：{of_system(error)}。") from error


def where(error: BaseException) -> str:
    """The kind of an error and where it was raised, without its message."""
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    frame = frames[-1] if frames else None
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}" if frame else type(error).__name__
