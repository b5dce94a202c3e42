"""The unit's guide is true: every request on its page is run, in its order, and answers what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from mangping_api.wiring import Context

from tests.api.reviewing import Tiers
from tests.api.test_attachments import JPEG, redacted
from tests.api.unit_duties import beijing, school
from tests.conftest import ROOT, Env

GUIDE = (ROOT / "docs/unit-guide.md").read_text("utf-8")
ROLES = {"school": "unit-3", "bureau": "root-1", "nobody": ""}


def steps() -> Iterator[list[str]]:
    """The lines of each request, or of each move of the clock."""
    for block in re.findall(r"```http\n(.*?)```", GUIDE, re.DOTALL):
        for part in block.strip().split("\n\n"):
            yield part.split("\n")


async def run(tiers: Tiers, step: list[str], known: dict[str, str]) -> str:
    """What differs from the page; empty when nothing does."""
    who, method, path = _filled(step[0], known).split(" ", 2)
    status, *told = step[-1].removeprefix("→ ").split(" ")
    body = _filled("\n".join(step[1:-1]), known)
    headers = tiers.office.as_(ROLES[who]) if ROLES[who] else {"Authorization": "", "Accept": "application/json"}
    sent: dict[str, Any] = {"json": json.loads(body) if body and not body.startswith("< ") else None}
    if body.startswith("< "):
        sent, headers = {"content": JPEG}, headers | {"Content-Type": "application/octet-stream"}
    answer = await tiers.office.client.request(method, path, headers=headers, **sent)
    if answer.status_code != int(status):
        return f"{step[0]}: {answer.status_code} {answer.text}"
    for name, _, value in (one.partition("=") for one in told):
        if name == "id":
            known[value] = answer.json()["id"]
            if body.startswith("< "):
                await redacted(tiers.office.context, known[value])
        elif str(answer.json()[name]) != value:
            return f"{step[0]}: {name} is {answer.json()[name]}"
    return ""


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: known[found[1]], text)


async def test_every_request_of_the_guide_answers_as_it_says(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00") as tiers:
        await tiers.office.officer("root-1", "authority", tiers.office.root)
        known = {
            "school": str(tiers.office.school), "programme": str(tiers.programme), "root": str(tiers.office.root),
            "application": str(await tiers.submitted("gul")),
        }  # fmt: skip
        wrong = []
        for step in steps():
            if step[0].startswith("at "):
                tiers.clock.at = beijing(step[0].removeprefix("at "))
            else:
                wrong.append(await run(tiers, step, known))
        assert ([one for one in wrong if one], len(wrong)) == ([], GUIDE.count("→ "))
