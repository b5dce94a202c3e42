"""What a process holds (Context) and what one unit of work is given (Factory)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from mangping import clock, db, rehearsal
from mangping.clock import Now
from mangping.couriers.base import ByWay, Courier, Way
from mangping.couriers.http import HttpCourier
from mangping.couriers.smtp import SmtpCourier
from mangping.queue import Queue
from mangping.tokens import Bearer, Tokens
from mangping.vault import Keys, Vault
from mangping.webhooks.endpoints import Webhooks
from mangping.webhooks.sender import Sender
from mangping.webhooks.transport import HttpPost, Post
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api import schema
from mangping_api.auth import ACCESS
from mangping_api.domain.access import Viewer
from mangping_api.domain.public import PUBLIC
from mangping_api.services.amendments import Amendments
from mangping_api.services.applicant_lists import ApplicantLists
from mangping_api.services.applications import Applications
from mangping_api.services.attachments import Attachments
from mangping_api.services.bodies import Bodies
from mangping_api.services.charges import Charges
from mangping_api.services.complaints import Complaints
from mangping_api.services.deadlines import Deadlines
from mangping_api.services.decisions import Decisions
from mangping_api.services.deliberations import Deliberations
from mangping_api.services.desks import Desks
from mangping_api.services.duplicates import Duplicates
from mangping_api.services.erasure import Erasure
from mangping_api.services.exhibits import Exhibits
from mangping_api.services.hand_ins import HandIns
from mangping_api.services.identities import Identities
from mangping_api.services.integrity import Integrity
from mangping_api.services.journals import JournalLists
from mangping_api.services.lapses import Lapses
from mangping_api.services.notifications import Notifications
from mangping_api.services.objects import Objects
from mangping_api.services.once import Once
from mangping_api.services.organisations import Organisations
from mangping_api.services.originals import Originals
from mangping_api.services.papers import Papers
from mangping_api.services.people import People
from mangping_api.services.post_plans import PostPlans
from mangping_api.services.postings import Postings
from mangping_api.services.programmes import Programmes
from mangping_api.services.progress import Progress
from mangping_api.services.redaction_batches import RedactionBatches
from mangping_api.services.redaction_jobs import RedactionJobs
from mangping_api.services.resealing import Resealing
from mangping_api.services.returns import Returns
from mangping_api.services.reviews import Reviews
from mangping_api.services.rosters import Rosters
from mangping_api.services.standings import Standings
from mangping_api.services.submission import Submission
from mangping_api.services.submissions import Submissions
from mangping_api.services.telling import Telling
from mangping_api.services.timelines import Timelines
from mangping_api.services.transfers import Transfers
from mangping_api.services.webhooks import admit
from mangping_api.settings import Settings
from mangping_api.tables import hooks, ledger


@dataclass(frozen=True, slots=True)
class Context:
    """One per process."""

    settings: Settings
    db: AsyncEngine
    vault: Vault
    queue: Queue
    tokens: Tokens
    now: Now
    courier: Courier
    post: Post

    @classmethod
    def open(cls, settings: Settings, *, name: str, now: Now = clock.now) -> Context:
        servers = (
            settings.database_url, settings.valkey_url, settings.object_store_url, settings.oidc_issuer,
            *filter(None, (settings.sms_url, settings.smtp_url.get_secret_value())),
        )  # fmt: skip
        told = rehearsal.now_of(settings.rehearsal_clock, servers) if settings.rehearsal_clock else now
        return cls(
            settings,
            db.engine(settings.database_url, name=name),
            Vault.at(settings.object_store_url, Keys.parse(settings.vault_keys.get_secret_value())),
            Queue(settings.valkey_url),
            Tokens(settings.oidc_issuer, settings.oidc_audience),
            told,
            couriers(settings, told),
            HttpPost(local=settings.webhooks_local),
        )

    @property
    def webhooks(self) -> Webhooks:
        """For the kernel's routes."""
        return Webhooks(
            self.db, self.vault.keys, self.now, hooks, ledger, PUBLIC, local=self.settings.webhooks_local, admit=admit
        )  # fmt: skip

    async def check_schema(self) -> None:
        """Raises StaleSchema unless the database stands at the revision this code was written for."""
        await schema.check(self.db)

    async def close(self) -> None:
        await self.queue.close()
        await self.db.dispose()


def couriers(settings: Settings, now: Now) -> ByWay:
    """What the settings name; ValueError for an SMTP URL that is none."""
    held: dict[Way, Courier] = {}
    if settings.sms_url:
        held[Way.SMS] = HttpCourier(settings.sms_url, settings.sms_token.get_secret_value())
    if smtp := settings.smtp_url.get_secret_value():
        held[Way.EMAIL] = SmtpCourier.at(smtp, settings.mail_from, now)
    return ByWay(held)


