"""Who may do what: one table. A route that is not in it lets nobody in."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from fastapi import Request
from jwt import PyJWKSet
from mangping.errors import Refused, Transient

from mangping_api.domain.access import (
    Policy,
    administers,
    owns_application,
    reads_application,
    registered,
    staffs,
    vouches,
)

ALGORITHMS = ("RS256", "ES256")
READ, WRITE = "redaction:read", "redaction:write"
REVIEW_READ, REVIEW_WRITE = "review:read", "review:write"

# operation (the route's name) -> the scope its caller's token must carry
POLICIES: dict[str, str] = {
    "upload_object": WRITE,
    "submit_redaction_job": WRITE,
    "list_redaction_jobs": READ,
    "get_redaction_job": READ,
    "retry_redaction_job": WRITE,
    "erase_redaction_job": WRITE,
    "download_rendition": READ,
    "submit_redaction_batch": WRITE,
    "get_redaction_batch": READ,
    "register_me": REVIEW_WRITE,
    "get_me": REVIEW_READ,
    "change_me": REVIEW_WRITE,
    "search_people": REVIEW_WRITE,
    "grant_role": REVIEW_WRITE,
    "revoke_role": REVIEW_WRITE,
    "found_organisation": REVIEW_WRITE,
    "list_organisations": REVIEW_READ,
    "get_organisation": REVIEW_READ,
    "load_programme": REVIEW_WRITE,
    "list_programmes": REVIEW_READ,
    "get_programme": REVIEW_READ,
    "get_programme_form": REVIEW_READ,
    "get_programme_figures": REVIEW_READ,
    "get_programme_changes": REVIEW_READ,
    "state_organisation_facts": REVIEW_WRITE,
    "vouch_for_person": REVIEW_WRITE,
    "begin_application": REVIEW_WRITE,
    "list_applications": REVIEW_READ,
    "get_application": REVIEW_READ,
    "get_section": REVIEW_READ,
    "save_section": REVIEW_WRITE,
    "get_findings": REVIEW_READ,
    "submit_application": REVIEW_WRITE,
    "withdraw_application": REVIEW_WRITE,
    "abandon_application": REVIEW_WRITE,
    "get_timeline": REVIEW_READ,
    "upload_attachment": REVIEW_WRITE,
    "list_attachments": REVIEW_READ,
    "get_attachment": REVIEW_READ,
    "decide_masking": REVIEW_WRITE,
    "remove_attachment": REVIEW_WRITE,
    "preview_attachment": REVIEW_READ,
    "recheck_masking": REVIEW_WRITE,
}
# operation -> what its caller must be to the thing it asks for; their roles stand in the database, not in the token.
# `register_me` is not here: nobody is anybody before it.
ACCESS: dict[str, Policy] = {
    "get_me": registered,
    "change_me": registered,
    "search_people": staffs,
    "grant_role": administers,
    "revoke_role": administers,
    "found_organisation": administers,
    "list_organisations": registered,
    "get_organisation": registered,
    "load_programme": administers,
    "list_programmes": registered,
    "get_programme": registered,
    "get_programme_form": registered,
    "get_programme_figures": registered,
    "get_programme_changes": registered,
    "state_organisation_facts": administers,
    "vouch_for_person": vouches,
    "begin_application": registered,
    "list_applications": registered,
    "get_application": reads_application,
    "get_section": reads_application,
    "save_section": owns_application,
    "get_findings": reads_application,
    "submit_application": owns_application,
    "withdraw_application": owns_application,
    "abandon_application": owns_application,
    "get_timeline": reads_application,
    "upload_attachment": owns_application,
    "list_attachments": reads_application,
    "get_attachment": reads_application,
    "decide_masking": owns_application,
    "remove_attachment": owns_application,
    "preview_attachment": reads_application,
    "recheck_masking": owns_application,
}

_REFRESH = 300.0  # seconds a key set is trusted
_PAUSE = 10.0  # seconds between two fetches, whatever key ids strangers invent


@dataclass(frozen=True, slots=True)
class Caller:
    """An integrator: what it makes is its own and nobody else's."""

    owner: str
    scopes: frozenset[str]


@dataclass(slots=True)
class Tokens:
    """Verifies bearer tokens of one issuer against its published keys."""

    issuer: str
    audience: str
    _keys: PyJWKSet | None = None
    _fetched: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def verify(self, token: str) -> Caller:
        """Refused (401) unless signature, issuer, audience and times are right; Transient when no key can be had."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise jwt.InvalidAlgorithmError
            key = await self._key(str(header.get("kid", "")))
            claims = jwt.decode(
                token, key, algorithms=list(ALGORITHMS), issuer=self.issuer, audience=self.audience, leeway=30,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise _unauthenticated("token.invalid", "访问令牌无效或已过期。") from error
        return _caller(claims)

    async def _key(self, kid: str) -> Any:
        for _ in range(2):
            if self._keys is not None and time.monotonic() - self._fetched < _REFRESH:
                for key in self._keys.keys:
                    if key.key_id == kid:
                        return key
            async with self._lock:
                if self._keys is None or time.monotonic() - self._fetched > _PAUSE:
                    self._keys, self._fetched = await self._fetch(), time.monotonic()
        raise jwt.InvalidKeyError

    async def _fetch(self) -> PyJWKSet:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                about = await client.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                keys = await client.get(about.raise_for_status().json()["jwks_uri"])
                return PyJWKSet.from_dict(keys.raise_for_status().json())
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise Transient("issuer.unreachable") from error


def _caller(claims: dict[str, Any]) -> Caller:
    """A client of its own right is known by its client id, anyone else by the subject; the two cannot collide."""
    client = claims.get("client_id") or claims.get("azp")
    scope = claims.get("scope", "")
    scopes = scope.split() if isinstance(scope, str) else [str(item) for item in scope]
    return Caller(f"client:{client}" if client else f"sub:{claims['sub']}", frozenset(scopes))


def _unauthenticated(code: str, message: str) -> Refused:
    return Refused(code, message, "请向签发方重新获取令牌，并放入 Authorization: Bearer 请求头。", status=401)


async def guard(request: Request) -> Caller:
    """Runs before every route. Leaves the caller in `request.state.caller`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated("token.missing", "缺少访问令牌。")
    caller: Caller = await request.app.state.context.tokens.verify(token.strip())
    needed = POLICIES.get(getattr(request.scope.get("route"), "name", ""))
    if needed is None or needed not in caller.scopes:
        raise Refused("scope.missing", "该令牌无权执行此操作。", "请申请所需的权限范围（scope）。", status=403)
    request.state.caller = caller
    return caller
