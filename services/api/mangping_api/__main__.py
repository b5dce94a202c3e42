"""`python -m mangping_api`: the front door under uvicorn."""

from __future__ import annotations

from mangping import front

from mangping_api.main import build
from mangping_api.settings import settings


def main() -> None:
    front.serve(build(settings()), settings().bind)


if __name__ == "__main__":
    main()
