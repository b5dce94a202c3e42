"""A contestant that prices the inference alone: redact a page, then replay the very tensors it fed its networks, bare.

Each page's record holds {"redact": CPU s of the whole redaction, "bare": CPU s of the same inferences and nothing else,
"inferences": how many}.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np

from bench import run_pages
from bench.lane import Handle, Json, contestant, cpu


def prepare() -> Handle:
    redact = run_pages.prepare()
    from mangping_redaction.runtime import Network

    fed: list[tuple[Any, Any]] = []
    rested: set[Any] = set()
    call, rest = Network.look, Network.rest

    def recorded(network: Any, tensor: Any) -> Any:
        fed.append((network, np.ascontiguousarray(tensor).copy()))
        return call(network, tensor)

    def noted(network: Any) -> None:
        rested.add(network)
        rest(network)

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        started = cpu()
        redact(page, plan)
        spent = cpu() - started
        fed.clear()
        rested.clear()
        with patch.object(Network, "look", recorded), patch.object(Network, "rest", noted):
            redact(page, plan)
        for network, tensor in fed:
            call(network, tensor)  # takes the memory that networks handed back: the floor is what follows
        started = cpu()
        for network, tensor in fed:
            call(network, tensor)
        bare = cpu() - started
        for network in rested:
            rest(network)  # what the replay left would make the next page short of memory
        return None, {"redact": spent, "bare": bare, "inferences": len(fed)}

    return handle


if __name__ == "__main__":
    contestant(prepare)
