"""Who may do what: one table. A route that is not in it lets nobody in."""

from __future__ import annotations

from fastapi import Request
from mangping.errors import Refused
from mangping.tokens import Bearer
from mangping.webhooks import routes as webhooks

READ, CASHIER, APPROVE, OWN, DELIVER = "fees:read", "fees:cashier", "fees:approve", "fees:own", "fees:deliver"
SIGNED = "signed"  # no token: the handler checks the sender's signature over the body

# operation (the route's name) -> the scope its caller's token must carry
POLICIES: dict[str, str] = {
    "list_notices": READ,
    "get_notice": READ,
    "list_undelivered": READ,
    "void_notice": CASHIER,
    "retry_notice": CASHIER,
    "download_receipt": READ,
    "download_notice": READ,
    "list_my_notices": OWN,
    "get_my_notice": OWN,
    "open_my_notice": OWN,
    "download_my_receipt": OWN,
    "download_my_notice": OWN,
    "draw_my_qr": OWN,
    "list_suspense": READ,
    "list_refunds": READ,
    "request_refund": CASHIER,
    "approve_refund": APPROVE,
    "reject_refund": APPROVE,
    "finish_refund": CASHIER,
    "upload_statement": CASHIER,
    "list_statements": READ,
    "list_reconciliations": READ,
    "list_differences": READ,
    "read_report": READ,
    "download_report": READ,
    "resolve_difference": CASHIER,
    "get_books": READ,
    "report_delivery": DELIVER,
    "take_gateway_event": SIGNED,
    **webhooks.POLICIES,
}


async def guard(request: Request) -> None:
    """Runs before every route. Leaves the caller in `request.state.caller`."""
    needed = POLICIES.get(getattr(request.scope.get("route"), "name", ""))
    if needed == SIGNED:
        return
    caller: Bearer = await request.app.state.context.tokens.of_header(request.headers.get("Authorization", ""))
    if needed is None or needed not in caller.scopes:
        raise Refused("scope.missing", "该令牌无权执行此操作。", "请申请所需的权限范围（scope）。", status=403)
    request.state.caller = caller
