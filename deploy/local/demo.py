"""`make demo`: invented scans go through the whole stack over HTTP; out/demo/report.html shows every page twice."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from mangping import rehearsal
from mangping.clock import now
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.generator import drawn
from deploy.local import demo_fees, demo_reviews, words
from deploy.local.demo_applicants import Submitted, open_town, submit_all, told
from deploy.local.picture import draw
from deploy.local.processes import ServiceFailed, Services
from deploy.local.report import Shown, write
from deploy.local.run import SCOPE, default_workers
from deploy.local.stack import Stack

OUT = Path(__file__).resolve().parents[2] / "out" / "demo"
KINDS = ("certificate", "appraisal", "summary", "card", "clean", "training", "pledge", "bilingual")
OPEN = "queued"
SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png"}
# A page takes a second or two; a machine that shares its cores may take far longer.
PATIENCE_S = 600.0


@dataclass(frozen=True)
class Job:
    """One uploaded scan and the api's id of its job."""

    source: str
    kind: str
    id: str


def main() -> int:
    """Exit status 0 when every page came back, 1 when a service failed or pages are missing."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--pages", type=int, default=16)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=default_workers(), help="redaction workers (processes)")
    options = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="mangping-demo-", ignore_cleanup_errors=True) as folder:
        # The servers' own user must be able to reach its folder inside this one.
        Path(folder).chmod(0o755)
        try:
            return show(console, options, Path(folder))
        except ServiceFailed as failure:
            console.print(str(failure), style="red", markup=False)
            return 1


def show(console: Console, options: argparse.Namespace, folder: Path) -> int:
    """Draw, start, upload, wait, fetch, report."""
    out: Path = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        task = progress.add_task("drawing invented scans", total=options.pages)
        for _ in drawn(out / "originals", options.pages, options.seed, kinds=KINDS):
            progress.advance(task)
        truth = json.loads((out / "originals" / "truth.json").read_text("utf-8"))
        starting = progress.add_task("starting PostgreSQL, Valkey, issuer, api and workers", total=None)
        clock = folder / "clock"
        rehearsal.set_to(clock, now())
        with Stack.start(folder / "stack") as stack, ExitStack() as until_the_end:
            env = {**stack.env, "MANGPING_REHEARSAL_CLOCK": str(clock)}
            services = until_the_end.enter_context(Services(env, out / "logs"))
            services.migrate()
            url = services.start(options.workers)
            progress.update(starting, total=1, completed=1)
            headers = {"Authorization": f"Bearer {stack.token('demo', SCOPE)}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
                started = time.monotonic()
                jobs = upload_all(client, out / "originals", truth, progress)
                answers = await_all(client, jobs, services, progress)
                pages = [page for job in jobs for page in fetch(client, job, answers[job.id], out)]
                seconds = time.monotonic() - started
                applying = progress.add_task("five applicants, from draft to accepted", total=None)
                town, reviewed = open_town(client, stack, clock, env), []

                def review(one: Submitted) -> None:
                    reviewed.append(demo_reviews.walk(town, one))
                    progress.advance(applying)

                done = submit_all(town, then=review)
                progress.update(applying, total=len(done))
            paying = progress.add_task("fees: paid by QR, lapsed, paid by list", total=None)
            fees = demo_fees.play(stack, url, folder, out)
            progress.update(paying, total=1, completed=1)
    write(
        out / "report.html",
        pages,
        seconds=seconds,
        workers=options.workers,
        sections={
            "五个批次的申报": told(done),
            "从提交到已接收材料": demo_reviews.told(reviewed, out),
            "缴费与对账": demo_fees.told(fees),
        },
    )
    draw(out, pages, out / "before-after.jpg")
    tell(console, out, pages, seconds)
    missing = [page for page in pages if page.after is None]
    return 1 if missing or not pages or not fees.whole else 0


def upload_all(client: httpx.Client, folder: Path, truth: dict[str, Any], progress: Progress) -> list[Job]:
    """One job for each scan, with what its application form would know. httpx.HTTPStatusError when one is refused."""
    task = progress.add_task("uploading", total=len(truth))
    jobs = []
    for name, entry in sorted(truth.items()):
        reply = client.post(
            "/v1/redaction-jobs",
            files={"file": (f"scan{Path(name).suffix}", (folder / name).read_bytes())},
            data={"identity": json.dumps(identity(entry["identity"]), ensure_ascii=False)},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        reply.raise_for_status()
        jobs.append(Job(name, entry["template"], reply.json()["id"]))
        progress.advance(task)
    return jobs


def identity(known: dict[str, Any]) -> dict[str, list[str]]:
    """The form's words; short forms of units and pinyin are the worker's to derive, so they are not told."""
    return {
        "names": [known["name"]] if known.get("name") else [],
        "units": [known["unit"]] if known.get("unit") else [],
        "id_numbers": [known["id_number"]] if known.get("id_number") else [],
        "phones": [known["phone"]] if known.get("phone") else [],
    }


def await_all(
    client: httpx.Client, jobs: Sequence[Job], services: Services, progress: Progress
) -> dict[str, dict[str, Any]]:
    """{job id: the finished job}. ServiceFailed when a process ends or nothing more comes in time."""
    task = progress.add_task("redacting", total=len(jobs))
    done: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + PATIENCE_S
    while len(done) < len(jobs):
        services.check()
        for job in jobs:
            if job.id not in done:
                answer = client.get(f"/v1/redaction-jobs/{job.id}").raise_for_status().json()
                if answer["state"] != OPEN:
                    done[job.id] = answer
                    progress.advance(task)
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{len(jobs) - len(done)} of {len(jobs)} scans had no answer after {PATIENCE_S:.0f} s")
        time.sleep(0.25)
    return done


def fetch(client: httpx.Client, job: Job, answer: dict[str, Any], out: Path) -> list[Shown]:
    """Download the renditions of one job into out/renditions; one `Shown` for each page, or one that says why not."""
    title = words.word(words.KINDS, job.kind)
    before = f"originals/{job.source}"
    if answer["state"] != "done":
        refusal = answer.get("refusal") or {"code": answer["state"], "message": "多次未能处理"}
        return [Shown(title, job.source, before, None, None, (refusal["code"], refusal["message"]))]
    pages = []
    (out / "renditions").mkdir(exist_ok=True)
    for page in answer["pages"]:
        reply = client.get(page["rendition"]).raise_for_status()
        suffix = SUFFIX[reply.headers["Content-Type"]]
        stem = Path(job.source).stem + (f"-p{page['page']:03d}" if len(answer["pages"]) > 1 else "")
        after = f"renditions/{stem}{suffix}"
        (out / after).write_bytes(reply.content)
        pages.append(Shown(title, job.source, before if len(answer["pages"]) == 1 else None, after, page))
    return pages


def tell(console: Console, out: Path, pages: Sequence[Shown], seconds: float) -> None:
    """Where to look."""
    verified = sum(bool(page.record and page.record["verified"]) for page in pages)
    console.print(
        f"\n[bold]{len(pages)} pages[/bold] in {seconds:.1f} s ({60 * len(pages) / seconds:.0f} a minute); "
        f"{verified} verified, {len(pages) - verified} for a person to look at"
    )
    console.print(f"report      {out / 'report.html'}", soft_wrap=True)
    console.print(f"renditions  {out / 'renditions'}", soft_wrap=True)
    console.print(f"at a glance {out / 'before-after.jpg'}", soft_wrap=True)
    console.print("everything that was started has been stopped")


if __name__ == "__main__":
    sys.exit(main())
