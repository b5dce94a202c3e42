"""People register, are given roles, and are found again by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import BEIJING
from mangping.db import Tx, single
from mangping.errors import Refused
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import facts
from mangping_api.domain.access import STAFF, Grant, Policy, Role, Thing, Viewer
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person, normal_id_number, normal_phone
from mangping_api.services import organisations
from mangping_api.services.once import Answer, Once
from mangping_api.storage import integrity
from mangping_api.storage import organisations as tree
from mangping_api.storage import people as storage
from mangping_api.tables import ledger

_FOUND = 20


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person says of themselves; `unit` is an organisation's id."""

    unit: UUID
    name: str = field(repr=False)
    former_names: tuple[str, ...] = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class People:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def viewer(self, account: str, policy: Policy) -> Viewer:
        """Who stands behind a token. Refused (403) when they have not registered."""
        async with single(self.db).connect() as tx:
            found = await storage.standing(tx, account)
        if found is None:
            raise Refused("person.unregistered", "您尚未登记个人信息。", "请先用 POST /v1/me 登记。", status=403)
        return Viewer(*found, policy)

    async def register(self, account: str, key: str | None, asked: Registration) -> Answer:
        """Refused (409) when the account or the ID number is registered already."""

        async def act(tx: Tx, at: datetime) -> Answer:
            unit = await organisations.known(tx, asked.unit)
            number = normal_id_number(asked.id_number, at.astimezone(BEIJING).date())
            person = Person(
                uuid4(), account, unit.id, asked.name, asked.former_names, number, normal_phone(asked.phone)
            )  # fmt: skip
            if await storage.taken(tx, self.keys, number) or not await storage.add(tx, self.keys, person, at):
                message, remedy = "该账号或身份证号已经登记。", "如非本人登记，请联系管理员核实。"
                raise Refused("person.registered", message, remedy, status=409)
            await integrity.recognise(tx, self.keys, number)
            stream, actor = _stream(person.id), f"person:{person.id}"
            await ledger.record(tx, stream, "person.registered", actor=actor, at=at, facts={"unit": str(unit.id)})
            return 201, {"id": str(person.id)}

        return await self.once.run(account, key, ("register", asdict(asked)), act)

    async def me(self, viewer: Viewer) -> tuple[Person, Organisation, list[Grant]]:
        """Who they are, where they work, and their roles."""
        viewer.admit(Thing(owner=viewer.person), unknown())
        async with self.db.begin() as tx:
            person = await known(tx, self.keys, viewer.person)
            unit = await organisations.known(tx, person.unit)
        return person, unit, sorted(viewer.grants, key=lambda one: (one.role, one.organisation))

    async def search(self, viewer: Viewer, *, id_number: str | None, phone: str | None) -> list[Person]:
        """People below the viewer's organisations with exactly these numbers."""
        viewer.admit(Thing(), unknown())
        today = self.once.now().astimezone(BEIJING).date()
        number = normal_id_number(id_number, today) if id_number is not None else None
        async with self.db.begin() as tx:
            return await storage.with_number(
                tx, self.keys, id_number=number, phone=normal_phone(phone) if phone is not None else None,
                under=viewer.places(STAFF), limit=_FOUND,
            )  # fmt: skip

    async def grant(self, viewer: Viewer, key: str | None, person: UUID, grant: Grant) -> Answer:
        """Refused (403) unless the viewer administers the organisation the role is for."""

        async def act(tx: Tx, at: datetime) -> Answer:
            await self._may_keep(tx, viewer, person, grant)
            if await storage.grant(tx, person, grant, at):
                await _record_role(tx, viewer.actor, "role.granted", person, grant, at)
            return 201, {"person": str(person), "role": grant.role, "organisation": str(grant.organisation)}

        return await self.once.run(viewer.actor, key, ("grant", person, asdict(grant)), act)

    async def revoke(self, viewer: Viewer, person: UUID, grant: Grant) -> None:
        """Taking back a role that is not held is no error."""
        async with self.db.begin() as tx:
            await self._may_keep(tx, viewer, person, grant)
            if await storage.revoke(tx, person, grant):
                await _record_role(tx, viewer.actor, "role.revoked", person, grant, self.once.now())

    async def vouch(self, viewer: Viewer, id: UUID, given: Mapping[str, Any]) -> None:
        """What packs ask of a person, as staff of their unit know it, in place of what was stated before."""
        async with self.db.begin() as tx:
            person = await known(tx, self.keys, id, lock=True)
            line = (await organisations.known(tx, person.unit)).line
            viewer.admit(Thing(owner=person.id, line=line), unknown())
            stated = facts.stated("person", given)
            await storage.save(tx, self.keys, replace(person, facts=stated))
            told = {"facts": sorted(stated)}
            await ledger.record(
                tx, _stream(id), "person.vouched_for", actor=viewer.actor, at=self.once.now(), facts=told
            )

    async def appoint(self, account: str, organisation: str) -> UUID:
        """The first administrator of a root organisation, by the operator; both are made when they are not there."""
        async with self.db.begin() as tx:
            at = self.once.now()
            root = await tree.root_named(tx, organisation)
            if root is None:
                id = uuid4()
                root = Organisation(id, (id,), organisation, (), "office", "CN")
                await tree.add(tx, root, at)
            await self._give(tx, account, Grant(Role.ADMINISTRATOR, root.id), at)
        return root.id

    async def connect(self, account: str, organisation: UUID) -> UUID:
        """A system, by the operator: its webhooks hear of the applications at and below an organisation. Refused (404)
        when there is no such organisation."""
        async with self.db.begin() as tx:
            place = await organisations.known(tx, organisation)
            await self._give(tx, account, Grant(Role.INTEGRATOR, place.id), self.once.now())
        return place.id

    async def _give(self, tx: Tx, account: str, grant: Grant, at: datetime) -> None:
        """A role for an account, which may stand here by its name alone."""
        if (found := await storage.standing(tx, account)) is None:
            person = uuid4()
            await storage.add(tx, self.keys, Person(person, account, grant.organisation), at)
        else:
            person, _ = found
        if await storage.grant(tx, person, grant, at):
            await _record_role(tx, "operator", "role.granted", person, grant, at)

    async def _may_keep(self, tx: Tx, viewer: Viewer, person: UUID, grant: Grant) -> None:
        organisation = await organisations.known(tx, grant.organisation)
        viewer.admit(Thing(line=organisation.line), organisations.unknown())
        await known(tx, self.keys, person)


async def known(tx: Tx, keys: Keys, id: UUID, *, lock: bool = False) -> Person:
    if (found := await storage.find(tx, keys, id, lock=lock)) is None:
        raise unknown()
    return found


async def _record_role(tx: Tx, actor: str, event: str, person: UUID, grant: Grant, at: datetime) -> None:
    facts = {"role": grant.role, "organisation": str(grant.organisation)}
    await ledger.record(tx, _stream(person), event, actor=actor, at=at, facts=facts)


def _stream(person: UUID) -> str:
    return f"person:{person}"


def unknown() -> Refused:
    return Refused("person.unknown", "没有这个人。", "请检查人员编号。", status=404)
