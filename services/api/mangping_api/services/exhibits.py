"""What whoever works at a unit may see online of the posted, while they are posted, where the notice wants it (GL-44): the
applicants' own documents as they were uploaded. Each look is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from mangping.clock import Now
from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Thing, Viewer
from mangping_api.domain.application import HANDED_IN, Application
from mangping_api.domain.attachment import Attachment, Looked, of_applicant
from mangping_api.domain.publicity import Posting
from mangping_api.services import programmes
from mangping_api.services.originals import Original, seen
from mangping_api.storage import applications as rooms
from mangping_api.storage import attachments, people
from mangping_api.storage import postings as storage


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`column` and `item` are titles; `name` is the applicant's, as the posting shows it."""

    name: str
    column: str
    item: str
    looked: Looked


@dataclass(frozen=True, slots=True)
class Exhibits:
    db: AsyncEngine
    vault: Vault
    now: Now

    async def of(self, viewer: Viewer, posting: UUID) -> list[Exhibit]:
        """By applicant, in the order of the upload. Refused (404) for whoever does not work there, and outside its time."""
        async with self.db.begin() as tx:
            found, policy = await self._admitted(tx, viewer, posting)
            return [one for id in sorted(found.applications) for one in await self._shown(tx, policy, id)]

    async def open(self, viewer: Viewer, posting: UUID, attachment: UUID) -> Original:
        """One of them, as it was uploaded."""
        async with self.db.begin() as tx:
            found, policy = await self._admitted(tx, viewer, posting)
            shown = [one for id in sorted(found.applications) for one in await self._shown(tx, policy, id)]
            looked = next((one.looked for one in shown if one.looked.attachment.id == attachment), None)
            if looked is None:
                raise unknown()
            facts = {"as": "colleague", "posting": str(posting)}
            await seen(tx, viewer, looked.attachment, self.now(), facts)
        return looked.attachment.format, looked.attachment.size, self.vault.stream(looked.job.source)

    async def _admitted(self, tx: Tx, viewer: Viewer, id: UUID) -> tuple[Posting, Policy]:
        """A posting at which there is something to see for the viewer, now."""
        found = await storage.find(tx, self.vault.keys, id)
        person = await people.find(tx, self.vault.keys, viewer.person)
        if found is None or person is None:
            raise unknown()
        vouched = person.unit == found.unit and person.facts.get("on_post") is True
        viewer.admit(Thing(line=found.line, colleague=vouched), unknown())
        policy = (await programmes.known(tx, found.programme))[1]
        if policy.pack.publicity.online is None or not found.posted(self.now()):
            raise unknown()
        return found, policy

    async def _shown(self, tx: Tx, policy: Policy, id: UUID) -> Iterator[Exhibit]:
        application = await rooms.find(tx, id)
        assert application is not None  # a posting keeps those it is about
        name = (await people.names(tx, self.vault.keys, [application.person]))[application.person]
        held = of_applicant(await attachments.of(tx, id))
        titles = {
            (column.key, item.key): (column.title, item.title)
            for column in policy.pack.materials.columns if column.key in online(policy) for item in column.items
        }  # fmt: skip
        places = ((one, titles.get((one.attachment.slot.column, one.attachment.slot.item))) for one in held)
        return (Exhibit(name, *told, one) for one, told in places if told and _handed_in(application, one.attachment))


def online(policy: Policy) -> tuple[str, ...]:
    """The columns that may be seen so."""
    return policy.pack.publicity.online.columns if policy.pack.publicity.online else ()


def _handed_in(application: Application, one: Attachment) -> bool:
    """What its applicant still holds in their hands is nobody else's to see."""
    at = application.submitted_at
    return application.state in HANDED_IN and at is not None and one.created_at <= at


def unknown() -> Refused:
    message, remedy = "没有这个公示，或者公示已经结束。", "请向公示单位查询。"
    return Refused("publicity.unknown", message, remedy, status=404)
