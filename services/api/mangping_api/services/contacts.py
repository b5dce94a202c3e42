"""Where an applicant wants to be told: the telephone they registered, the e-mail address of their form (GL-85)."""

from __future__ import annotations

from uuid import UUID

from mangping.contracts import SealedPayer
from mangping.db import Tx
from mangping.vault import Keys

from mangping_api.storage import applications as rooms
from mangping_api.storage import programmes as packs


async def of_application(tx: Tx, keys: Keys, id: UUID) -> SealedPayer:
    """Name, telephone and address; "" for what is not known."""
    whole = await rooms.whole(tx, keys, id)
    assert whole is not None
    form = (await packs.policy(tx, whole.application.programme)).pack.form
    held = {section.key: section.content for section in whole.sections}
    told = (
        str(held.get(section.key, {}).get(field.key) or "")
        for section in form.sections for field in section.fields if field.type == "email"
    )  # fmt: skip
    return SealedPayer(name=whole.person.name, mobile=whole.person.phone, email=next(told, ""))
