"""Bearer tokens of one OpenID Connect issuer, verified against its published keys."""

from __future__ import annotations

import asyncio
import hashlib
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
_LEEWAY = 30  # seconds that clocks may differ
_REMEMBERED = 4096  # tokens, by their digest


@dataclass(frozen=True, slots=True)
class Bearer:
    """A client of its own right is known by its client id, anyone else by the subject; the two cannot collide."""

    owner: str
    scopes: frozenset[str]


_NEVER = (None, 0.0, 0.0)


@dataclass(slots=True)
class Tokens:
    issuer: str
    audience: str
    _keys: PyJWKSet | None = None
    _fetched: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: dict[bytes, tuple[Bearer, float, float]] = field(default_factory=dict, repr=False)

    async def of_header(self, authorization: str) -> Bearer:
        """From an Authorization header. Refused (401), or Transient when no key can be had."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("token.missing", "缺少访问令牌。")
        return await self.verify(token.strip())

    async def verify(self, token: str) -> Bearer:
        """Refused (401) unless signature, issuer, audience and times are right; Transient when no key can be had.

        A token is verified once for each set of keys, and remembered until it expires.
        """
        digest = hashlib.sha256(token.encode()).digest()
        if (bearer := self._remembered(digest)) is not None:
            return bearer
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise jwt.InvalidAlgorithmError
            key = await self._key(str(header.get("kid", "")))
            claims = jwt.decode(
                token, key, algorithms=list(ALGORITHMS), issuer=self.issuer, audience=self.audience, leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise _unauthenticated("token.invalid", "访问令牌无效或已过期。") from error
        if len(self._seen) >= _REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        bearer = _bearer(claims)
        self._seen[digest] = (bearer, float(claims["exp"]) + _LEEWAY, self._fetched)
        return bearer

    def _remembered(self, digest: bytes) -> Bearer | None:
        """While the keys are those it was verified with, and still trusted."""
        bearer, expires, fetched = self._seen.get(digest, _NEVER)
        fresh = fetched == self._fetched and time.monotonic() - fetched < _REFRESH
        return bearer if fresh and time.time() < expires else None

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
