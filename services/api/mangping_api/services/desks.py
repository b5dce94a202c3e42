"""Desks: who has which file before them, and what waits there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx, single
from mangping.errors import Refused
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import review
from mangping_api.domain.access import OFFICERS, Grant, Thing, Viewer
from mangping_api.domain.application import State
from mangping_api.domain.attachment import Looked
from mangping_api.domain.course import tier_of
from mangping_api.domain.review import Desk, Item, Signed
from mangping_api.services import relations
from mangping_api.services.applications import unknown
from mangping_api.services.gathering import File, opened
from mangping_api.services.once import Answer, Once
from mangping_api.storage import attachments, reviews
from mangping_api.storage import desks as storage
from mangping_api.storage.desks import Asked, Waiting


@dataclass(frozen=True, slots=True)
class Seat:
    """An officer at a desk, with the file before them: `items` are what there is to judge."""

    file: File
    desk: Desk
    items: tuple[Item, ...]
    looked: Sequence[Looked]
    person: UUID
    at: datetime

    def signed(self) -> Signed:
        desk, application = self.desk, self.file.whole.application
        return Signed(desk.tier, desk.body, desk.organisation, self.person, self.at, application.revision)


@dataclass(frozen=True, slots=True)
class Desks:
    db: AsyncEngine
    keys: Keys
    once: Once
    lease: timedelta

    async def queue(self, viewer: Viewer, asked: Asked, *, after: Place | None, limit: int) -> list[Waiting]:
        """What waits at the viewer's own desks, the oldest deadline first."""
        viewer.admit(Thing(), unknown())
        async with single(self.db).connect() as tx:
            places = viewer.places(OFFICERS)
            return await storage.queue(tx, places, asked, at=self.once.now(), after=after, limit=limit)

    async def claim(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """The file is this officer's until the lease runs out; claimed again it runs anew. Refused (409) while another
        officer has it."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at, claimed=False)
            if seat.desk.holder(at) not in (None, viewer.person):
                message, remedy = "该申报正由其他审核人办理。", "请先办理其他申报，或等候其释放。"
                raise Refused("review.claimed", message, remedy, status=409)
            until = at + self.lease
            await reviews.claim(tx, id, seat.desk, viewer.person, until)
            return 200, {"id": str(id), "tier": seat.desk.tier, "body": seat.desk.body, "until": until.isoformat()}

        return await self.once.run(viewer.actor, key, ("claim_review", id), act)

    async def release(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Let go of a file, for another officer to take."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at)
            await reviews.claim(tx, id, seat.desk, None, None)
            return 200, {"id": str(id), "tier": seat.desk.tier, "body": seat.desk.body, "until": None}

        return await self.once.run(viewer.actor, key, ("release_review", id), act)

    async def recuse(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """The officer is related to the applicant: they will not act on this application again, and what they
        have signed of it counts no more."""

        async def act(tx: Tx, at: datetime) -> Answer:
            seat = await seated(tx, self.keys, viewer, id, at, claimed=False)
            await reviews.recuse(tx, id, viewer.person, at)
            if seat.desk.holder(at) == viewer.person:
                await reviews.claim(tx, id, seat.desk, None, None)
            await storage.record_recusal(tx, id, viewer.actor, at)
            return 200, {"id": str(id), "tier": seat.desk.tier, "body": seat.desk.body, "until": None}

        return await self.once.run(viewer.actor, key, ("recuse_review", id), act)


async def seated(tx: Tx, keys: Keys, viewer: Viewer, id: UUID, at: datetime, *, claimed: bool = True) -> Seat:
    """An officer sits down before a file, which stays locked. Refused (404) when it may not be known, (403) when it
    lies at no desk of theirs or concerns themselves, (409) when it is not under review or was not claimed."""
    file = await opened(tx, keys, viewer, id, lock=True)
    application, dossier = file.whole.application, file.dossier
    if application.state is not State.SUBMITTED:
        message, remedy = "该申报不在审核中。", "请先查询申报状态。"
        raise Refused("application.wrong_state", message, remedy, status=409)
    if review.related(application, dossier, viewer.person):
        raise relations.related()
    desk = _own(file, viewer)
    if claimed and desk.holder(at) != viewer.person:
        raise Refused("review.unclaimed", "您还没有领取这份申报，或领取已到期。", "请先领取再办理。", status=409)
    looked = await attachments.of(tx, id)
    handed_in = dossier.handed_in[-1] if dossier.handed_in else None
    return Seat(file, desk, review.items(file.policy, handed_in, looked), looked, viewer.person, at)


def _own(file: File, viewer: Viewer) -> Desk:
    """The desk at which this officer speaks for the body, while their organisation is it; of several the one they have
    claimed."""
    application, dossier = file.whole.application, file.dossier
    tier = tier_of(file.policy.pack, application.tier)
    roles, bound = review.roles(tier, file.policy), review.bound(tier, file.policy, application, dossier.bindings)
    lying = (one for one in dossier.desks if one.tier == tier.key and one.closed_at is None)
    here = [one for one in lying if bound.get(one.body) == one.organisation]
    own = [one for one in here if any(Grant(role, one.organisation) in viewer.grants for role in roles)]
    if not own:
        message, remedy = "该申报不在您的单位审核。", "请由所在层级的审核人办理。"
        raise Refused("review.elsewhere", message, remedy, status=403)
    return next((one for one in own if one.claimed_by == viewer.person), own[0])
