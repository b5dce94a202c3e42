"""Who brings a document: its applicant while the application is in their hands; for what the notice wants of the unit, its
officer while it lies claimed at the unit's desk. Nobody brings, decides upon or takes away what is another's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.paper import Bringer
from mangping.vault import Keys

from mangping_api.domain.access import Viewer
from mangping_api.domain.application import OPEN, Application
from mangping_api.domain.attachment import Looked, Slot, place
from mangping_api.services import applications, duties
from mangping_api.services.applications import admitted, policy_of
from mangping_api.services.desks import seated
from mangping_api.storage import attachments as storage


async def into(
    tx: Tx, keys: Keys, viewer: Viewer, id: UUID, slot: Slot, at: datetime, *, lock: bool = False
) -> tuple[Application, Policy]:
    """The application that the viewer may bring a document of this slot into. Refused (404, 403, 409) when it is none."""
    application = await admitted(tx, viewer, id, lock=lock)
    policy = await policy_of(tx, application)
    await _theirs(tx, keys, viewer, application, policy, place(policy, slot)[1].bringer, at)
    return application, policy


async def out_of(
    tx: Tx, keys: Keys, viewer: Viewer, id: UUID, attachment: UUID, at: datetime
) -> tuple[Application, Policy, Looked]:
    """A document that the viewer may change, and its application, which stays locked."""
    application = await admitted(tx, viewer, id, lock=True)
    policy, looked = await policy_of(tx, application), await known(tx, id, attachment)
    await _theirs(tx, keys, viewer, application, policy, looked.attachment.by, at)
    return application, policy, looked


async def known(tx: Tx, application: UUID, id: UUID) -> Looked:
    if (found := await storage.find(tx, application, id)) is None:
        raise Refused("attachment.unknown", "没有这个附件。", "请检查附件编号。", status=404)
    return found


def belongs(application: Application, viewer: Viewer, by: Bringer) -> None:
    """Refused (403) when the document is the other's to bring."""
    mine = application.person == viewer.person
    if mine and by == "unit":
        message, remedy = "该材料由所在单位提供。", "请由单位审核人在审核时上传。"
        raise Refused("attachment.by_unit", message, remedy, status=403)
    if not mine and by == "applicant":
        message, remedy = "该材料由申报人提供。", "有问题的，请退回申报人改正。"
        raise Refused("attachment.by_applicant", message, remedy, status=403)


async def _theirs(
    tx: Tx, keys: Keys, viewer: Viewer, application: Application, policy: Policy, by: Bringer, at: datetime
) -> None:
    belongs(application, viewer, by)
    if by == "unit":
        duties.require_at_unit(application, policy)
        await seated(tx, keys, viewer, application.id, at)
    elif application.state not in OPEN:
        raise applications.closed()
