"""The templates of the demo's report, which lie beside this file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from mangping.clock import BEIJING, WEEKDAYS, until

from deploy.local.words import EVENTS, word


def template(name: str, **filters: Callable[..., str]) -> Template:
    """With `beijing`, `begins`, `ends` and `event_word` beside its own filters. What is not given to it is an error, never a blank."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "beijing": _beijing,
        "begins": _begins,
        "ends": _ends,
        "event_word": lambda event: word(EVENTS, event),
        **filters,
    }
    return environment.get_template(name)


def _beijing(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _begins(at: str) -> str:
    begun = datetime.fromisoformat(at).astimezone(BEIJING)
    return f"{begun.year}年{begun.month}月{begun.day}日（星期{WEEKDAYS[begun.weekday()]}）{begun:%H:%M}"


def _ends(at: str) -> str:
    return until(datetime.fromisoformat(at), whole=True)
