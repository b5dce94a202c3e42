"""The locks: every line pinned and hashed, no index named; an image installs what the workspace was tested with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    "requirements.lock", "services/api/requirements.lock", "services/redaction-worker/requirements.lock",
    "services/fees/requirements.lock",
)  # fmt: skip
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)")


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    blocks = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.M).strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    found = [PINNED.match(block) for block in blocks]
    return {match.group(1): match.group(2) for match in found if match}


@pytest.mark.parametrize("lock", [*LOCKS, "deploy/images/build.lock"])
def test_names_no_index_and_no_place(lock: str) -> None:
    assert re.findall(r"(?m)^-.*|https?://.*|file:.*| @ .*", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_a_service_installs_what_the_workspace_was_tested_with(lock: str) -> None:
    whole = pins(LOCKS[0])
    assert {name: version for name, version in pins(lock).items() if whole.get(name) != version} == {}


def test_no_service_carries_what_it_must_not() -> None:
    api, worker, fees = (pins(lock) for lock in LOCKS[1:])
    assert {"paddlepaddle", "sqlalchemy", "asyncpg", "fastapi", "uvicorn"} & set(worker) == set()
    assert {"paddleocr", "onnxruntime", "openvino", "opencv-python-headless", "numpy"} & (set(api) | set(fees)) == set()
