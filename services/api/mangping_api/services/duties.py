"""What unit and authorities put on record, told to policies; and what their services have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mangping.clock import BEIJING
from mangping.db import Tx
from mangping.errors import Refused
from mangping.policy import Finding, Policy
from mangping.vault import Keys

from mangping_api.domain.access import Viewer
from mangping_api.domain.application import Application, State
from mangping_api.domain.facts import Groups
from mangping_api.services import relations
from mangping_api.services.applications import admitted, policy_of, told
from mangping_api.storage import duties as storage
from mangping_api.storage.applications import Whole


def source(keys: Keys, policy: Policy, whole: Whole) -> Groups:
    """For gathering: the record as it was read beside the application, to be judged as of the moment of the act."""
    held = storage.read(keys, whole.application, whole.beside)
    return {"duties": {"held": replace(held, journals=whole.beside["journals"])}}


async def lookup(tx: Tx, whole: Whole) -> Mapping[str, Any]:
    """For gathering: what the lists of journals say of what the form names; no statement when it names none."""
    return {"journals": await storage.listed(tx, whole.form)}


async def at_unit(tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = True) -> tuple[Application, Policy]:
    """An application that lies at its unit. Refused (409) when it does not, (403) for an officer related to it."""
    application = await admitted(tx, viewer, id, lock=lock)
    await relations.apart(tx, viewer, id)
    policy = await policy_of(tx, application)
    require_at_unit(application, policy)
    return application, policy


def require_at_unit(application: Application, policy: Policy) -> None:
    if application.state is not State.SUBMITTED or application.tier != policy.pack.tiers[0].key:
        message, remedy = "该申报不在单位审核环节。", "请在申报人提交之后、单位上报之前办理。"
        raise Refused("duty.not_at_unit", message, remedy, status=409)
    if application.suspended_at is not None:
        message, remedy = "该申报正在接受核查，暂停办理。", "请等候核查结论。"
        raise Refused("application.suspended", message, remedy, status=409)


def no_defects(found: tuple[Finding, ...]) -> None:
    """Refused (422) with every blocking finding."""
    if any(finding.blocking for finding in found):
        message, remedy = "有必须改正的问题，未办理。", "请按 findings 逐项改正后重新办理。"
        raise Refused("duty.defective", message, remedy, details={"findings": told(found)})


def day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
