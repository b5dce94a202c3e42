"""How every contestant runs: a process of its own that reads a plan, handles one page after the other, and says after
each page, as one JSON line on its standard output, what came out and what it cost. Standard library only: contestants
live in different environments.

Plan (a JSON file): {"out": folder, "classes": [...], "pages": [{"path", "identity": {names, units, id_numbers,
phones}, "third_parties"}]}. First line out: {"ready": {"cpu": s, "wall": s, "rss_mb", "pid"}}; then per page {"path",
"rendition", "record" (ours only), "cpu", "wall", "rss_mb", "pss_mb", "error"}.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Handle = Callable[[Json, Json], tuple[bytes | None, Json]]  # (page, plan) -> (rendition as a picture file, record)
ROOT = Path(__file__).parents[1]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # as in the worker's image
OFFLINE = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1"}


def cpu() -> float:
    """CPU seconds of this process and its children, dead (those it waited for) and alive (a decoder kept warm)."""
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + sum(map(_ticks, children())) / os.sysconf("SC_CLK_TCK")


def children(of: int | str = "self") -> list[str]:
    """Process ids."""
    try:
        return [pid for file in Path(f"/proc/{of}/task").glob("*/children") for pid in file.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _ticks(pid: str) -> int:
    """Clock ticks that a live process and the children it waited for have used."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, after_name[11:15]))


def rss_mb() -> float:
    """Resident megabytes of this process and its children now."""
    return _kilobytes("VmRSS") / 1e3


def resident_mb(pid: int | str) -> float:
    """Resident megabytes of one process now, cheaply; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def pss_mb() -> float:
    """The same with pages that processes share (libraries, mostly) divided among them: none is counted twice."""
    return _kilobytes("Pss", "smaps_rollup") / 1e3


def _kilobytes(field: str, file: str = "status") -> float:
    """A field of /proc/PID/status in units of 1000 bytes, summed over this process and its live children."""
    total = 0.0
    for pid in ("self", *children()):
        try:
            status = Path(f"/proc/{pid}/{file}").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(float(line.split()[1]) * 1.024 for line in status.splitlines() if line.startswith(field + ":"))
    return total


def contestant(prepare: Callable[[], Handle]) -> None:
    """The main of every contestant: `prepare` loads what it needs and returns the function that handles a page."""
    plan: Json = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    out = Path(plan["out"])
    report = sys.stdout
    sys.stdout = sys.stderr  # what libraries print must not mix with the report
    handle = prepare()
    _say(report, {"ready": {"cpu": cpu(), "rss_mb": rss_mb(), "pid": os.getpid()}})
    for number, page in enumerate(plan["pages"]):
        before, clock = cpu(), time.perf_counter()
        rendition: bytes | None = None
        record: Json = {}
        error = None
        try:
            rendition, record = handle(page, plan)
        except Exception as problem:  # who fails on a page fails on that page only
            error = f"{type(problem).__name__}: {problem}"
        spent, waited = cpu() - before, time.perf_counter() - clock
        file = out / f"{number:05d}.jpg" if rendition else None
        if file and rendition:
            file.write_bytes(rendition)
        line = {"path": page["path"], "rendition": file and str(file), "record": record, "error": error}
        memory = {"rss_mb": rss_mb(), "pss_mb": pss_mb()}
        _say(report, {**line, "cpu": spent, "wall": waited, **memory})


def _say(report: Any, line: Json) -> None:
    report.write(json.dumps(line, ensure_ascii=False) + "\n")
    report.flush()


def run(module: str, plan: Json, *, python: str = sys.executable, spare: Sequence[str] = ()) -> Iterator[Json]:
    """Run a contestant over a plan and yield its lines. Raises RuntimeError with its last words when it dies."""
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "stderr", "w+", encoding="utf-8") as errors:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps(plan, ensure_ascii=False), "utf-8")
        command = [python, "-m", module, str(file), *spare]
        environment = {**os.environ, **ONE_THREAD, **LARGE_PAGES, **OFFLINE}
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT, env=environment
        ) as process:
            assert process.stdout is not None
            for text in process.stdout:
                line: Json = json.loads(text)
                if "ready" in line:
                    line["ready"]["wall"] = time.perf_counter() - started  # from the command to the first page
                yield line
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{module} ended with {process.returncode}: {errors.read()[-2000:]}")
