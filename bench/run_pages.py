"""Our own contestant: the library's `redact` over a plan of pages, one thread. Run by `bench.lane.run`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.lane import Handle, Json, contestant


def prepare() -> Handle:
    """Load the library; the handler keeps to the first page of a source."""
    import cv2
    from mangping.identity import Identity
    from mangping_redaction.page import Ask
    from mangping_redaction.pipeline import redact

    cv2.setNumThreads(1)

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        identity = Identity(**{key: tuple(values) for key, values in page["identity"].items()})
        ask = Ask(identity, third_parties=page["third_parties"])
        if plan["classes"]:
            ask = replace(ask, classes=frozenset(plan["classes"]))
        rendition = next(iter(redact(Path(page["path"]), ask)))
        return rendition.image, rendition.record

    return handle


if __name__ == "__main__":
    contestant(prepare)
