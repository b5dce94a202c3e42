"""The officer's guide is true: every request on its page is run, in its order, and answers what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import reduce
from typing import Any

from mangping.clock import BEIJING

from tests.api.reviewing import Tiers, at_work
from tests.conftest import ROOT, NewEnv

GUIDE = (ROOT / "docs/officer-guide.md").read_text("utf-8")
ROLES = {"school": "unit-3", "hr": "hr-1", "education": "education-1", "applicant": "gul"}


def steps() -> Iterator[list[str]]:
    """The lines of each request, or of each move of the clock."""
    for block in re.findall(r"```http\n(.*?)```", GUIDE, re.DOTALL):
        for part in block.strip().split("\n\n"):
            yield part.split("\n")


def at(told: Any, path: str) -> Any:
    return reduce(lambda held, key: held[int(key) if key.isdigit() else key], path.split("."), told)


class Reader:
    """Reads the page aloud to the service. `sheet` is the last one that was read: what it lists is judged item by item."""

    def __init__(self, tiers: Tiers, known: dict[str, str]) -> None:
        self.tiers, self.known, self.sheet = tiers, known, {}  # type: ignore[var-annotated]

    async def run(self, step: list[str]) -> list[str]:
        """What differs from the page; empty when nothing does."""
        if "/items/{item}" not in step[0]:
            return await self.once(step)
        wrong = []
        for one in self.sheet["items"]:
            self.known |= {"item": one["item"], "seen": one["seen"], one["item"].partition(".")[2]: one["seen"]}
            wrong += await self.once(step)
        return wrong

    async def once(self, step: list[str]) -> list[str]:
        who, method, path = self.filled(step[0]).split(" ", 2)
        headers = self.tiers.office.as_(ROLES.get(who, self.tiers.office.admin))
        lines = step[1:-1]
        if lines and lines[0].startswith("If-Match: "):
            headers["If-Match"] = lines.pop(0).removeprefix("If-Match: ")
        body = json.loads(self.filled("\n".join(lines))) if lines else None
        answer = await self.tiers.office.client.request(method, path, json=body, headers=headers)
        told, (status, *expected) = answer.json(), self.filled(step[-1].removeprefix("→ ")).split(" ")
        if answer.status_code != int(status):
            return [f"{step[0]}: {answer.status_code} {answer.text}"]
        if re.fullmatch(r"/v1/reviews/[0-9a-f-]{36}", path):
            self.sheet, self.known["all"] = told, told["seen"]
        return [line for one in expected if (line := self.differs(step[0], told, one))]

    def differs(self, step: str, told: Any, expected: str) -> str:
        name, _, value = expected.partition("=")
        if name.endswith(":"):
            self.known[name[:-1]] = str(at(told, value))
            return ""
        found = at(told, name)
        return "" if str(found) == value else f"{step}: {name} is {found}"

    def filled(self, text: str) -> str:
        return re.sub(r"\{([a-z_]+)\}", lambda found: self.known[found[1]], text)


async def test_every_request_of_the_guide_answers_as_it_says(new_env: NewEnv, token: Callable[..., str]) -> None:
    async with at_work(new_env, token) as (tiers, _):
        known = {
            "programme": str(tiers.programme), "bureau": str(tiers.bureaux[0]), "education": str(tiers.bureaux[1]),
            "application": str(await tiers.submitted("gul")),
        }  # fmt: skip
        reader, wrong, ran = Reader(tiers, known), [], 0
        for step in steps():
            if step[0].startswith("at "):
                tiers.clock.at = datetime.fromisoformat(step[0].removeprefix("at ")).replace(tzinfo=BEIJING)
            else:
                wrong += await reader.run(step)
                ran += 1
        assert (wrong, ran) == ([], len(re.findall(r"^→ ", GUIDE, re.MULTILINE)))
