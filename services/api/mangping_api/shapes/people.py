"""People, organisations and roles, as they are sent and got."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from mangping_api.domain.access import Grant, Role
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person
from mangping_api.services.people import Registration
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")]
Names = Annotated[tuple[Name, ...], Field(max_length=10)]
Region = Annotated[str, Field(pattern=r"^CN(-[A-Z0-9]{1,12}){0,4}$", description="行政区域，决定放假安排")]
OrganisationKind = Literal["unit", "authority", "office"]


class OrganisationIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"parent": _ID, "name": "某市第三中学", "kind": "unit", "region": "CN-XJ", "former_names": ["某市三中"]}
    ]})  # fmt: skip
    parent: Annotated[UUID, Field(description="上级单位")]
    name: Name
    kind: OrganisationKind
    region: Region = "CN"
    former_names: Names = ()


class FactsIn(In):
    """What policy packs ask about, by its name there; what is left out stays unknown and will be found missing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"facts": {"region": "某市", "kind": "中小学"}}]})
    facts: Annotated[dict[Annotated[str, Field(max_length=60)], Any], Field(max_length=60)]


class OrganisationOut(Out):
    id: UUID
    parent: UUID | None
    name: str
    former_names: tuple[str, ...]
    kind: str
    region: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, organisation: Organisation) -> OrganisationOut:
        return cls(
            id=organisation.id, parent=organisation.parent, name=organisation.name,
            former_names=organisation.former_names, kind=organisation.kind, region=organisation.region,
            facts=dict(organisation.facts),
        )  # fmt: skip


class OrganisationsOut(Out):
    items: tuple[OrganisationOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class PersonIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"unit": _ID, "name": "古丽·买买提", "id_number": "11010519491231002X", "phone": "13800000000"}
    ]})  # fmt: skip
    unit: Annotated[UUID, Field(description="人事劳动关系所在单位")]
    name: Name
    former_names: Names = ()
    id_number: Annotated[str, Field(max_length=40, description="公民身份号码")]
    phone: Annotated[str, Field(max_length=40, description="手机号码")]

    def registration(self) -> Registration:
        return Registration(self.unit, self.name, self.former_names, self.id_number, self.phone)


class MadeOut(Out):
    id: UUID


class GrantIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "unit", "organisation": _ID}]})
    role: Role
    organisation: UUID

    def grant(self) -> Grant:
        return Grant(self.role, self.organisation)


class GrantOut(Out):
    role: Role
    organisation: UUID


class GrantedOut(GrantOut):
    person: UUID


class PersonOut(Out):
    id: UUID
    name: str
    former_names: tuple[str, ...]
    id_number: str
    phone: str
    unit: UUID

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        return cls(
            id=person.id, name=person.name, former_names=person.former_names, id_number=person.id_number,
            phone=person.phone, unit=person.unit,
        )  # fmt: skip


class MeOut(PersonOut):
    organisation: OrganisationOut
    roles: tuple[GrantOut, ...]

    @classmethod
    def of_me(cls, person: Person, unit: Organisation, grants: list[Grant]) -> MeOut:
        return cls(
            **PersonOut.of(person).model_dump(), organisation=OrganisationOut.of(unit),
            roles=tuple(GrantOut(role=grant.role, organisation=grant.organisation) for grant in grants),
        )  # fmt: skip


class PeopleSearchIn(In):
    """Exact numbers only: what is sealed cannot be searched by a part of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id_number": "11010519491231002X"}]})
    id_number: Annotated[str | None, Field(max_length=40)] = None
    phone: Annotated[str | None, Field(max_length=40)] = None

    @model_validator(mode="after")
    def _one_at_least(self) -> PeopleSearchIn:
        if self.id_number is None and self.phone is None:
            raise ValueError("one_at_least")
        return self


class PeopleOut(Out):
    items: tuple[PersonOut, ...]
