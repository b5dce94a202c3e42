"""Each service's problem codes are on its page for people, in the words of its source; the api's are a closed list besides:
in the code and in the OpenAPI document."""

from __future__ import annotations

import re

import pytest
from mangping_api.codes import CODES
from mangping_api.main import build, describe

from deploy.codes import API, FEES, LIST, Codes, text


@pytest.mark.parametrize("service", [API, FEES], ids=["api", "fees"])
def test_every_code_is_documented_and_none_is_left_over(service: Codes) -> None:
    told = re.findall(r"^\| `([a-z_.]+)` \| [0-9]{3} \|", service.file.read_text("utf-8"), re.MULTILINE)
    assert told == service.all()


@pytest.mark.parametrize("service", [API, FEES], ids=["api", "fees"])
def test_the_page_says_what_the_source_says(service: Codes) -> None:
    kept = service.file.read_text("utf-8")
    assert kept == service.page(kept), "run: python -m deploy.codes"


def test_the_list_is_what_the_source_can_answer() -> None:
    assert LIST.read_text("utf-8") == text(), "run: python -m deploy.codes"


def test_the_description_names_exactly_these() -> None:
    assert describe(build())["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(CODES)
