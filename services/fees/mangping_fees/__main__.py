"""`python -m mangping_fees`: the front door under uvicorn."""

from __future__ import annotations

import uvicorn
from mangping import logs

from mangping_fees.main import build
from mangping_fees.settings import settings


def main() -> None:
    logs.to_stderr()
    host, _, port = settings().bind.rpartition(":")
    uvicorn.run(
        build(settings()), host=host.strip("[]"), port=int(port), log_config=None, access_log=False, server_header=False
    )  # fmt: skip


if __name__ == "__main__":
    main()
