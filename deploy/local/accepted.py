"""Applications put where the review leaves them, accepted and owing their fee: for the demo's money and for storms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from mangping.db import Tx
from mangping.policy import Policy
from mangping.vault import Keys
from mangping_api.domain.application import Application, State
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person
from mangping_api.domain.programme import Programme
from mangping_api.services.charges import owe
from mangping_api.storage import applications, organisations, people, programmes

_PACKS = Path(__file__).resolve().parents[2] / "services/api/policy"


@dataclass(frozen=True)
class School:
    """A unit whose people apply under one pack."""

    unit: UUID
    programme: UUID
    policy: Policy
    at: datetime

    @classmethod
    async def found(cls, tx: Tx, name: str, pack: str, at: datetime) -> Self:
        """The pack is loaded unless it is there already."""
        unit = uuid4()
        await organisations.add(tx, Organisation(unit, (unit,), name, (), "unit", "CN"), at)
        if (programme := await programmes.latest(tx, pack)) is None:
            programme = Programme(uuid4(), unit, pack, 1, pack, 2024, "0" * 64, at)
            await programmes.add(tx, programme, (_PACKS / f"{pack}.yaml").read_text("utf-8"))
        return cls(unit, programme.id, await programmes.policy(tx, programme.id), at)

    async def accept(self, tx: Tx, keys: Keys, subject: str, name: str, phone: str, *, kind: int = 0) -> UUID:
        """An accepted application of a new person, of the pack's kind of that number (round and round)."""
        person = Person(uuid4(), f"sub:{subject}", self.unit, name=name, phone=phone)
        await people.add(tx, keys, person, self.at)
        what = self.policy.pack.kinds[kind % len(self.policy.pack.kinds)]
        application = Application(
            uuid4(), person.id, self.unit, (self.unit,), self.programme, 2024, what.kind, what.level, {}, State.ACCEPTED, 1,
            self.at, submitted_at=self.at,
        )  # fmt: skip
        await applications.add(tx, application)
        await owe(tx, application, self.policy, self.at)
        return application.id
