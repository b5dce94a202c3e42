"""Programmes: an administrator loads a pack, everyone reads what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Unscheduled
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import NeedsHuman, Refused
from mangping.policy import Broken, Figure, Policy, Uncovered, figures, hints, load
from mangping.policy.difference import difference
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import form_schema
from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.programme import Programme
from mangping_api.services import organisations
from mangping_api.services.once import Answer, Once
from mangping_api.storage import programmes as storage
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Programmes:
    db: AsyncEngine
    once: Once

    async def load(self, viewer: Viewer, key: str | None, organisation: UUID, text: str) -> Answer:
        """A pack becomes a programme, or is refused whole with every fault; what is loaded is never changed again."""

        async def act(tx: Tx, at: datetime) -> Answer:
            above = await organisations.known(tx, organisation)
            viewer.admit(Thing(line=above.line), organisations.unknown())
            policy = read(text)
            pack = policy.pack
            await _follows(tx, policy)
            made = Programme(
                uuid4(), organisation, pack.id, pack.version, pack.title, pack.year, policy.digest, at
            )  # fmt: skip
            await storage.add(tx, made, text)
            facts = {"pack": pack.id, "version": pack.version, "digest": policy.digest}
            await ledger.record(
                tx, f"programme:{made.id}", "programme.loaded", actor=viewer.actor, at=at, facts=facts
            )  # fmt: skip
            told = [{"line": hint.line, "key": hint.key, "message": hint.message} for hint in hints(policy)]
            return 201, {"id": str(made.id), "pack": pack.id, "version": pack.version, "hints": told}

        return await self.once.run(viewer.actor, key, ("load_programme", organisation, text), act)

    async def newest(self, viewer: Viewer, *, pack: str | None, after: Place | None, limit: int) -> list[Programme]:
        viewer.admit(Thing(), unknown())
        async with self.db.begin() as tx:
            return await storage.newest(tx, pack=pack, after=after, limit=limit)

    async def find(self, viewer: Viewer, id: UUID) -> tuple[Programme, Policy]:
        """Refused (404) when there is none."""
        viewer.admit(Thing(), unknown())
        async with self.db.begin() as tx:
            return await known(tx, id)

    async def form(self, viewer: Viewer, id: UUID, at: str) -> dict[str, Any]:
        """The form as JSON Schema, served from the address `at`."""
        return form_schema.schema((await self.find(viewer, id))[1], at)

    async def figures(self, viewer: Viewer, id: UUID, kind: str | None, level: str | None) -> tuple[Figure, ...]:
        """What the notice says today to whoever applies, and of a kind and level its fee."""
        policy = (await self.find(viewer, id))[1]
        try:
            return figures(policy, {"application": {"kind": kind, "level": level}}, self.once.now())
        except Uncovered:
            raise uncovered() from None
        except Unscheduled:
            raise NeedsHuman("calendar.unscheduled") from None

    async def changes(self, viewer: Viewer, id: UUID, since: UUID) -> tuple[str, ...]:
        """What this version says differently from another of the same pack, in Chinese, with the rules."""
        programme, after = await self.find(viewer, id)
        other, before = await self.find(viewer, since)
        if programme.pack != other.pack:
            raise Refused("programme.other_pack", "两个批次不是同一份通知。", "请选择同一政策包的两个版本。")
        return difference(before.document.value, after.document.value)


def read(text: str) -> Policy:
    """Refused (422) with the line and key of every fault."""
    try:
        return load(text, "pack.yaml", storage.catalogue())
    except Broken as broken:
        faults = [{"line": fault.line, "key": fault.key, "message": fault.message} for fault in broken.faults]
        message, remedy = "政策包有误，未装载。", "请按 faults 逐行改正后重新提交。"
        raise Refused("programme.broken", message, remedy, details={"faults": faults}) from None


async def _follows(tx: Tx, policy: Policy) -> None:
    """A new pack, or the version right after the newest one and not the same text."""
    newest = await storage.latest(tx, policy.pack.id)
    expected = newest.version + 1 if newest else 1
    if newest and newest.digest == policy.digest:
        raise Refused("programme.loaded", "该政策包已经装载。", "无需重复装载。", status=409)
    if policy.pack.version != expected:
        message, remedy = f"政策包的版本号应为{expected}。", "已装载的版本不可更改，请以新的版本号装载修改后的政策包。"
        raise Refused("programme.version", message, remedy, status=409)


async def known(tx: Tx, id: UUID) -> tuple[Programme, Policy]:
    """Refused (404) when there is no such programme."""
    if (found := await storage.find(tx, id)) is None:
        raise unknown()
    return found, await storage.policy(tx, id)


def uncovered() -> Refused:
    return Refused("programme.not_valid", "该批次的政策包不适用于今天。", "请联系管理员装载适用的政策包。", status=409)


def unknown() -> Refused:
    return Refused("programme.unknown", "没有这个评审批次。", "请检查批次编号。", status=404)
