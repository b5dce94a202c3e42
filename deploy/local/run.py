"""`make run`: the whole stack for a person, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import httpx
from mangping import rehearsal
from mangping.clock import BEIJING, now
from rich.console import Console

from deploy.local import token_of
from deploy.local.fees import settings as fees_settings
from deploy.local.messages import settings as messages_settings
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
    parser.add_argument("--at", type=_instant, help="the services' clock begins then: 2024-10-10T12:00 (Beijing)")
    parser.add_argument("--no-fees", action="store_true", help="without the fees service and its simulated bank")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _as_interrupt)
    console = Console(stderr=True, highlight=False)
    try:
        _serve(console, options.folder, options.workers, at=options.at, fees=not options.no_fees)
    except KeyboardInterrupt:
        console.print("stopped")
    except (ServiceFailed, StackInUse) as failure:
        console.print(str(failure), style="red", markup=False)
        return 1
    return 0


def _serve(console: Console, folder: Path, workers: int, *, at: datetime | None, fees: bool) -> None:
    """Until KeyboardInterrupt or ServiceFailed; everything that was started ends either way."""
    with Stack.start(folder, external=os.environ) as stack, ExitStack() as until_the_end:
        env = stack.env | (fees_settings(folder, os.environ) if fees else {})
        env |= messages_settings(folder, stack, env.get("MANGPING_FEES_BIND", ""), os.environ)
        env |= _clock(folder / "clock", at)
        services = until_the_end.enter_context(Services(env, folder / "logs"))
        services.migrate()
        url = services.start(workers)
        fees_url = services.start_fees() if fees else None
        if "BANK_HTTP" in env:
            _tell_time(env, at)
        secret = {token_of.SECRET: stack.issuer.secret} if stack.issuer is not None else {}
        token_of.keep(folder, {**env, **secret})
        _tell(console, url, stack, folder)
        if fees_url is not None:
            _tell_fees(console, fees_url, env)
        if "SMS_HTTP" in env:
            shown = f"  what people are told: http://{env['SMS_HTTP']}/ (SMS), http://{env['MAIL_HTTP']}/ (mail)"
            console.print(shown, soft_wrap=True)
        console.print("Ctrl-C stops everything; the files stay for the next time.")
        while True:
            services.check()
            time.sleep(1)


def _clock(file: Path, at: datetime | None) -> dict[str, str]:
    """Nothing unless another time is asked for: the notices of 2024 take nobody today."""
    if at is None:
        return {}
    rehearsal.set_to(file, at)
    return {"MANGPING_REHEARSAL_CLOCK": str(file), "MANGPING_FEES_REHEARSAL_CLOCK": str(file)}


def _tell_time(env: Mapping[str, str], at: datetime | None) -> None:
    """The simulated bank keeps the time that it was told last."""
    headers = {"Authorization": f"Bearer {env['BANK_CONTROL_KEY']}"}
    with httpx.Client(base_url=f"http://{env['BANK_HTTP']}", headers=headers, trust_env=False) as bank:
        bank.post("/control/clock", json={"now": (at or now()).isoformat()}).raise_for_status()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


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
        console.print("people's tokens: make token WHO=admin", soft_wrap=True)


def _tell_fees(console: Console, url: str, env: Mapping[str, str]) -> None:
    """Where the fees service is, and where an invented applicant pays."""
    console.print(f"[bold]fees[/bold] are at {url}", soft_wrap=True)
    if "BANK_HTTP" in env:
        console.print(
            f"  a simulated bank takes invented money at http://{env['BANK_HTTP']}/pay/PAY-CODE", soft_wrap=True
        )


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
