"""`mangping-api`: the third front door, for operators."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from mangping import logs
from mangping.ledger import Last

from mangping_api.services.audit import Audit
from mangping_api.settings import settings
from mangping_api.wiring import Context, Factory


async def _verify(context: Context, *files: str) -> int:
    """A file, if one is named, is what `_ends` wrote."""
    broken = await Audit(context.db).broken(_known(files))
    for stream, seq in broken.items():
        print(f"broken: {stream} at entry {seq}")
    print("audit chain is whole" if not broken else f"{len(broken)} streams are broken")
    return 1 if broken else 0


async def _ends(context: Context, *files: str) -> int:
    _tell(await Audit(context.db).ends(), files)
    return 0


def _tell(ends: Mapping[str, Last], files: Sequence[str]) -> None:
    """A line for each stream, into these files, or to standard output."""
    told = "".join(f"{stream} {last.seq} {last.hash.hex()}\n" for stream, last in ends.items())
    for file in files:
        Path(file).write_text(told, "utf-8")
    if not files:
        sys.stdout.write(told)


def _known(files: Sequence[str]) -> dict[str, Last]:
    lines = (line.rsplit(" ", 2) for file in files for line in Path(file).read_text("utf-8").splitlines())
    return {stream: Last(int(seq), bytes.fromhex(digest)) for stream, seq, digest in lines}


async def _rotate_vault(context: Context, *_: str) -> int:
    whole = await Factory(context).resealing().run(lambda words: print(words, flush=True))
    current = context.vault.keys.current
    print(f"everything lies under {current}" if whole else f"not everything lies under {current} yet: run this again")
    return 0 if whole else 1


async def _appoint(context: Context, *words: str) -> int:
    if len(words) != 2:
        print("appoint ACCOUNT ORGANISATION: the account is what the token says, as sub:<subject>")
        return 2
    print(f"administrator of {await Factory(context).people().appoint(*words)}")
    return 0


async def _connect(context: Context, *words: str) -> int:
    if len(words) != 2:
        print("connect ACCOUNT ORGANISATION: the account is what the token says (client:<id>), the organisation its id")
        return 2
    print(f"hears of the applications of {await Factory(context).people().connect(words[0], UUID(words[1]))}")
    return 0


Command = Callable[..., Awaitable[int]]
COMMANDS: dict[str, Command] = {
    "rotate-vault": _rotate_vault,
    "appoint": _appoint,
    "connect": _connect,
}
AUDIT: dict[str, Command] = {"verify": _verify, "ends": _ends}


async def _run(command: Command, words: list[str]) -> int:
    context = Context.open(settings(), name="mangping-api-cli")
    try:
        return await command(context, *words)
    finally:
        await context.close()


def main() -> None:
    """rotate-vault: everything sealed moves to the current key; exit status 1 while something is left. appoint ACCOUNT
    ORGANISATION: the first administrator. connect ACCOUNT ORGANISATION: a system whose webhooks hear of the applications
    there."""
    parser = argparse.ArgumentParser(prog="mangping-api", description="mangping api: operator's commands")
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("words", nargs="*", help="what the command asks for")
    logs.to_stderr()
    given = parser.parse_args()
    sys.exit(asyncio.run(_run(COMMANDS[given.command], given.words)))


def audit() -> None:
    """ends [FILE]: where each chain ends now; keep it where nobody who keeps the database can write. verify [FILE]: exit
    status 1 when an entry of any chain was changed, moved, slipped in or is missing; FILE of `ends` tells besides of last
    entries that are gone and of chains that were written anew."""
    parser = argparse.ArgumentParser(prog="mangping-audit", description=audit.__doc__)
    parser.add_argument("command", choices=sorted(AUDIT))
    parser.add_argument("file", nargs="*", help="what `ends` writes and `verify` reads")
    logs.to_stderr()
    given = parser.parse_args()
    sys.exit(asyncio.run(_run(AUDIT[given.command], given.file)))
