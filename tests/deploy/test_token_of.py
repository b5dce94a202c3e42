"""`make token`: whoever keeps the local stack up can be anybody there, and nobody else can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jwt

from deploy.local.stack import Stack
from deploy.local.token_of import SCOPES, SECRET, keep, kept
from tests.conftest import ROOT


def token(folder: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "deploy.local.token_of", "--folder", str(folder), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.strip()


def test_what_was_kept_is_read_back_and_is_the_owners_alone(tmp_path: Path) -> None:
    env = {"VAULT_KEYS": '{"current": "k1"}', "A": "it's $HOME\n", "EMPTY": ""}
    keep(tmp_path, env)
    assert kept(tmp_path) == env
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600
    told = subprocess.run(["sh", "-c", f'. {tmp_path}/env; printf %s "$A"'], capture_output=True, text=True)
    assert told.stdout == env["A"]


def test_a_person_is_given_a_token_while_the_stack_runs(own_stack: Stack, tmp_path: Path) -> None:
    assert token(tmp_path, "admin") == (1, "")
    assert own_stack.issuer is not None
    keep(tmp_path, {**own_stack.env, SECRET: own_stack.issuer.secret})
    status, given = token(tmp_path, "admin")
    claims = jwt.decode(given, options={"verify_signature": False})
    assert (status, claims["sub"], claims["client_id"], claims["scope"]) == (0, "admin", "", SCOPES)
    keep(tmp_path, {**own_stack.env, SECRET: "another"})
    assert token(tmp_path, "admin") == (1, "")