@dataclass(frozen=True, slots=True)
class Factory:
    """One per request or round: hands out services."""

    context: Context

    @property
    def _patience(self) -> timedelta:
        return timedelta(seconds=self.context.settings.patience_seconds)

    def objects(self) -> Objects:
        return Objects(self.context.db, self.context.vault, self.context.now)

    def submission(self) -> Submission:
        return Submission(self.context.db, self.context.vault, self.context.now, self._patience)

    def redaction_jobs(self) -> RedactionJobs:
        c = self.context
        return RedactionJobs(
            c.db, c.vault, c.now, self._patience, c.settings.max_attempts, c.settings.backoff_seconds, self.once()
        )  # fmt: skip

    def redaction_batches(self) -> RedactionBatches:
        return RedactionBatches(self.context.db)

    def deadlines(self) -> Deadlines:
        c = self.context
        return Deadlines(c.db, c.vault, c.queue, c.now, self._patience, self.redaction_jobs())

    def erasure(self) -> Erasure:
        c, s = self.context, self.context.settings
        return Erasure(
            c.db, c.vault, c.queue, c.now, self.redaction_jobs(), timedelta(days=s.retention_days),
            timedelta(hours=s.unused_object_hours),
        )  # fmt: skip

    def once(self) -> Once:
        return Once(self.context.db, self.context.vault.keys, self.context.now)

    def organisations(self) -> Organisations:
        return Organisations(self.context.db, self.once())

    def programmes(self) -> Programmes:
        return Programmes(self.context.db, self.once())

    def applications(self) -> Applications:
        return Applications(self.context.db, self.context.vault.keys, self.once())

    def attachments(self) -> Attachments:
        return Attachments(self.context.db, self.context.vault, self.once(), self.objects(), self._patience)

    def amendments(self) -> Amendments:
        return Amendments(self.context.db, self.context.vault.keys, self.once())

    def originals(self) -> Originals:
        return Originals(self.context.vault, self.attachments())

    def exhibits(self) -> Exhibits:
        return Exhibits(self.context.db, self.context.vault, self.context.now)

    def progress(self) -> Progress:
        return Progress(self.context.db, self.context.settings.events_seconds)

    def transfers(self) -> Transfers:
        c = self.context
        return Transfers(c.db, c.vault, c.now, self.objects(), self.attachments())

    def identities(self) -> Identities:
        return Identities(self.context.db, self.context.vault, self.once(), self._patience)

    def charges(self) -> Charges:
        c = self.context
        return Charges(c.db, c.vault, self.once(), timedelta(seconds=c.settings.charge_ask_seconds))

    def rosters(self) -> Rosters:
        return Rosters(self.context.db, self.once())

    def submissions(self) -> Submissions:
        return Submissions(self.context.db, self.context.vault.keys, self.once())

    def timelines(self) -> Timelines:
        return Timelines(self.context.db, self.context.vault.keys, self.once())

    def desks(self) -> Desks:
        c = self.context
        return Desks(c.db, c.vault.keys, self.once(), timedelta(minutes=c.settings.lease_minutes))

    def reviews(self) -> Reviews:
        return Reviews(self.context.db, self.context.vault.keys, self.once())

    def decisions(self) -> Decisions:
        return Decisions(self.context.db, self.context.vault.keys, self.once())

    def resealing(self) -> Resealing:
        return Resealing(self.context.db, self.context.vault)

    def returns(self) -> Returns:
        return Returns(self.context.db, self.context.vault.keys, self.once())

    def bodies(self) -> Bodies:
        return Bodies(self.context.db, self.once())

    def duplicates(self) -> Duplicates:
        return Duplicates(self.context.db, self.context.now)

    def lapses(self) -> Lapses:
        return Lapses(self.context.db, self.context.now)

    def papers(self) -> Papers:
        c = self.context
        return Papers(c.db, c.vault, self.once(), self.objects(), c.settings.public_url.rstrip("/"))

    def deliberations(self) -> Deliberations:
        return Deliberations(self.context.db, self.context.vault.keys, self.once())

    def postings(self) -> Postings:
        return Postings(self.context.db, self.context.vault, self.once(), self.objects())

    def post_plans(self) -> PostPlans:
        return PostPlans(self.context.db, self.once())

    def standings(self) -> Standings:
        return Standings(self.context.db, self.context.vault.keys, self.once())

    def applicant_lists(self) -> ApplicantLists:
        return ApplicantLists(self.context.db, self.context.vault.keys, self.context.now)

    def hand_ins(self) -> HandIns:
        return HandIns(self.context.db, self.context.vault.keys, self.once())

    def complaints(self) -> Complaints:
        return Complaints(self.context.db, self.context.vault.keys, self.once())

    def integrity(self) -> Integrity:
        return Integrity(self.context.db, self.context.vault.keys, self.once())

    def journals(self) -> JournalLists:
        return JournalLists(self.context.db, self.once())

    def notifications(self) -> Notifications:
        return Notifications(self.context.db, self.once())

    def telling(self) -> Telling:
        c = self.context
        return Telling(c.db, c.vault.keys, c.now, c.courier)

    def webhooks(self) -> Sender:
        c = self.context
        return Sender(
            c.db, c.vault.keys, c.now, hooks, ledger, c.post, timedelta(seconds=c.settings.webhooks_hold_seconds)
        )  # fmt: skip

    def people(self) -> People:
        return People(self.context.db, self.context.vault.keys, self.once())


# Coroutines all three: what is not one, FastAPI sends to a thread.
async def factory(request: Request) -> Factory:
    """For handlers: Depends(factory)."""
    return Factory(request.app.state.context)


async def caller(request: Request) -> Bearer:
    """For handlers: Depends(caller); the guard has put it there."""
    found: Bearer = request.state.caller
    return found


async def viewer(request: Request) -> Viewer:
    """For handlers: Depends(viewer). The person behind the token, with the policy of the route they came through."""
    policy = ACCESS[request.scope["route"].name]
    return await (await factory(request)).people().viewer((await caller(request)).owner, policy)
