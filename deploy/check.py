"""`make check`: every check that needs no test, one after another, and what failed at the end.

`python -m deploy.check NAME...` runs only those; `python -m deploy.check openapi --write` brings the file up to date.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from deploy.local.processes import only
from deploy.local.stack import Stack
from deploy.manifests import problems

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SOURCES = ("shared", "services", "deploy", "bench", "tests")
# mypy wants one module per name, so each root is given as a package or a folder of its own.
TYPED = (
    "shared/mangping", "services/api/mangping_api", "services/fees/mangping_fees", "services/redaction-worker/mangping_redaction",
    "deploy", "bench", "tests",
)  # fmt: skip
# The services that keep tables, each in a schema of its own in one database.
SCHEMAS = ("services/api/alembic.ini", "services/fees/alembic.ini")
DESCRIPTIONS = {"docs/openapi/api.json": "mangping_api.openapi", "docs/openapi/fees.json": "mangping_fees.openapi"}


def _run(*command: str, env: dict[str, str] | None = None) -> str:
    """Empty when the command succeeded, else all it said."""
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or f"status {done.returncode}"


def formatted() -> str:
    return _run(str(BIN / "ruff"), "format", "--check", *SOURCES)


def linted() -> str:
    return _run(str(BIN / "ruff"), "check", *SOURCES)


def typed() -> str:
    return _run(str(BIN / "mypy"), "--strict", *TYPED)


def imports() -> str:
    """The dependency rule of the rooms."""
    return _run(str(BIN / "lint-imports"), "--no-cache")


def schema() -> str:
    """Per service: one head; it upgrades an empty database; and what it makes is what the tables in the code say."""
    with (
        tempfile.TemporaryDirectory(prefix="mangping-check-") as folder,
        Stack.start(Path(folder), durable=False) as stack,
    ):
        env = only(tuple(stack.env), stack.env)
        return "\n".join(filter(None, (_schema(ini, env) for ini in SCHEMAS)))


def _schema(ini: str, env: dict[str, str]) -> str:
    alembic = (str(BIN / "alembic"), "-c", ini)
    heads = subprocess.run([*alembic, "heads"], cwd=ROOT, capture_output=True, text=True)
    if heads.returncode != 0 or len(heads.stdout.splitlines()) != 1:
        return f"{ini}: there must be one head:\n{heads.stdout}{heads.stderr}"
    return _run(*alembic, "upgrade", "head", env=env) or _run(*alembic, "check", env=env)


def openapi() -> str:
    """docs/openapi/*.json are what the code would write; `--write` writes them."""
    return "\n".join(filter(None, (_openapi(ROOT / file, module) for file, module in DESCRIPTIONS.items())))


def _openapi(kept: Path, module: str) -> str:
    told = subprocess.run([sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True)
    if told.returncode != 0:
        return told.stderr
    if "--write" in sys.argv:
        kept.write_text(told.stdout, "utf-8")
    if kept.is_file() and kept.read_text("utf-8") == told.stdout:
        return ""
    return f"{kept.relative_to(ROOT)} is not what the code says: run `make openapi` and look at the difference"


def manifests() -> str:
    return "\n".join(problems())


CHECKS: dict[str, Callable[[], str]] = {
    check.__name__: check for check in (formatted, linted, typed, imports, schema, openapi, manifests)
}


def main() -> int:
    """Exit status 0 when everything named (or everything) is in order, 1 otherwise, 2 for an unknown name."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or list(CHECKS)
    if unknown := sorted(set(names) - set(CHECKS)):
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    failed = False
    for name in names:
        started = time.monotonic()
        complaint = CHECKS[name]()
        failed |= bool(complaint)
        console.print(
            f"{'[red]failed[/red]' if complaint else '[green]ok[/green]    '} {name} {time.monotonic() - started:.1f} s"
        )
        if complaint:
            console.print(complaint, markup=False)
    return int(failed)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
