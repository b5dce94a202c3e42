"""Nothing that the worker can say is shown to people raw."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import mangping.identity
import mangping_redaction
from mangping_redaction import words
from mangping_redaction.page import CLASSES
from mangping_redaction.pipeline import STAGES
from mangping_redaction.stages.clarity import REASONS

HERE = Path(mangping_redaction.__file__).parent
WORKER = [ast.parse(file.read_text("utf-8")) for file in sorted(HERE.rglob("*.py")) if file.name != "words.py"]
FINDERS = [ast.parse(file.read_text("utf-8")) for file in sorted(HERE.glob("finders/**/*.py"))]
IDENTITY = [ast.parse(file.read_text("utf-8")) for file in sorted(Path(mangping.identity.__path__[0]).glob("*.py"))]
PHRASE = re.compile(r"[a-z0-9-]+(?:,? [a-zA-Z0-9'-]+)+")


def _text(node: ast.AST, tree: ast.Module) -> Iterator[str]:
    """String constants in an expression, those among them that have a name in the module."""
    named = {
        target.id: one.value for one in tree.body if isinstance(one, ast.Assign) for target in one.targets
        if isinstance(target, ast.Name)
    }  # fmt: skip
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in named:
            part = named[part.id]
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _phrases(tree: ast.Module) -> Iterator[str]:
    said = {id(part) for one in ast.walk(tree) if isinstance(one, ast.Raise) for part in ast.walk(one)}
    said |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in said else None
        if isinstance(text, str) and PHRASE.fullmatch(text):
            yield text.removesuffix(", misread")


def test_every_reason_of_a_finding_has_chinese_words() -> None:
    phrases = {phrase for tree in (*FINDERS, *IDENTITY) for phrase in _phrases(tree)}
    assert {"the number itself", "red print", "coloured ring"} <= phrases
    assert phrases - words.WHYS.keys() == set()
    said = phrases | {phrase for tree in WORKER for phrase in _phrases(tree)}
    assert {why for why in words.WHYS if " " in why} - said == set()  # nor words for what nobody says any more
    assert words.reason("value behind a label: id_number") == "“证件号码”一栏的内容"
    assert words.reason("unit, misread") == "单位全称（识读有出入）"


def test_every_doubt_has_chinese_words() -> None:
    found = {
        text for tree in WORKER for call in ast.walk(tree) if isinstance(call, ast.Call)
        for given in call.keywords if given.arg == "doubts" for text in _text(given.value, tree)
    }  # fmt: skip
    found |= {
        text for tree in WORKER for one in ast.walk(tree) if isinstance(one, ast.Assign)
        if any(isinstance(target, ast.Name) and target.id == "doubts" for target in one.targets)
        for text in _text(one.value, tree)
    }  # fmt: skip
    assert {"nothing_readable", "mask_removed", "photo_without_face", "not_clear"} <= found
    assert found - words.DOUBTS.keys() == set()


def test_every_finder_class_stage_and_measure_has_chinese_words() -> None:
    finders = {
        text for tree in WORKER for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding"
        and len(call.args) > 3 for text in _text(call.args[3], tree)
    }  # fmt: skip
    assert {"identity", "label", "seal", "applicant"} <= finders
    assert finders - words.FINDERS.keys() == set()
    assert {*CLASSES, "unreadable"} == words.CLASSES.keys() == words.COLOURS.keys()
    assert {"decode", *(name for name, _ in STAGES), "verify"} == words.STAGES.keys()
    assert {reason for reason, _ in REASONS.values()} == words.CLARITY.keys()
    assert REASONS.keys() == words.MEASURES.keys()
