"""`python -m mangping_fees`: the front door under uvicorn."""

from __future__ import annotations

import gc

import uvicorn
from mangping import logs

from mangping_fees.main import build
from mangping_fees.settings import settings


def main() -> None:
    logs.to_stderr()
    host, _, port = settings().bind.rpartition(":")
    app = build(settings())
    gc.freeze()  # a full collection walks what has come since, not two hundred thousand objects of modules and routes
    uvicorn.run(
        app, host=host.strip("[]"), port=int(port), log_config=None, access_log=False, server_header=False
    )  # fmt: skip


if __name__ == "__main__":
    main()
