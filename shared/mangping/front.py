"""A front door under uvicorn, as every service opens it."""

from __future__ import annotations

import gc

import uvicorn
from fastapi import FastAPI

from mangping import logs


def serve(app: FastAPI, bind: str) -> None:
    """Until it is told to end; `bind` is `host:port`."""
    logs.to_stderr()
    host, _, port = bind.rpartition(":")
    gc.freeze()  # a full collection walks what has come since, not two hundred thousand objects of modules and routes
    uvicorn.run(app, host=host.strip("[]"), port=int(port), log_config=None, access_log=False, server_header=False)
