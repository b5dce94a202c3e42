"""The locks: every line pinned and hashed, no index named; an image installs what the workspace was tested with."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
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


OWN = {"mangping", "mangping_api", "mangping_fees", "mangping_redaction"}
SERVICES = {
    "services/api": ("mangping_api", "services/api/requirements.lock"),
    "services/fees": ("mangping_fees", "services/fees/requirements.lock"),
    "services/redaction-worker": ("mangping_redaction", "services/redaction-worker/requirements.lock"),
}


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, at its head or later."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def source(module: str) -> Path | None:
    """The file of the longest beginning of a dotted name that is a module of ours."""
    folders = {"mangping": ROOT / "shared", **{name: ROOT / folder for folder, (name, _) in SERVICES.items()}}
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        path = folders[parts[0]].joinpath(*parts[:end])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def foreign(package: Path) -> set[str]:
    """Top-level names of other people's packages that a service imports, the kernel's modules it uses included."""
    seen, waiting, found = set[Path](), list(package.rglob("*.py")), set[str]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for module in imported(file):
            if (top := module.partition(".")[0]) not in OWN:
                found.add(top)
            elif used := source(module):
                waiting.append(used)
    return found - sys.stdlib_module_names - {"__future__"}


def missing(service: str, lock: str) -> set[str]:
    pinned, known = pins(lock), packages_distributions()
    names = {name: known.get(name, []) for name in foreign(ROOT / service / SERVICES[service][0])}
    return {name for name, dists in names.items() if not {d.lower().replace("_", "-") for d in dists} & set(pinned)}


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_every_package_that_its_service_imports(service: str) -> None:
    assert missing(service, SERVICES[service][1]) == set()


def test_a_package_that_an_image_lacks_is_told() -> None:
    heavy = {"cv2", "numpy", "openvino", "pypdfium2"}
    assert missing("services/redaction-worker", SERVICES["services/fees"][1]) & heavy == heavy
