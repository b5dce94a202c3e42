"""The guides' requests are run as they stand, one after the other: what they promise is what is answered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from mangping_api.domain.redaction_job import State
from mangping_api.tables import redaction_jobs
from mangping_api.wiring import Context, Factory
from sqlalchemy import select

from tests.api.office import PACK, PLEDGE, Clock, Office
from tests.conftest import ROOT
from tests.services.making import answered, job_of

BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
VALUE = re.compile(r"\{(\w+)\}")
FILES = {"certificate.jpg": b"\xff\xd8\xff\xe0 a certificate", "evidence.jpg": b"\xff\xd8\xff\xe0 of an open lesson"}


@dataclass(frozen=True)
class Asked:
    """A block: request line, headers, body, and what must be answered, `name = member` kept for later."""

    line: str
    headers: dict[str, str]
    body: str
    status: int
    keep: tuple[str, str] | None

    @classmethod
    def read(cls, text: str) -> Asked:
        head, _, rest = text.partition("\n")
        lines = rest.splitlines()
        answer = re.fullmatch(r"# (\d{3})(?: (\w+) = (\w+))?", lines.pop())
        assert answer, text
        headers = {}
        while lines and (found := re.fullmatch(r"([A-Z][A-Za-z-]+): (.*)", lines[0])):
            headers[found[1]] = found[2]
            lines.pop(0)
        keep = (answer[2], answer[3]) if answer[2] else None
        return cls(head, headers, "\n".join(lines).strip(), int(answer[1]), keep)


@dataclass
class Reader:
    """Follows a guide as `who`; `known` are the values in braces."""

    office: Office
    context: Context
    who: str
    known: dict[str, str] = field(default_factory=dict)

    async def follow(self, guide: str) -> list[str]:
        """The request lines that were answered otherwise than promised."""
        return [told async for told in self._wrong((ROOT / "docs" / guide).read_text("utf-8"))]

    async def _wrong(self, text: str):  # type: ignore[no-untyped-def]
        for asked in map(Asked.read, BLOCK.findall(text)):
            if "/masking" in asked.line or asked.line.endswith("/attachments"):
                await self._redact()
            method, path = self._filled(asked.line, quoted=False).split(" ", 1)
            headers = self.office.as_(asked.headers.get("As", self.who)) | asked.headers
            content = self._body(asked.body)
            if content and "Content-Type" not in headers:
                headers["Content-Type"] = "application/json"
            answer = await self.office.client.request(method, path, content=content, headers=headers)
            if answer.status_code != asked.status:
                yield f"{asked.line}: {answer.status_code} {answer.text}"
            if asked.keep:
                self.known[asked.keep[0]] = str(answer.json()[asked.keep[1]])

    def _body(self, body: str) -> bytes:
        return FILES[body[2:]] if body.startswith("< ") else self._filled(body, quoted=True).encode()

    def _filled(self, text: str, *, quoted: bool) -> str:
        def value(found: re.Match[str]) -> str:
            told = self.known.get(found[1], found[0])
            return json.dumps(told, ensure_ascii=False)[1:-1] if quoted else told

        return VALUE.sub(value, text)

    async def _redact(self) -> None:
        """The worker answers for everything that is queued."""
        async with self.context.db.begin() as tx:
            query = select(redaction_jobs.c.id).where(redaction_jobs.c.state == State.QUEUED)
            queued = list((await tx.execute(query)).scalars())
        for id in queued:
            job = await job_of(self.context, id)
            await Factory(self.context).redaction_jobs().record(await answered(self.context, job))


async def test_both_guides_are_true(office: Office, dated: Context, clock: Clock) -> None:
    content = FILES["evidence.jpg"]
    known = {
        "root": str(office.root), "pack": PACK, "next_pack": PACK.replace("version: 1", "version: 2", 1).replace(
            "max: 3", "max: 4", 1
        ),
        "pledge": PLEDGE, "sha256": hashlib.sha256(content).hexdigest(), "size": str(len(content)),
    }  # fmt: skip
    administrator = Reader(office, dated, office.admin, known)
    assert await administrator.follow("administrator-guide.md") == []
    clock.at += timedelta(minutes=1)
    applicant = Reader(office, dated, "applicant", known)
    assert await applicant.follow("applicant-guide.md") == []
    assert len([*blocks()]) > 30


def blocks() -> Iterator[str]:
    for guide in ("administrator-guide.md", "applicant-guide.md"):
        yield from BLOCK.findall((ROOT / "docs" / guide).read_text("utf-8"))
