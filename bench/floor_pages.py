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

    def priced(network: Any) -> float:
        """Network by network, so that no two hold a page's memory at once, and twice: the first time takes that memory."""
        tensors = [tensor for other, tensor in fed if other is network]
        for tensor in tensors:
            call(network, tensor)
        started = cpu()
        for tensor in tensors:
            call(network, tensor)
        spent = cpu() - started
        if network in rested:
            rest(network)
        return spent

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        started = cpu()
        redact(page, plan)
        spent = cpu() - started
        fed.clear()
        rested.clear()
        with patch.object(Network, "look", recorded), patch.object(Network, "rest", noted):
            redact(page, plan)
        bare = sum(map(priced, dict.fromkeys(network for network, _ in fed)))
        return None, {"redact": spent, "bare": bare, "inferences": len(fed)}

    return handle


if __name__ == "__main__":
    contestant(prepare)
