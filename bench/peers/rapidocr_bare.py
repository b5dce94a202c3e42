"""Speed reference: RapidOCR with its defaults merely reads the page; nothing is covered. One thread."""

from __future__ import annotations

from typing import Any

from bench.lane import Handle, Json, contestant


def reader(**more: Any) -> Any:
    """RapidOCR as installed, on one thread so that CPU seconds mean work and not spinning."""
    import cv2
    from rapidocr import RapidOCR  # type: ignore[import-not-found, unused-ignore]

    cv2.setNumThreads(1)
    one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={**one, "Global.log_level": "error", **more})


def _prepare() -> Handle:
    read = reader()

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        read(page["path"])
        return None, {}

    return handle


if __name__ == "__main__":
    contestant(_prepare)
