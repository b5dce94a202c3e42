"""Every sealed column of the schema, under the name it is sealed by; what is not here no change of keys reaches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mangping.reseal import Sealed
from mangping.vault import Keys

from mangping_api import tables
from mangping_api.storage.people import digests, id_number_digests

_OF_APPLICATION = ("deliberations", "teaching_loads", "hand_ins")


def _entry(keys: Keys, opened: Mapping[str, str]) -> Mapping[str, Any]:
    return {"id_number_digests": id_number_digests(keys, json.loads(opened["who"])["id_number"])}


def _row(table: str, *columns: str) -> Mapping[str, str]:
    return {column: f"{table}.{column}/{{id}}" for column in columns}


# Entries of the register first: they know people by the digests of each key, so that a ban holds at every moment of it.
SEALED: tuple[Sealed, ...] = (
    Sealed(
        tables.integrity_entries,
        {
            **_row("integrity_entries", "who", "words", "appeal"),
            "appeal_answer": "integrity_entries.answer/{id}",
        },
        _entry,
    ),
    Sealed(tables.people, _row("people", "name", "former_names", "id_number", "phone", "facts"), digests),
    Sealed(tables.application_sections, {"content": "application_sections.content/{application_id}/{section}"}),
    Sealed(tables.submissions, {"sections": "submissions/{application_id}"}),
    Sealed(tables.verdicts, {"defect": "verdicts/{application_id}"}),
    Sealed(tables.sign_offs, {"texts": "sign_offs/{application_id}"}),
    Sealed(tables.returns, {"defects": "returns/{application_id}"}),
    Sealed(tables.review_groups, _row("review_groups", "members")),
    *(
        Sealed(tables.metadata.tables[f"{tables.SCHEMA}.{name}"], {"content": f"{name}.content/{{application_id}}"})
        for name in _OF_APPLICATION
    ),
    Sealed(tables.recommendations, {"reason": "recommendations.reason/{application_id}"}),
    Sealed(tables.postings, _row("postings", "page", "contact")),
    Sealed(tables.objections, _row("objections", "content")),
    Sealed(tables.unit_matters, _row("unit_matters", "words")),
    Sealed(tables.complaints, _row("complaints", "content", "decision")),
    Sealed(tables.hooks.secrets, _row("webhook_secrets", "sealed")),
)  # fmt: skip
