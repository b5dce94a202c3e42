"""`make run`: the whole stack for a person, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from deploy.local.processes import ServiceFailed, Services
from deploy.local.stack import Stack, StackInUse

FOLDER = Path(__file__).resolve().parents[2] / ".local" / "stack"
# A day: a person who tries things out is not asked to log in again.
TOKEN_LIFE_S = 86_400


def main() -> int:
    """Exit status 0 after Ctrl-C, 1 when a service failed or the folder is in use."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the servers keep their files")
    parser.add_argument("--workers", type=int, default=default_workers(), help="redaction workers (processes)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _as_interrupt)
    console = Console(stderr=True, highlight=False)
    try:
        _serve(console, options.folder, options.workers)
    except KeyboardInterrupt:
        console.print("stopped")
    except (ServiceFailed, StackInUse) as failure:
        console.print(str(failure), style="red", markup=False)
        return 1
    return 0


def _serve(console: Console, folder: Path, workers: int) -> None:
    """Until KeyboardInterrupt or ServiceFailed; everything that was started ends either way."""
    with Stack.start(folder, external=os.environ) as stack, Services(stack.env, folder / "logs") as services:
        services.migrate()
        url = services.start(workers)
        _tell(console, url, stack, folder)
        while True:
            services.check()
            time.sleep(1)


def default_workers() -> int:
    """One redaction worker a core, two at most on a person's machine: each uses one thread and up to 900 MB."""
    return max(1, min(2, os.cpu_count() or 1))


def _tell(console: Console, url: str, stack: Stack, folder: Path) -> None:
    """Where it is, and a command that works as it stands."""
    console.print(f"[bold]mangping[/bold] is up at {url} (logs in {folder / 'logs'})", soft_wrap=True)
    for name in ("DATABASE_URL", "VALKEY_URL", "OBJECT_STORE_URL", "OIDC_ISSUER"):
        console.print(f"  {name}={_without_password(stack.env[name])}", markup=False, soft_wrap=True)
    if stack.issuer is not None:
        token_file = folder / "token"
        token_file.touch(mode=0o600)
        token_file.write_text(stack.token("local-integrator", scope=SCOPE, exp=int(time.time()) + TOKEN_LIFE_S))
        console.print("try:", style="bold")
        console.print(example(url, token_file), markup=False, soft_wrap=True)
    console.print("Ctrl-C stops everything; the files stay for the next time.")


SCOPE = "redaction:read redaction:write"


def example(url: str, token_file: Path) -> str:
    """An upload with curl; the token stays out of the process list and of the screen."""
    return (
        f'  curl -sS {url}/v1/redaction-jobs -H "Authorization: Bearer $(cat {token_file})" '
        '-H "Idempotency-Key: $(date +%s)-$RANDOM" \\\n'
        '    -F file=@scan.jpg -F \'identity={"names": ["李晓明"], "units": ["库尔勒市第三中学"]}\''
    )


def _without_password(url: str) -> str:
    """The URL with any password between ':' and '@' hidden."""
    scheme, sep, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}{sep}{user.split(':')[0]}{at}{place}"


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
