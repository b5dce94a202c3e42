"""`mangping-api`: the third front door, for operators."""

from __future__ import annotations

import argparse
import asyncio
import sys

from mangping import logs

from mangping_api.services.audit import Audit
from mangping_api.settings import settings
from mangping_api.wiring import Context, Factory


async def _verify_audit(context: Context, *_: str) -> int:
    broken = await Audit(context.db).broken()
    for stream, seq in broken.items():
        print(f"broken: {stream} at entry {seq}")
    print("audit chain is whole" if not broken else f"{len(broken)} streams are broken")
    return 1 if broken else 0


async def _rotate_vault(context: Context, *_: str) -> int:
    print(f"re-wrapped {await context.vault.rotate()} keys under {context.vault.keys.current}")
    entries = await Factory(context).integrity().reseal()  # first: people are then known by the new key at once
    print(f"sealed anew {entries} integrity entries and {await Factory(context).people().reseal()} people")
    return 0


async def _appoint(context: Context, *words: str) -> int:
    if len(words) != 2:
        print("appoint ACCOUNT ORGANISATION: the account is what the token says, as sub:<subject>")
        return 2
    print(f"administrator of {await Factory(context).people().appoint(*words)}")
    return 0


COMMANDS = {"verify-audit": _verify_audit, "rotate-vault": _rotate_vault, "appoint": _appoint}


async def _run(name: str, words: list[str]) -> int:
    context = Context.open(settings(), name="mangping-api-cli")
    try:
        return await COMMANDS[name](context, *words)
    finally:
        await context.close()


def main() -> None:
    """verify-audit: exit status 1 when any chain is broken. rotate-vault: wrap every data key, seal every person anew
    under the current key. appoint ACCOUNT ORGANISATION: the first administrator."""
    parser = argparse.ArgumentParser(prog="mangping-api", description="mangping api: operator's commands")
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("words", nargs="*", help="what the command asks for")
    logs.to_stderr()
    given = parser.parse_args()
    sys.exit(asyncio.run(_run(given.command, given.words)))
