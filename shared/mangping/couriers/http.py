"""A provider behind one HTTP endpoint: POST {"key", "channel", "to", "text"} -> 202 {"id": "…"}, or 422 when it cannot.

The provider reports what became of a message through the delivery report route of the service that sent it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import httpx

from mangping.couriers.base import Accepted, Unclear, Undeliverable, Way

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class HttpCourier:
    url: str
    token: str = field(repr=False)

    async def send(
        self, key: UUID, way: Way, address: str, text: str, *, title: str = ""
    ) -> Accepted | Undeliverable | Unclear:
        told = {"key": str(key), "channel": way.value, "to": address, "text": text}
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
                answer = await client.post(self.url, json=told, headers={"Authorization": f"Bearer {self.token}"})
            if answer.status_code == 422:
                return Undeliverable("refused_by_provider")
            return Accepted(str(answer.raise_for_status().json()["id"])[:200])
        except (httpx.HTTPError, KeyError, TypeError, ValueError):
            return Unclear()
