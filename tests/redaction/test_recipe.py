"""However the process ends that PaddleOCR is asked in, the worker stays, and says the same thing about it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from mangping.errors import Transient
from mangping_redaction.readers import recipe

ASKED_ANEW = recipe.recipe.__wrapped__
ANSWER = '{"threshold": 0.2, "unclip": 1.4, "most": 3000, "characters": {}}'


def _stands_in(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that runs in place of Python."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize(
    "script",
    ["kill -9 $$", "exit 3", "exec sleep 9", "echo", "echo {", "echo 7", "echo '{}'", "head -c 4 /dev/urandom", None],
    ids=["killed", "fails", "hangs", "is silent", "breaks off", "a number", "lacks keys", "no text", "not there"],
)
def test_a_process_that_does_not_answer_is_one_stable_error(
    script: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "SECONDS", 0.5)
    if script is None:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    else:
        _stands_in(script, tmp_path, monkeypatch)
    with pytest.raises(Transient) as caught:
        ASKED_ANEW()
    assert caught.value.args == ("reader.unavailable",)


def test_its_home_and_its_session_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    _stands_in(
        f"echo $HOME $$ $(cut -d' ' -f6 /proc/$$/stat) > {told}; touch $HOME/x; echo '{ANSWER}'", tmp_path, monkeypatch
    )
    assert ASKED_ANEW() == recipe.Recipe(0.2, 1.4, 3000, {})
    home, process, session = told.read_text().split()
    assert session == process
    assert home != os.environ.get("HOME")
    assert not Path(home).exists()
