"""A small OpenID Connect issuer for the local stack only: discovery, JWKS, and tokens for whoever knows the secret.

Runs as its own process (`python -m deploy.local.issuer`), signs ES256 with a key made at start, and ends when the
process that started it does. It has no users, no consent and no refresh: production brings its own issuer.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode
from urllib.request import ProxyHandler, Request, build_opener

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

KEY_ID = "local-1"
LIFETIME_S = 3600
MAX_LIFETIME_S = 86_400
MAX_BODY = 16_384
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Issuer:
    """The running issuer as its starter sees it."""

    url: str
    secret: str
    process: subprocess.Popen[str]

    @classmethod
    def start(cls) -> Issuer:
        """Start the process; it picks its own port and says where it is on its first line."""
        secret = secrets.token_urlsafe(24)
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.issuer"],
            cwd=_ROOT, env={**os.environ, "ISSUER_SECRET": secret},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"the token issuer ended with status {process.wait()} before it was ready")
        return cls(url, secret, process)

    def token(self, subject: str, scope: str, audience: str, claims: Mapping[str, object]) -> str:
        return ask(self.url, self.secret, subject, scope, audience, claims)

    def stop(self) -> None:
        """Closing its input is the sign to end."""
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def ask(url: str, secret: str, subject: str, scope: str, audience: str, claims: Mapping[str, object]) -> str:
    """A token of a running issuer, over HTTP as any client would."""
    form = {
        "grant_type": "client_credentials", "client_id": subject, "client_secret": secret,
        "scope": scope, "audience": audience, "claims": json.dumps(dict(claims)),
    }  # fmt: skip
    request = Request(f"{url}/token", urlencode(form).encode())
    # Never through a proxy of the machine: the issuer is on loopback.
    with build_opener(ProxyHandler({})).open(request, timeout=10) as reply:
        return str(json.load(reply)["access_token"])


def sign(key: ec.EllipticCurvePrivateKey, issuer: str, form: Mapping[str, str], now: int) -> dict[str, Any]:
    """The reply of the token endpoint; `claims` (a JSON object) overrides anything, so tests can ask for bad tokens."""
    lifetime = min(int(form.get("expires_in") or LIFETIME_S), MAX_LIFETIME_S)
    claims = {
        "iss": issuer, "aud": form.get("audience", ""), "sub": form["client_id"], "client_id": form["client_id"],
        "scope": form.get("scope", ""), "iat": now, "nbf": now, "exp": now + lifetime, "jti": secrets.token_hex(16),
        **json.loads(form.get("claims") or "{}"),
    }  # fmt: skip
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": KEY_ID})
    return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "scope": claims["scope"]}


def jwks(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public half, as verifiers fetch it."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}


def discovery(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer, "jwks_uri": f"{issuer}/jwks.json", "token_endpoint": f"{issuer}/token",
        "grant_types_supported": ["client_credentials"], "response_types_supported": ["token"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }  # fmt: skip


def make_server(secret: str) -> ThreadingHTTPServer:
    """Bound to a free port of 127.0.0.1; the caller serves it."""
    key = ec.generate_private_key(ec.SECP256R1())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {"/.well-known/openid-configuration": discovery(issuer), "/jwks.json": jwks(key)}
            page = pages.get(self.path)
            self._reply(200 if page else 404, page or {"error": "not_found"})

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if self.path != "/token" or not 0 < size <= MAX_BODY:
                return self._reply(404, {"error": "not_found"})
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
            known = hmac.compare_digest(form.get("client_secret", ""), secret) and bool(form.get("client_id"))
            if form.get("grant_type") != "client_credentials" or not known:
                return self._reply(401, {"error": "invalid_client"})
            try:
                reply = sign(key, issuer, form, int(time.time()))
            except ValueError:
                return self._reply(400, {"error": "invalid_request"})
            return self._reply(200, reply)

        def _reply(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent: request lines would only tell who asked for a token."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer = f"http://127.0.0.1:{server.server_address[1]}"
    return server


def main() -> int:
    """Serve until the starter closes our input (or ends, which closes it too)."""
    server = make_server(os.environ["ISSUER_SECRET"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.read()
    server.shutdown()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
