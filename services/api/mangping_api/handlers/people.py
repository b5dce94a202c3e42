"""/v1/me and /v1/people: registering, being told who one is, roles."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT
from mangping.tokens import Bearer

from mangping_api.domain.access import Grant, Role, Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.people import (
    FactsIn,
    GrantedOut,
    GrantIn,
    MadeOut,
    MeOut,
    PeopleOut,
    PeopleSearchIn,
    PersonIn,
    PersonOut,
)
from mangping_api.wiring import Factory, caller, factory, viewer

router = APIRouter(prefix="/v1", tags=["people"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "/me", name="register_me", summary="登记本人信息", status_code=201, response_model=MadeOut, responses=PROBLEMS
)
async def register(
    asked: PersonIn, me: Annotated[Bearer, Depends(caller)], make: Make, key: IDEMPOTENT = None
) -> Response:
    """Register the person behind this token. Name, ID number and phone are sealed in the database."""
    status, body = await make.people().register(me.owner, key, asked.registration())
    return JSONResponse(body, status, headers={"Location": "/v1/me"})


@router.get("/me", name="get_me", summary="查看本人信息与角色", responses=PROBLEMS)
async def get(me: Me, make: Make) -> MeOut:
    """Who you are here: what you registered, your unit, the roles you were given."""
    return MeOut.of_me(*await make.people().me(me))


@router.put("/me", name="change_me", summary="更正本人信息", responses=PROBLEMS)
async def change(asked: PersonIn, me: Me, make: Make) -> PersonOut:
    """Put right what you registered. Every attachment of your live applications is then redacted anew, and you look over
    all of them again before you submit."""
    return PersonOut.of(await make.identities().change(me, asked.registration()))


@router.post("/people/search", name="search_people", summary="按号码查找人员", responses=PROBLEMS)
async def search(asked: PeopleSearchIn, me: Me, make: Make, key: IDEMPOTENT = None) -> PeopleOut:
    """People of your organisations with exactly these numbers. By POST: numbers stay out of addresses. It changes
    nothing, so a key is taken and not needed."""
    found = await make.people().search(me, id_number=asked.id_number, phone=asked.phone)
    return PeopleOut(items=tuple(PersonOut.of(person) for person in found))


@router.post(
    "/people/{id}/roles", name="grant_role", summary="授予角色", status_code=201, response_model=GrantedOut,
    responses=PROBLEMS,
)  # fmt: skip
async def grant(id: UUID, asked: GrantIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Give a person a role at an organisation that you administer; it reaches the organisations below it."""
    status, body = await make.people().grant(me, key, id, asked.grant())
    return JSONResponse(body, status)


@router.delete(
    "/people/{id}/roles/{role}/{organisation}", name="revoke_role", summary="撤销角色", status_code=204,
    responses=PROBLEMS,
)  # fmt: skip
async def revoke(id: UUID, role: Role, organisation: UUID, me: Me, make: Make) -> None:
    """Take a role back. It ends with the next request of that person."""
    await make.people().revoke(me, id, Grant(role, organisation))


@router.put("/people/{id}/facts", name="vouch_for_person", summary="登记人员情况", status_code=204, responses=PROBLEMS)
async def vouch(id: UUID, asked: FactsIn, me: Me, make: Make) -> None:
    """State what policy packs ask about a person of your organisations. Replaces what was stated; kept sealed."""
    await make.people().vouch(me, id, asked.facts)
