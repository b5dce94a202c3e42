"""What a process holds (Context) and what one unit of work is given (Factory)."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import Request
from mangping import db, rehearsal
from mangping.clock import Now
from mangping.couriers.base import ByWay, Courier, Way
from mangping.couriers.http import HttpCourier
from mangping.couriers.smtp import SmtpCourier
from mangping.queue import Queue
from mangping.tokens import Bearer, Tokens
from mangping.vault import Keys, Vault
from mangping.webhooks.endpoints import Webhooks
from mangping.webhooks.sender import Sender
from mangping.webhooks.signature import Secret
from mangping.webhooks.transport import HttpPost, Post
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees import schema
from mangping_fees.domain.notice import State
from mangping_fees.domain.public import PUBLIC
from mangping_fees.gateways.base import Gateway
from mangping_fees.gateways.nontax import NonTax, Profile
from mangping_fees.services.callbacks import Callbacks
from mangping_fees.services.deliveries import Deliveries
from mangping_fees.services.expiry import Expiry
from mangping_fees.services.issuing import Issuing
from mangping_fees.services.notices import Notices
from mangping_fees.services.once import Once
from mangping_fees.services.orders import Orders
from mangping_fees.services.papers import Papers
from mangping_fees.services.receipts import Receipts
from mangping_fees.services.reconciliation import Reconciliation
from mangping_fees.services.refunds import Refunds
from mangping_fees.services.reports import Reports
from mangping_fees.services.settlement import Settlement
from mangping_fees.services.statements import Statements
from mangping_fees.services.steps import Steps
from mangping_fees.settings import FinanceLine, Settings
from mangping_fees.storage.tariffs import Tariffs
from mangping_fees.tables import hooks, ledger

_log = logging.getLogger("mangping.fees.gateways")
_disbelieved = Counter("mangping_gateway_disbelieved", "Answers of gateways that were not believed", ("reason",))


@dataclass(frozen=True, slots=True)
class Context:
    """One per process."""

    settings: Settings
    db: AsyncEngine
    vault: Vault
    queue: Queue
    tokens: Tokens
    tariffs: Tariffs
    gateways: Mapping[str, Gateway]
    courier: Courier
    post: Post
    now: Now

    @classmethod
    def open(cls, settings: Settings, *, name: str) -> Context:
        folder = settings.tariff_folder
        servers = (
            settings.database_url, settings.valkey_url, settings.object_store_url, settings.oidc_issuer,
            *filter(None, (settings.courier_url, settings.smtp_url.get_secret_value())),
            *(f"tcp://{line.host}:{line.port}" for line in settings.gateways),
        )  # fmt: skip
        now = rehearsal.now_of(settings.rehearsal_clock, servers)
        return cls(
            settings,
            db.engine(settings.database_url, name=name),
            Vault.at(settings.object_store_url, Keys.parse(settings.vault_keys.get_secret_value())),
            Queue(settings.valkey_url),
            Tokens(settings.oidc_issuer, settings.oidc_audience),
            Tariffs.load(Path(folder)) if folder else Tariffs.shipped(),
            {line.region_code: NonTax(profile(line), now, disbelieved) for line in settings.gateways},
            courier(settings, now),
            HttpPost(local=settings.webhooks_local),
            now,
        )

    @property
    def webhooks(self) -> Webhooks:
        """For the kernel's routes."""
        return Webhooks(
            self.db, self.vault.keys, self.now, hooks, ledger, PUBLIC, local=self.settings.webhooks_local
        )  # fmt: skip

    async def check_schema(self) -> None:
        """Raises StaleSchema unless the database stands at the revision this code was written for."""
        await schema.check(self.db)

    async def close(self) -> None:
        await self.queue.close()
        await self.db.dispose()


def courier(settings: Settings, now: Now) -> Courier:
    """What the settings name: one provider for both ways, e-mail over SMTP where that is set; a way that nothing is set
    up for reaches nobody, and says so. ValueError for an SMTP URL that is none."""
    held: dict[Way, Courier] = {}
    if settings.courier_url:
        provider = HttpCourier(settings.courier_url, settings.courier_token.get_secret_value())
        held = {Way.SMS: provider, Way.EMAIL: provider}
    if smtp := settings.smtp_url.get_secret_value():
        held[Way.EMAIL] = SmtpCourier.at(smtp, settings.mail_from, now)
    return ByWay(held)


