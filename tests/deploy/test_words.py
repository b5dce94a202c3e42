"""The demo's report has a Chinese word for every event that the record of an application can hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from mangping.clock import BEIJING
from mangping_api.codes import CODES
from mangping_api.domain.application import MACHINE
from mangping_api.domain.publicity import Outcome

from deploy.local.templates import template
from deploy.local.words import EVENTS
from tests.conftest import ROOT

ROOMS = [ROOT / "services/api/mangping_api" / name for name in ("services", "storage")]
OTHER = {"Transient", "crash_at", "_log.info", "_log.warning"}  # what bears a name of the same shape
OUTCOMES = "application.objection_"  # an outcome comes behind it


def recorded() -> Iterator[str]:
    """What services record, by the names in their source."""
    for file in (file for room in ROOMS for file in room.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in OTHER]
        apart = {id(argument) for call in calls for argument in call.args}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
                yield from re.findall(r"\A(?:application|attachment|paper)\.[a-z_]+\Z", node.value)


def test_no_event_is_without_a_word() -> None:
    found = {*recorded(), *(edge.event for edge in MACHINE.edges.values())} - {*CODES}
    assert OUTCOMES in found
    expected = (found - {OUTCOMES}) | {f"{OUTCOMES}{outcome}" for outcome in get_args(Outcome)}
    assert sorted(EVENTS) == sorted(expected)
    assert [event for event, word in EVENTS.items() if word.isascii()] == []


def test_the_applicants_part_shows_the_words() -> None:
    shown = template("applicants.html.j2", standing_word=str)
    one = {
        "title": "甲", "pack": "p", "at": datetime(2024, 9, 10, 9, tzinfo=BEIJING), "pages": [],
        "timeline": {"deadlines": [], "events": [{"at": "2024-09-10T01:00:00+00:00", "event": event} for event in EVENTS]},
    }  # fmt: skip
    told = shown.render(done=[one], stages=[[]])
    assert re.findall(r"<td>2024-09-10 09:00</td><td>(.+)</td>", told) == list(EVENTS.values())
