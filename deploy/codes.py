"""`python -m deploy.codes`: write the api's closed list of problem codes, and each service's page about its own, from what
its source can answer. A row whose words the source puts together is kept as it stands on the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mangping_api.domain.application import MACHINE
from mangping_fees.domain import notice, refund

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "services/api/mangping_api/codes.py"
_KERNEL = ROOT / "shared/mangping"
_SHARED = (
    _KERNEL / "web.py", _KERNEL / "cursor.py", _KERNEL / "once.py",
    *(_KERNEL / "webhooks" / name for name in ("address.py", "endpoints.py", "routes.py")),
)  # fmt: skip
# Answered by the framework's own refusals.
_FRAME = {
    "token.missing", "token.invalid", "request.malformed", "route.unknown", "method.unknown", "body.too_large",
    "request.invalid", "service.unavailable", "service.error",
}  # fmt: skip
_RAISED = ("Refused", "NeedsHuman")
_HEAD = '''"""Every code that a problem document of the api can bear. Written by `python -m deploy.codes`; keep it in git."""

from __future__ import annotations

CODES: tuple[str, ...] = (
'''


@dataclass(frozen=True, slots=True)
class Codes:
    """What one service can answer: raised by its own source with a literal, or `made` of a noun and an ending."""

    sources: tuple[Path, ...]
    made: frozenset[str]
    file: Path

    def all(self) -> list[str]:
        return sorted({*self.made, *(code for tree in self._trees() for code, _ in _calls(tree))})

    def page(self, kept: str) -> str:
        """The page with a row for every code; `kept` is the page as it was. Raises KeyError for rows that must be written
        by hand first."""
        head = kept[: kept.index("| code | status |")]
        known = {line.split("`")[1]: line for line in kept.splitlines() if line.startswith("| `")}
        said = {code: row for tree in self._trees() for code, row in _rows(tree)}
        if lost := [code for code in self.all() if code not in {*said, *known}]:
            raise KeyError(f"write rows for: {', '.join(lost)}")
        rows = [said.get(code) or known[code] for code in self.all()]
        return head + "\n".join(["| code | status | title | remedy |", "|---|---|---|---|", *rows]) + "\n"

    def _trees(self) -> Iterator[ast.Module]:
        for place in self.sources:
            for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
                yield ast.parse(file.read_text("utf-8"))


API = Codes(
    (ROOT / "services/api/mangping_api", *_SHARED),
    frozenset({
        f"{MACHINE.name}.wrong_state", f"{MACHINE.name}.wrong_role", "section.if_match", "attachment.if_match",
        "webhook.if_match", *_FRAME,
    }),
    ROOT / "docs/api-error-codes.md",
)  # fmt: skip
FEES = Codes(
    (ROOT / "services/fees/mangping_fees", *_SHARED),
    frozenset({
        *(f"{one.MACHINE.name}.{ending}" for one in (notice, refund) for ending in ("wrong_state", "wrong_role")),
        "webhook.if_match", *_FRAME,
    }),
    ROOT / "docs/fees-error-codes.md",
)  # fmt: skip


def text() -> str:
    """The api's closed list, as a module."""
    return _HEAD + "".join(f'    "{code}",\n' for code in API.all()) + ")\n"


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISED and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, node


def _rows(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(code, row) of those whose words are plain in the source, directly or assigned right before."""
    assigned = _assigned(tree)
    for code, call in _calls(tree):
        words = call.args[1:3]
        if ast.unparse(call.func) == "NeedsHuman":
            yield code, f"| `{code}` | 409 | 此事需要人工处理。 | 请联系评审办公室。 |"
            continue
        told = [_word(word, assigned.get(call.lineno, {})) for word in words]
        status = next((key.value for key in call.keywords if key.arg == "status"), ast.Constant(422))
        if len(told) == 2 and all(told) and isinstance(status, ast.Constant) and isinstance(status.value, int):
            yield code, f"| `{code}` | {status.value} | {told[0]} | {told[1]} |"


def _word(word: ast.expr, names: Mapping[str, str]) -> str:
    if isinstance(word, ast.Constant) and isinstance(word.value, str):
        return word.value
    return names.get(word.id, "") if isinstance(word, ast.Name) else ""


def _assigned(tree: ast.AST) -> dict[int, dict[str, str]]:
    """{line of a call: {name: words}} for `message, remedy = "…", "…"` in the statements right before it."""
    found: dict[int, dict[str, str]] = {}
    for node in ast.walk(tree):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            names: dict[str, str] = {}
            for statement in body if isinstance(body, list) else ():
                if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
                    pairs = zip(statement.targets[0].elts, getattr(statement.value, "elts", ()), strict=False)
                    names |= {k.id: w for k, v in pairs if isinstance(k, ast.Name) and (w := _word(v, {}))}
                else:
                    for inner in ast.walk(statement):
                        if isinstance(inner, ast.Call) and names:
                            found.setdefault(inner.lineno, dict(names))
    return found


if __name__ == "__main__":
    LIST.write_text(text(), "utf-8")
    for service in (API, FEES):
        service.file.write_text(service.page(service.file.read_text("utf-8")), "utf-8")
