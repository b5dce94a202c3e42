"""`mangping-api`: the third front door, for operators."""

from __future__ import annotations

import argparse
import asyncio
import sys

from mangping import logs

from mangping_api.services.audit import Audit
from mangping_api.settings import settings
from mangping_api.wiring import Context


async def _verify_audit(context: Context) -> int:
    broken = await Audit(context.db).broken()
    for stream, seq in broken.items():
        print(f"broken: {stream} at entry {seq}")
    print("audit chain is whole" if not broken else f"{len(broken)} streams are broken")
    return 1 if broken else 0


async def _rotate_vault(context: Context) -> int:
    print(f"re-wrapped {await context.vault.rotate()} keys under {context.vault.keys.current}")
    return 0


COMMANDS = {"verify-audit": _verify_audit, "rotate-vault": _rotate_vault}


async def _run(name: str) -> int:
    context = Context.open(settings(), name="mangping-api-cli")
    try:
        return await COMMANDS[name](context)
    finally:
        await context.close()


def main() -> None:
    """verify-audit: exit status 1 when any chain is broken. rotate-vault: wrap every data key under the current key."""
    parser = argparse.ArgumentParser(prog="mangping-api", description="mangping api: operator's commands")
    parser.add_argument("command", choices=sorted(COMMANDS))
    logs.to_stderr()
    sys.exit(asyncio.run(_run(parser.parse_args().command)))
