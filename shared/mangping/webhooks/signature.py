"""Signatures after Standard Webhooks 1.0.0, with HMAC-SM3 (`v1sm3`) beside HMAC-SHA256 (`v1`).

What is signed is `{id}.{timestamp}.{raw body}`. The signature header is a list parted by spaces: a sender that changes
its secret signs with both for a while, and a receiver takes what any of its present secrets has signed.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets as random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from mangping.errors import Refused

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
MAX_BODY = 64 * 1024
MAX_SIGNATURES = 16

_HASHES: Mapping[str, Callable[[], HashAlgorithm]] = {"v1": SHA256, "v1sm3": SM3}
ALGORITHMS = tuple(_HASHES)
_MESSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SECONDS = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class Secret:
    """24 to 64 bytes, shared by the two ends."""

    key: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Secret:
        return cls(random.token_bytes(32))

    @classmethod
    def read(cls, text: str) -> Secret:
        """From "whsec_" and base64. ValueError otherwise; the text is not repeated."""
        try:
            key = base64.b64decode(text.removeprefix("whsec_"), validate=True) if text.startswith("whsec_") else b""
        except (binascii.Error, ValueError):
            key = b""
        if not 24 <= len(key) <= 64:
            raise ValueError("a webhook secret is whsec_ and 24 to 64 bytes in base64")
        return cls(key)

    def text(self) -> str:
        """What `read` reads."""
        return "whsec_" + base64.b64encode(self.key).decode()


@dataclass(frozen=True, slots=True)
class Verified:
    id: str
    sent_at: datetime


def sign(
    secrets: Sequence[Secret], message_id: str, at: datetime, body: bytes, algorithms: Iterable[str] = ALGORITHMS
) -> dict[str, str]:
    """The three headers. Each secret signs under each algorithm, newest secret first."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a webhook id is 1 to 64 letters, digits, - or _")
    seconds, wanted = str(int(at.timestamp())), tuple(algorithms)
    signed = [
        f"{name},{base64.b64encode(_code(name, secret, message_id, seconds, body)).decode()}"
        for secret in secrets
        for name in wanted
    ]
    return {ID: message_id, TIMESTAMP: seconds, SIGNATURE: " ".join(signed)}


def verify(
    secrets: Sequence[Secret],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    algorithms: Iterable[str] = ALGORITHMS,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """Who says so, and when. Refused (400, 401, 413) in one voice for every kind of wrong signature.

    `headers` may be in any case. Signatures of algorithms that are not wanted are passed over, as the standard asks.
    """
    if len(body) > MAX_BODY:
        raise Refused("webhook.too_large", "回调内容过大。", "请缩减后重新发送。", status=413)
    told = {name.lower(): value for name, value in headers.items() if name.lower() in (ID, TIMESTAMP, SIGNATURE)}
    message_id, seconds, signatures = (told.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not _MESSAGE_ID.fullmatch(message_id) or not _SECONDS.fullmatch(seconds) or not signatures:
        raise Refused("webhook.headers", "回调缺少签名头或格式有误。", "请按接口说明补全三个签名头。", status=400)
    if not _signed(secrets, message_id, seconds, body, signatures, tuple(algorithms)):
        raise Refused("webhook.signature", "回调签名不正确。", "请核对密钥后重新发送。", status=401)
    # Judged after the signature: only who knows the secret learns what our clock says.
    if abs(now.timestamp() - int(seconds)) > tolerance.total_seconds():
        raise Refused("webhook.timestamp", "回调时间与本系统相差过大。", "请校准时钟后重新签名发送。", status=401)
    return Verified(message_id, datetime.fromtimestamp(int(seconds), now.tzinfo))


def _code(name: str, secret: Secret, message_id: str, seconds: str, body: bytes) -> bytes:
    mac = HMAC(secret.key, _HASHES[name]())
    mac.update(f"{message_id}.{seconds}.".encode() + body)
    return mac.finalize()


def _signed(
    secrets: Sequence[Secret], message_id: str, seconds: str, body: bytes, header: str, wanted: tuple[str, ...]
) -> bool:
    """Every pair is compared, and in constant time, whatever the pairs before gave."""
    told = [one.partition(",") for one in header.split(" ")[:MAX_SIGNATURES]]
    right = False
    for secret in secrets:
        for name in wanted:
            mine = base64.b64encode(_code(name, secret, message_id, seconds, body))
            for theirs, _, value in told:
                right |= theirs == name and hmac.compare_digest(mine, value.encode())
    return right
