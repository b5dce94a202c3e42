"""`python -m deploy.codes`: write the api's closed list of problem codes from what its source can answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mangping_api.domain.application import MACHINE

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "services/api/mangping_api/codes.py"
_KERNEL = ROOT / "shared/mangping"
SOURCES = (
    ROOT / "services/api/mangping_api", _KERNEL / "web.py", _KERNEL / "cursor.py", _KERNEL / "once.py",
    *(_KERNEL / "webhooks" / name for name in ("address.py", "endpoints.py", "routes.py")),
)  # fmt: skip
# Made of a noun and an ending, or answered by the framework's own refusals.
MADE = {
    f"{MACHINE.name}.wrong_state", f"{MACHINE.name}.wrong_role", "section.if_match", "attachment.if_match",
    "token.missing", "token.invalid", "request.malformed", "route.unknown", "method.unknown", "body.too_large",
    "request.invalid", "service.unavailable", "service.error",
}  # fmt: skip
_RAISED = ("Refused", "NeedsHuman")
_HEAD = '''"""Every code that a problem document of the api can bear. Written by `python -m deploy.codes`; keep it in git."""

from __future__ import annotations

CODES: tuple[str, ...] = (
'''


def raised() -> set[str]:
    """The codes that the source raises with a literal."""
    files = (file for place in SOURCES for file in ([place] if place.is_file() else sorted(place.rglob("*.py"))))
    return {code for file in files for code in _codes(ast.parse(file.read_text("utf-8")))}


def text() -> str:
    return _HEAD + "".join(f'    "{code}",\n' for code in sorted({*raised(), *MADE})) + ")\n"


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISED and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


if __name__ == "__main__":
    LIST.write_text(text(), "utf-8")
