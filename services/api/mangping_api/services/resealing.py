"""A change of keys: everything sealed, in the vault and in columns, moves to the current key; then the old one may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mangping import reseal
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.storage import integrity
from mangping_api.storage.sealed import SEALED
from mangping_api.tables import metadata


@dataclass(frozen=True, slots=True)
class Resealing:
    db: AsyncEngine
    vault: Vault

    async def run(self, tell: Callable[[str], None]) -> bool:
        """Whether nothing lies under an older key any more; `tell` hears how far it is. It may be killed and run again at
        any time, beside everything else that runs."""
        if missing := reseal.uncovered(metadata, SEALED):
            raise AssertionError(f"no way to reseal: {sorted(missing)}")
        keys, whole = self.vault.keys, True
        await self.vault.rotate(lambda seen, anew: tell(f"vault: {seen} keys looked at, {anew} wrapped anew"))
        for one in SEALED:
            done = await reseal.reseal(
                self.db, keys, one, lambda table, rows, total: tell(f"{table}: {rows} of {total} rows sealed anew")
            )  # fmt: skip
            for place in sorted(done.damaged):
                tell(f"cannot be opened by any key: {place}")
            if rows := await reseal.left(self.db, keys, one):
                tell(f"{one.table.name}: {rows} rows are still under an older key")
                whole = False
        if whole:
            async with self.db.begin() as tx:
                await integrity.forget_older(tx, keys)
        return whole
