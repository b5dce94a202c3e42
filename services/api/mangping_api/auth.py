"""Who may do what: one table. A route that is not in it lets nobody in."""

from __future__ import annotations

from fastapi import Request
from mangping.errors import Refused
from mangping.tokens import Bearer

from mangping_api.domain.access import (
    Policy,
    administers,
    owns_application,
    reads_application,
    registered,
    staffs,
    states_attachment,
    vouches,
)

READ, WRITE = "redaction:read", "redaction:write"
REVIEW_READ, REVIEW_WRITE = "review:read", "review:write"

# operation (the route's name) -> the scope its caller's token must carry
POLICIES: dict[str, str] = {
    "upload_object": WRITE,
    "submit_redaction_job": WRITE,
    "list_redaction_jobs": READ,
    "get_redaction_job": READ,
    "retry_redaction_job": WRITE,
    "erase_redaction_job": WRITE,
    "download_rendition": READ,
    "submit_redaction_batch": WRITE,
    "get_redaction_batch": READ,
    "register_me": REVIEW_WRITE,
    "get_me": REVIEW_READ,
    "change_me": REVIEW_WRITE,
    "search_people": REVIEW_WRITE,
    "grant_role": REVIEW_WRITE,
    "revoke_role": REVIEW_WRITE,
    "found_organisation": REVIEW_WRITE,
    "list_organisations": REVIEW_READ,
    "get_organisation": REVIEW_READ,
    "load_programme": REVIEW_WRITE,
    "list_programmes": REVIEW_READ,
    "get_programme": REVIEW_READ,
    "get_programme_form": REVIEW_READ,
    "get_programme_figures": REVIEW_READ,
    "get_programme_changes": REVIEW_READ,
    "state_organisation_facts": REVIEW_WRITE,
    "vouch_for_person": REVIEW_WRITE,
    "begin_application": REVIEW_WRITE,
    "list_applications": REVIEW_READ,
    "get_application": REVIEW_READ,
    "get_section": REVIEW_READ,
    "save_section": REVIEW_WRITE,
    "get_findings": REVIEW_READ,
    "submit_application": REVIEW_WRITE,
    "withdraw_application": REVIEW_WRITE,
    "abandon_application": REVIEW_WRITE,
    "get_timeline": REVIEW_READ,
    "upload_attachment": REVIEW_WRITE,
    "list_attachments": REVIEW_READ,
    "get_attachment": REVIEW_READ,
    "decide_masking": REVIEW_WRITE,
    "remove_attachment": REVIEW_WRITE,
    "preview_attachment": REVIEW_READ,
    "recheck_masking": REVIEW_WRITE,
    "get_recheck": REVIEW_READ,
    "state_attachment": REVIEW_WRITE,
    "accept_upright": REVIEW_WRITE,
    "download_original": REVIEW_READ,
    "draw_boxes": REVIEW_READ,
    "watch_application": REVIEW_READ,
    "begin_transfer": REVIEW_WRITE,
    "continue_transfer": REVIEW_WRITE,
    "get_transfer": REVIEW_READ,
}
# operation -> what its caller must be to the thing it asks for; their roles stand in the database, not in the token.
# `register_me` is not here: nobody is anybody before it.
ACCESS: dict[str, Policy] = {
    "get_me": registered,
    "change_me": registered,
    "search_people": staffs,
    "grant_role": administers,
    "revoke_role": administers,
    "found_organisation": administers,
    "list_organisations": registered,
    "get_organisation": registered,
    "load_programme": administers,
    "list_programmes": registered,
    "get_programme": registered,
    "get_programme_form": registered,
    "get_programme_figures": registered,
    "get_programme_changes": registered,
    "state_organisation_facts": administers,
    "vouch_for_person": vouches,
    "begin_application": registered,
    "list_applications": registered,
    "get_application": reads_application,
    "get_section": reads_application,
    "save_section": owns_application,
    "get_findings": reads_application,
    "submit_application": owns_application,
    "withdraw_application": owns_application,
    "abandon_application": owns_application,
    "get_timeline": reads_application,
    "upload_attachment": owns_application,
    "list_attachments": reads_application,
    "get_attachment": reads_application,
    "decide_masking": owns_application,
    "remove_attachment": owns_application,
    "preview_attachment": reads_application,
    "recheck_masking": owns_application,
    "get_recheck": reads_application,
    "state_attachment": states_attachment,
    "accept_upright": owns_application,
    "download_original": owns_application,
    "draw_boxes": reads_application,
    "watch_application": reads_application,
    "begin_transfer": owns_application,
    "continue_transfer": owns_application,
    "get_transfer": owns_application,
}


async def guard(request: Request) -> Bearer:
    """Runs before every route. Leaves the caller in `request.state.caller`."""
    caller: Bearer = await request.app.state.context.tokens.of_header(request.headers.get("Authorization", ""))
    needed = POLICIES.get(getattr(request.scope.get("route"), "name", ""))
    if needed is None or needed not in caller.scopes:
        raise Refused("scope.missing", "该令牌无权执行此操作。", "请申请所需的权限范围（scope）。", status=403)
    request.state.caller = caller
    return caller
