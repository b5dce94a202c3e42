"""What travels or lies sealed may name somebody: an error about it says what is wrong, never what was written there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from mangping import contracts
from mangping_redaction import worker
from pydantic import BaseModel, ValidationError

SECRET = "古丽·买买提"
MODELS = sorted(
    {
        model
        for room in (contracts, worker)
        for model in vars(room).values()
        if isinstance(model, type)
        and issubclass(model, BaseModel)
        and model.__module__ == room.__name__
        and model.model_fields
    },
    key=lambda model: model.__name__,
)


def test_every_model_is_asked() -> None:
    asked = {model.__name__ for model in MODELS}
    assert {"FeeLine", "MaskBox", "RedactScan", "SealedIdentity", "SealedPayer", "Settings"} - asked == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_error_repeats_what_was_written(model: type[BaseModel]) -> None:
    fields = [field.validation_alias or field.alias or name for name, field in model.model_fields.items()]
    wrong = {str(field): [[SECRET]] for field in fields}
    ways: list[Callable[[], object]] = [
        lambda: model.model_validate(wrong),
        lambda: model.model_validate(SECRET),
        lambda: model.model_validate_json(json.dumps(wrong, ensure_ascii=False)),
        lambda: model.model_validate_json(f'{{"names": "{SECRET}"'),
    ]
    for way in ways:
        with pytest.raises(ValidationError) as caught:
            way()
        assert SECRET not in str(caught.value)
