"""Every notice takes an applicant in by its own pack: loaded over the API, begun, told all that is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import jsonschema
from mangping.clock import BEIJING
from mangping.policy import load
from mangping_api.main import build
from mangping_api.storage.programmes import catalogue
from mangping_api.wiring import Context

from tests.api.office import Clock, load_pack, open_office
from tests.conftest import ROOT, Env, settings_of

PACKS = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "services/api/policy").glob("*.yaml"))}


async def test_every_pack_is_begun_and_told_what_is_missing(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    clock = Clock(datetime(2024, 1, 1, tzinfo=BEIJING))
    dated = replace(context, now=clock)
    app = build(settings_of(env), context=dated)
    begun = []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        office = await open_office(client, dated, token)
        await office.register("everyone")
        for name, text in PACKS.items():
            pack = load(text, name, catalogue()).pack
            opens = next(one.opens for one in pack.windows if "submit" in one.acts and one.opens)
            clock.at = datetime.fromisoformat(opens).replace(tzinfo=BEIJING) + timedelta(hours=9)
            id = await load_pack(office, text)
            jsonschema.Draft202012Validator.check_schema(
                (await office.get("everyone", f"/v1/programmes/{id}/form")).json()
            )
            body = {"programme": str(id), "kind": pack.kinds[0].kind, "level": pack.kinds[0].level}
            made = await office.post("everyone", "/v1/applications", body)
            assert made.status_code == 201, (name, made.text)
            where = f"/v1/applications/{made.json()['id']}"
            told = (await office.get("everyone", f"{where}/findings")).json()
            assert told["blocking"] > 0, name
            assert [one for one in told["items"] if not one["rules"] or not one["message"] or not one["remedy"]] == []
            refused = await office.post("everyone", f"{where}/submit")
            assert (refused.json()["code"], refused.json()["findings"]) == ("application.defective", told["items"])
            line = (await office.get("everyone", f"{where}/timeline")).json()["deadlines"]
            assert [one["kind"] for one in line if not one["trace"] or not one["rules"]] == []
            assert [one["on_end"] for one in line].count("lapse") == 1
            begun.append(name)
    assert begun == sorted(PACKS)
