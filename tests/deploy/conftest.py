"""A stack of this folder's own: its servers are killed, and its database gets roles."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="mangping-") as folder, Stack.start(Path(folder), durable=False) as stack:
        yield stack
