"""A notice on paper and its QR code: the same notice gives the same bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from uuid import UUID

from mangping import typeset
from mangping.clock import BEIJING
from mangping.contracts import SealedPayer
from mangping.errors import NeedsHuman, Refused
from mangping.vault import Vault

from mangping_fees.domain import paper
from mangping_fees.services.notices import Notices, Whole
from mangping_fees.storage.tariffs import Tariffs


@dataclass(frozen=True, slots=True)
class Papers:
    notices: Notices
    vault: Vault
    tariffs: Tariffs

    async def notice(self, id: UUID, *, applicant: str | None = None) -> bytes:
        """PDF/A. Refused (404) as for the notice itself, (409) while it has no pay code. The payer's name is opened for
        this call only."""
        whole = await self._issued(id, applicant)
        payer = SealedPayer.model_validate_json(await self.vault.get(whole.notice.payer))
        facts = paper.facts(whole.notice, whole.lines, payer, self.tariffs.of(whole.notice.programme))
        assert whole.notice.issued_at is not None
        assert whole.notice.pay_url is not None
        told = {**facts, "qr": typeset.qr(whole.notice.pay_url)}
        day = whole.notice.issued_at.astimezone(BEIJING).date()
        try:
            return await asyncio.to_thread(typeset.pdf, _template(), told, day=day)
        except typeset.Untypeset:
            raise NeedsHuman("notice.untypeset") from None

    async def qr(self, id: UUID, *, applicant: str | None = None) -> str:
        """The QR code of the gateway's pay page, as SVG."""
        whole = await self._issued(id, applicant)
        assert whole.notice.pay_url is not None
        return typeset.qr(whole.notice.pay_url)

    async def _issued(self, id: UUID, applicant: str | None) -> Whole:
        whole = await self.notices.find(id, applicant=applicant)
        if whole.notice.pay_url is None or whole.notice.issued_at is None:
            raise Refused("notice.not_issued", "缴款通知书尚未开具。", "取得缴款码后即可下载，请稍后再试。", status=409)
        return whole


@cache
def _template() -> str:
    return files("mangping_fees").joinpath("templates/notice.typ").read_text("utf-8")
