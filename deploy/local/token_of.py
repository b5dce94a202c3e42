"""`make token WHO=admin`: a person's token for the stack that `make run` keeps up, as its issuer would give it after a login."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

from deploy.local.issuer import MAX_LIFETIME_S, ask

FOLDER = Path(__file__).resolve().parents[2] / ".local" / "stack"
ENV, SECRET = "env", "LOCAL_ISSUER_SECRET"
SCOPES = "review:read review:write"


def keep(folder: Path, env: Mapping[str, str]) -> None:
    """What the services of this folder run with, for a shell to read; for its owner alone."""
    file = folder / ENV
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(env.items())), "utf-8")


def kept(folder: Path) -> dict[str, str]:
    lines = shlex.split((folder / ENV).read_text("utf-8"))
    return dict(line.split("=", 1) for line in lines)


def main() -> int:
    """Exit status 1 when nothing runs there."""
    parser = argparse.ArgumentParser(prog="make token", description=__doc__)
    parser.add_argument("who", help="the person; the account is sub:WHO")
    parser.add_argument("--scope", default=SCOPES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    claims = {"client_id": "", "azp": "", "exp": int(time.time()) + MAX_LIFETIME_S}
    try:
        env = kept(options.folder)
        print(ask(env["OIDC_ISSUER"], env[SECRET], options.who, options.scope, env["OIDC_AUDIENCE"], claims))
    except (FileNotFoundError, KeyError, URLError):
        print("no stack with an issuer of its own runs there: make run", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
