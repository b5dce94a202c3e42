"""What is told of a review: to the policy that judges its acts, and to those who compare one hand-in with the next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mangping.policy import Policy

from mangping_api.domain.review import Changed, Defect, Dossier, HandedIn, Item, Returned, signatures, unreviewed


def record(dossier: Dossier, items: Sequence[Item], tier: str) -> dict[str, Any]:
    """What a policy is told of the review at this tier: whose word stands, and what nobody has judged yet."""
    signed = signatures(dossier, items)
    verdicts = [
        {"tier": one.signed.tier, "body": one.signed.body, "agree": one.agree, "signed_by": str(one.signed.by)}
        for one in signed
    ]
    here = [one for one in signed if one.signed.tier == tier and one.agree]
    waiting = {desk.body for desk in dossier.desks if desk.tier == tier and desk.closed_at is None}
    bodies = {one.signed.body for one in here} or waiting
    left = {one.key: one.title for body in bodies for one in unreviewed(dossier.heard, items, tier, body)}
    return {
        "record": {"verdicts": verdicts, "unreviewed": list(left.values())},
        "texts": {key: text for one in here for key, text in one.texts.items()},
        "attested": [key for one in here for key in one.attested],
    }


def returning(
    policy: Policy, dossier: Dossier, items: Sequence[Item], defects: Sequence[Defect], tier: str
) -> dict[str, Any]:
    """What a policy is told of a return by this tier: what another one told of before was not its own notice."""
    own = [one for one in dossier.returns if one.signed.tier == tier]
    return {
        "return_reasons": [one.title for one in defects if one.reason.strip()],
        "late_defects": late(defects, items, own, dossier.handed_in),
        "demands": foreign(policy, defects),
    }


def late(
    defects: Iterable[Defect], items: Iterable[Item], returns: Iterable[Returned], past: Iterable[HandedIn]
) -> list[str]:
    """Titles of defects that could have been told at the first return: of what has not changed since, and that the
    return did not name. What was named and not put right may be told again."""
    now = {one.key: one.digest for one in items}
    then = {one.revision: {item.key: item.digest for item in one.items} for one in past}
    found = []
    for defect in defects:
        for back in returns:
            same = then.get(back.signed.revision, {}).get(defect.item) == now.get(defect.item)
            if same and defect.item not in {one.item for one in back.defects}:
                found.append(defect.title)
                break
    return found


def foreign(policy: Policy, defects: Iterable[Defect]) -> list[str]:
    """What is asked for beside the notice's list of materials."""
    listed = {(column.key, item.key) for column in policy.pack.materials.columns for item in column.items}
    return ["/".join(one.asks_for) for one in defects if one.asks_for and one.asks_for not in listed]


def changes(
    items: Sequence[Item],
    before: Sequence[Item],
    now: Mapping[str, Mapping[str, Any]],
    then: Mapping[str, Mapping[str, Any]],
) -> dict[str, Changed]:
    """{item: how it differs}; nothing of what is as it was, and nothing at the first hand-in. `now` and `then` are the
    contents of sections."""
    if not before:
        return {}
    old = {one.key: one for one in before}
    found: dict[str, Changed] = {}
    for one in items:
        if one.key not in old:
            found[one.key] = Changed("new", one.title)
        elif old[one.key].digest != one.digest:
            a, b = then.get(one.key, {}), now.get(one.key, {})
            keys = [key for key in dict.fromkeys((*a, *b)) if a.get(key) != b.get(key)]
            found[one.key] = Changed("changed", one.title, {key: (a.get(key), b.get(key)) for key in keys})
    here = {one.key for one in items}
    return found | {key: Changed("gone", one.title) for key, one in old.items() if key not in here}