def profile(line: FinanceLine) -> Profile:
    """ssl.SSLError or OSError for certificates that cannot be read: the process does not start."""
    tls = None
    if line.tls:
        tls = ssl.create_default_context(cafile=line.ca_file)
        if line.certificate:
            tls.load_cert_chain(line.certificate)
    return Profile(
        line.region_code, line.host, line.port, line.token.get_secret_value().encode(), line.source, line.target,
        pay_code=re.compile(line.pay_code, re.ASCII), wait_s=line.wait_s, tls=tls,
    )  # fmt: skip


def door(line: FinanceLine) -> ssl.SSLContext | None:
    """For the port where confirmations are heard: its certificate, and (with `ca_file`) only callers who show theirs."""
    if not line.tls or not line.certificate:
        return None
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(line.certificate)
    if line.ca_file:
        tls.load_verify_locations(line.ca_file)
        tls.verify_mode = ssl.CERT_REQUIRED
    return tls


def disbelieved(reason: str) -> None:
    """An answer of a gateway that was not believed, by its stable word."""
    _disbelieved.labels(reason).inc()
    _log.warning("gateway.disbelieved", extra={"facts": {"reason": reason}})


@dataclass(frozen=True, slots=True)
class Factory:
    """One per request or round: hands out services."""

    context: Context

    def once(self) -> Once:
        return Once(self.context.db, self.context.vault.keys, self.context.now)

    def notices(self) -> Notices:
        return Notices(self.context.db, self.context.now)

    def papers(self) -> Papers:
        return Papers(self.notices(), self.context.vault, self.context.tariffs)

    def reports(self) -> Reports:
        return Reports(self.context.db)

    def orders(self) -> Orders:
        return Orders(self.context.db, self.context.now, self.context.tariffs)

    def settlement(self) -> Settlement:
        return Settlement(self.context.db, self.context.now)

    def issuing(self) -> Issuing:
        c = self.context
        return Issuing(c.db, c.vault, c.now, c.tariffs, c.gateways, self.settlement())

    def deliveries(self) -> Deliveries:
        c = self.context
        return Deliveries(c.db, c.vault, c.now, c.tariffs, c.courier)

    def expiry(self) -> Expiry:
        return Expiry(self.context.db, self.context.now, self.issuing(), self.context.settings.grace_days)

    def receipts(self) -> Receipts:
        return Receipts(self.context.db, self.context.vault, self.context.now, self.issuing())

    def refunds(self) -> Refunds:
        return Refunds(self.context.db, self.context.now)

    def statements(self) -> Statements:
        return Statements(self.context.db, self.context.vault, self.context.now)

    def reconciliation(self) -> Reconciliation:
        return Reconciliation(self.context.db, self.context.now, self.settlement())

    def callbacks(self) -> Callbacks:
        told = self.context.settings.webhook_secrets
        secrets = {region: [Secret.read(one.get_secret_value()) for one in some] for region, some in told.items()}
        return Callbacks(secrets, self.context.now, self.settlement())

    def webhooks(self) -> Sender:
        c = self.context
        return Sender(
            c.db, c.vault.keys, c.now, hooks, ledger, c.post, timedelta(seconds=c.settings.webhooks_hold_seconds)
        )  # fmt: skip

    def steps(self) -> Steps:
        c, issuing = self.context, self.issuing()
        return Steps(
            c.db, c.now, timedelta(seconds=c.settings.step_hold_seconds), c.settings.backoff_seconds,
            {
                State.DRAFT: issuing.issue, State.VOIDING: issuing.void, State.FAILED: self.deliveries().resume,
                State.EXPIRING: self.expiry().lapse, State.RECONCILED: self.receipts().fetch,
            },
        )  # fmt: skip


# Coroutines both: what is not one, FastAPI sends to a thread.
async def factory(request: Request) -> Factory:
    """For handlers: Depends(factory)."""
    return Factory(request.app.state.context)


async def caller(request: Request) -> Bearer:
    """For handlers: Depends(caller); the guard has put it there."""
    found: Bearer = request.state.caller
    return found
