"""The api's problem codes are a closed list: in the code, in the OpenAPI document and on the page for people."""

from __future__ import annotations

import re

from mangping_api.codes import CODES
from mangping_api.main import build, describe

from deploy.codes import LIST, MADE, raised, text
from tests.conftest import ROOT

PAGE = ROOT / "docs/api-error-codes.md"


def test_every_code_is_documented_and_none_is_left_over() -> None:
    told = re.findall(r"^\| `([a-z_.]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert told == sorted({*raised(), *MADE})


def test_the_list_is_what_the_source_can_answer() -> None:
    assert LIST.read_text("utf-8") == text(), "run: python -m deploy.codes"


def test_the_description_names_exactly_these() -> None:
    assert describe(build())["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(CODES)
