"""Imports obey the contracts in pyproject.toml."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

HEAVY = re.compile(r"^\s*(?:import|from) (cv2|openvino|onnxruntime|paddleocr|paddlex)\b", re.MULTILINE)
# What the eyes share of a page's pixels stands beside them; the report draws its thumbnails.
EYES = {"runtime.py", "readers", "finders", "stages", "area.py", "copies.py", "levels.py", "report.py"}
REDACTION = ROOT / "services/redaction-worker/mangping_redaction"


def test_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_only_the_eyes_of_the_worker_import_heavy_libraries() -> None:
    found = [path.relative_to(REDACTION) for path in REDACTION.rglob("*.py") if HEAVY.search(path.read_text())]
    assert [str(path) for path in found if path.parts[0] not in EYES] == []


def test_the_worker_s_door_opens_without_database_or_web() -> None:
    program = "import sys, mangping_redaction.worker; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlalchemy", "asyncpg", "alembic", "fastapi", "starlette", "uvicorn"} & set(loaded) == set()
