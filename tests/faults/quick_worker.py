"""The real worker process with a pipeline of no weight: two pages, each of which tells which run made it.

A scan may ask for trouble: `slow` waits a while at each page, `poison` kills the process as a broken decoder would.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from uuid import uuid4

from mangping_redaction.page import Ask, Rendition
from mangping_redaction.worker import main


def redact(untrusted: bytes, ask: Ask, *, image_format: str = "jpg") -> Iterator[Rendition]:
    assert ask.identity.names == ("古丽·买买提",)
    run = uuid4().hex
    for page in (1, 2):
        if untrusted == b"poison":
            os._exit(139)
        if untrusted == b"slow":
            time.sleep(1)
        record = {
            "width": 1, "height": 1, "orientation_degrees": 0, "skew_degrees": 0.0, "clarity": {"clear": True},
            "verified": True, "needs_human": [], "findings": [], "models": {"run": run},
        }  # fmt: skip
        yield Rendition(page, f"page {page} of run {run}".encode(), record)


if __name__ == "__main__":
    main(redact)
