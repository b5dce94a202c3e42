"""A real PostgreSQL, a real Valkey, a folder as object store and a token issuer, started for one folder.

`Stack.start(folder)` gives what the services read from their environment; `stop()` ends what was started here.
A server named in `external` (DATABASE_URL, VALKEY_URL, OBJECT_STORE_URL, OIDC_ISSUER) is used as it is, not started.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from deploy.local.issuer import Issuer
from deploy.local.servers import Postgres, Valkey, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

AUDIENCE = "mangping"


class StackInUse(RuntimeError):
    """Another process already runs a stack in this folder."""


@dataclass
class Stack:
    """A running stack. `env` holds exactly what the services read; nothing else needs to be passed to them."""

    folder: Path
    env: dict[str, str]
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    issuer: Issuer | None = None
    _lock: TextIO | None = field(default=None, repr=False)

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        persist_valkey: bool = True,
        durable: bool = True,
        external: Mapping[str, str] | None = None,
    ) -> Self:
        """Start every server that `external` does not name. `durable=False` lets PostgreSQL skip fsync (tests)."""
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        outside = external or {}
        stack = cls(folder, {}, _lock=_hold(folder / "stack.lock"))
        try:
            stack.env = {
                "DATABASE_URL": outside.get("DATABASE_URL") or stack._start_postgres(durable),
                "VALKEY_URL": outside.get("VALKEY_URL") or stack._start_valkey(persist_valkey),
                "OBJECT_STORE_URL": outside.get("OBJECT_STORE_URL") or _object_folder(folder / "objects"),
                "VAULT_KEYS": outside.get("VAULT_KEYS") or _vault_keys(folder / "vault-keys.json"),
                "OIDC_ISSUER": outside.get("OIDC_ISSUER") or stack._start_issuer(),
                "OIDC_AUDIENCE": outside.get("OIDC_AUDIENCE") or AUDIENCE,
                "MANGPING_BIND": outside.get("MANGPING_BIND") or f"127.0.0.1:{free_port()}",
            }
        except BaseException:
            stack.stop()
            raise
        return stack

    def token(self, subject: str = "local-integrator", scope: str = "", **claims: object) -> str:
        """A bearer token of the local issuer. RuntimeError when the issuer is somebody else's."""
        if self.issuer is None:
            raise RuntimeError("OIDC_ISSUER names an outside issuer: take the token from there")
        return self.issuer.token(subject, scope, self.env["OIDC_AUDIENCE"], claims)

    def kill_valkey(self, *, lose_data: bool = False) -> None:
        """kill -9, as a machine that loses power would; with `lose_data` its disk is gone too."""
        assert self.valkey is not None, "this stack does not own its Valkey"
        self.valkey.kill(lose_data=lose_data)

    def restart_valkey(self) -> None:
        """The same port and folder again: clients reconnect without being told."""
        assert self.valkey is not None, "this stack does not own its Valkey"
        self.valkey.start()

    def stop(self) -> None:
        """End what this stack started; safe to call twice."""
        endings: list[Callable[[], None]] = [part.stop for part in (self.issuer, self.valkey, self.postgres) if part]
        with contextlib.ExitStack() as all_of_them:
            if self._lock is not None:
                all_of_them.callback(self._lock.close)
            for ending in endings:
                all_of_them.callback(ending)
        self.issuer = self.valkey = self.postgres = self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_postgres(self, durable: bool) -> str:
        self.postgres = Postgres(self.folder / "postgres", durable=durable)
        return self.postgres.start()

    def _start_valkey(self, persist: bool) -> str:
        self.valkey = Valkey(self.folder / "valkey", persist=persist)
        return self.valkey.start()

    def _start_issuer(self) -> str:
        self.issuer = Issuer.start()
        return self.issuer.url


def _hold(path: Path) -> TextIO:
    """One stack per folder: two would share one database folder and one append-only file."""
    handle = path.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise StackInUse(f"a stack already runs in {path.parent}") from None
    return handle


def _object_folder(path: Path) -> str:
    path.mkdir(mode=0o700, exist_ok=True)
    return path.as_uri()


def _vault_keys(path: Path) -> str:
    """Random keys, made once per folder: what was sealed yesterday must open today."""
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"current": "k1", "keys": {"k1": key}}, file)
    return path.read_text()
