"""Bearer tokens of one OpenID Connect issuer, verified against its published keys."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from jwt import PyJWKSet

from mangping.errors import Refused, Transient

ALGORITHMS = ("RS256", "ES256")
_REFRESH = 300.0  # seconds a key set is trusted
_PAUSE = 10.0  # seconds between two fetches, whatever key ids strangers invent


@dataclass(frozen=True, slots=True)
class Bearer:
    """A client of its own right is known by its client id, anyone else by the subject; the two cannot collide."""

    owner: str
    scopes: frozenset[str]


@dataclass(slots=True)
class Tokens:
    issuer: str
    audience: str
    _keys: PyJWKSet | None = None
    _fetched: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of_header(self, authorization: str) -> Bearer:
        """From an Authorization header. Refused (401), or Transient when no key can be had."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("token.missing", "缺少访问令牌。")
        return await self.verify(token.strip())

    async def verify(self, token: str) -> Bearer:
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
        return _bearer(claims)

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


def _bearer(claims: dict[str, Any]) -> Bearer:
    client = claims.get("client_id") or claims.get("azp")
    scope = claims.get("scope", "")
    scopes = scope.split() if isinstance(scope, str) else [str(item) for item in scope]
    return Bearer(f"client:{client}" if client else f"sub:{claims['sub']}", frozenset(scopes))


def _unauthenticated(code: str, message: str) -> Refused:
    return Refused(code, message, "请向签发方重新获取令牌，并放入 Authorization: Bearer 请求头。", status=401)
