"""From a rule id to the words it stands on: notice, article and a verbatim quote of a public notice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """One rule of one notice; `quote` is verbatim."""

    rule: str
    notice: str
    title: str
    article: str
    quote: str

    def __str__(self) -> str:
        return f"{self.rule}《{self.title}》{self.article}：“{self.quote}”"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every rule that may be cited, by id."""

    rules: Mapping[str, Citation]

    @classmethod
    def parse(cls, text: str) -> Catalogue:
        """From rules.json. Raises KeyError or ValueError for a file that is not one."""
        held = json.loads(text)
        titles = {name: notice["title"] for name, notice in held["notices"].items()}
        rules = (Citation(r["id"], r["notice"], titles[r["notice"]], r["article"], r["quote"]) for r in held["rules"])
        return cls({rule.rule: rule for rule in rules})

    def of(self, notice: str) -> tuple[Citation, ...]:
        return tuple(rule for rule in self.rules.values() if rule.notice == notice)

    def get(self, ids: Iterable[str]) -> tuple[Citation, ...]:
        return tuple(self.rules[rule] for rule in ids)

    def plus(self, more: Iterable[Citation]) -> Catalogue:
        """With the rules that a pack for a new notice brings along; its own ids never shadow the catalogue's."""
        return Catalogue({**{rule.rule: rule for rule in more}, **self.rules})
