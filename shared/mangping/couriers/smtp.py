"""E-mail through a relay of the operator's: `smtps://user:password@host:465` (TLS from the start) or
`smtp://user:password@host:587` (STARTTLS, refused without). `smtp+plain://` has no TLS and is for loopback only.

The relay's word is the last one: nothing is reported later. A message has one Message-ID for good, made of its key, so
that a repetition after a lost answer is recognised by mailboxes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from mangping.clock import Now
from mangping.couriers.base import Accepted, Unclear, Undeliverable, Way

_SECONDS = 20.0
_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class SmtpCourier:
    """`sender` is the address that mails come from."""

    host: str
    port: int
    scheme: str
    sender: str
    now: Now
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, url: str, sender: str, now: Now) -> SmtpCourier:
        """ValueError for any other kind of URL; it is not repeated: it holds a password."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or "@" not in sender:
            raise ValueError("SMTP: smtps:// or smtp:// and a host, and an address to send from")
        if parts.scheme == "smtp+plain" and not _is_loopback(parts.hostname):
            raise ValueError("SMTP: without TLS to loopback only")
        user, password = parts.username, parts.password
        return cls(
            parts.hostname, parts.port or _PORTS[parts.scheme], parts.scheme, sender, now,
            unquote(user) if user else None, unquote(password) if password else None,
        )  # fmt: skip

    async def send(
        self, key: UUID, way: Way, address: str, text: str, *, title: str = ""
    ) -> Accepted | Undeliverable | Unclear:
        try:
            message = self._message(key, address, text, title)
        except ValueError:  # a line break where an address should be
            return Undeliverable("address_malformed")
        try:
            await aiosmtplib.send(
                message, sender=self.sender, recipients=[address], hostname=self.host, port=self.port,
                username=self.user, password=self.password, timeout=_SECONDS,
                use_tls=self.scheme == "smtps", start_tls=self.scheme == "smtp",
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _judged(refused.recipients[0].code, "mailbox_refused")
        except aiosmtplib.SMTPAuthenticationError:
            return Unclear()  # ours to put right: the mail waits
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refused:
            return _judged(refused.code, "mail_refused")
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError):
            return Unclear()
        return Accepted(str(message["Message-ID"]), reported=False)

    def _message(self, key: UUID, address: str, text: str, title: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, title
        message["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        message["Date"] = format_datetime(self.now())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, charset="utf-8", cte="base64")
        return message


def _judged(code: int, word: str) -> Undeliverable | Unclear:
    """5xx is for good, anything else may pass."""
    return Undeliverable(word) if 500 <= code < 600 else Unclear()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
