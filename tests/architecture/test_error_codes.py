"""The api's problem codes are a closed list: docs/api-error-codes.md names each one that the code can answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mangping_api.domain.application import MACHINE

from tests.conftest import ROOT

SOURCES = (ROOT / "services/api/mangping_api", ROOT / "shared/mangping/web.py")
PAGE = ROOT / "docs/api-error-codes.md"
# Made of a noun and an ending, or answered by the framework's own refusals.
MADE = {
    f"{MACHINE.name}.wrong_state", f"{MACHINE.name}.wrong_role", "section.if_match", "attachment.if_match",
    "token.missing", "token.invalid", "request.malformed", "route.unknown", "method.unknown", "body.too_large",
    "request.invalid", "service.unavailable", "service.error",
}  # fmt: skip


def refused() -> Iterator[str]:
    for place in SOURCES:
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                called = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "NeedsHuman")
                if called and node.args and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                    yield str(node.args[0].value)  # type: ignore[attr-defined]


def test_every_code_is_documented_and_none_is_left_over() -> None:
    told = re.findall(r"^\| `([a-z_.]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert told == sorted({*refused(), *MADE})
