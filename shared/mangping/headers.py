"""What every handler takes and gives in the same words: Idempotency-Key, keyset pages, If-Match and ETag."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Query

from mangping.errors import Refused

IDEMPOTENT = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$",
        description="Send the same key when you repeat a request: you get the first answer again. Another body is 409.",
    ),
]  # fmt: skip
AFTER = Annotated[str | None, Query(description="`next` of the page before", max_length=200)]
LIMIT = Annotated[int, Query(ge=1, le=100)]
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(version: int) -> str:
    return f'"{version}"'


def version_of(if_match: str | None, noun: str) -> int:
    """The version in an If-Match header. Refused (428) without one, (412) for what was never an ETag of ours."""
    if if_match is None:
        message, remedy = "缺少 If-Match 请求头。", "请先读取，把返回的 ETag 放入 If-Match。"
        raise Refused(f"{noun}.if_match", message, remedy, status=428)
    if (found := _ETAG.fullmatch(if_match.strip())) is None:
        raise Refused(f"{noun}.changed", "内容已在别处修改。", "请重新读取后再修改保存。", status=412)
    return int(found[1])
