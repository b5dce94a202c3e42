"""`python -m mangping_fees.openapi [FILE]`: the OpenAPI description, to FILE or standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mangping_fees.main import build, describe


def text() -> str:
    """The description as it is kept in docs/openapi/fees.json."""
    return json.dumps(describe(build()), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def main(arguments: list[str]) -> None:
    if arguments:
        Path(arguments[0]).write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())


if __name__ == "__main__":
    main(sys.argv[1:])
