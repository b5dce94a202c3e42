"""The two papers that tell of a review: what an applicant must put right until when, and who said what at which tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from mangping.policy import Policy

from mangping_api.domain import spoken
from mangping_api.domain.application import Application
from mangping_api.domain.deadline import Running
from mangping_api.domain.paper import Kind, title
from mangping_api.domain.review import Defect, Dossier, HandedIn, Item, Returned, SignOff, Verdict

_CLOSED = "您的申报经审核，有下列问题，本年度不再受理。"
_RETURNED = "您的申报经审核，有下列问题须改正。请逐项改正后再次提交；没有列明的部分不需要改动。"
_PUT_RIGHT = "请在系统中改正该项后再次提交"
_GONE = "（已由单位更换的材料）"


def defect_notice(
    policy: Policy, application: Application, back: Returned, until: Running | None, office: str
) -> dict[str, Any]:
    """Every defect of one return, at once (GL-52, KP-44). The applicant learns the `office`, never the officer
    (RULES A.3). `until` is the clock that the return started: the notice's, the officer's, or the stage's that
    ends before them."""
    closed = back.outcome == "not_accepted"
    end = until.counted.end if until else back.correct_until
    told = "本年度不再受理。" if closed else "没有规定改正期限，请尽早改正并再次提交。"
    if end is not None and not closed:
        told = f"请在{spoken.end(end)}前改正并再次提交；逾期的，按通知规定处理。"
    return {
        "title": title(policy, Kind.DEFECT_NOTICE), "number": str(application.id), "office": office,
        "returned": spoken.instant(back.signed.at), "lead": _CLOSED if closed else _RETURNED, "until": told,
        "trace": list(until.counted.trace) if until and not closed else [],
        "defects": [
            {
                "place": _place(policy, one), "message": one.reason,
                "remedy": "请上传所列材料" if one.asks_for else _PUT_RIGHT, "rules": _cited(policy, one.rule),
            }
            for one in back.defects
        ],
    }  # fmt: skip


def review_record(
    policy: Policy, application: Application, dossier: Dossier, now: Iterable[Item], people: Mapping[UUID, str],
    organisations: Mapping[UUID, str],
) -> dict[str, Any]:  # fmt: skip
    """Tier by tier and body by body, upon each hand-in: every verdict, the opinion, who signed for what they had seen
    (KP-47, GL-93, GL-97). For officers only. `now` are the items as they are; one that is gone has its title of then."""
    titles = {one.key: one.title for past in dossier.handed_in for one in past.items} | {
        one.key: one.title for one in now
    }
    tiers = []
    for past in dossier.handed_in:
        for tier in policy.pack.tiers:
            for body in tier.bodies:
                verdicts = [one for one in dossier.verdicts if _of(one, tier.key, body, past)]
                signed = [one for one in dossier.sign_offs if _of(one, tier.key, body, past)]
                back = [one for one in dossier.returns if _of(one, tier.key, body, past)]
                if verdicts or signed or back:
                    tiers.append(
                        {
                            "title": f"{tier.title}·{body}", "submission": past.revision, "items": _items(verdicts, titles),
                            "signed": [*(_signed(one, people, organisations) for one in signed),
                                       *(_returned(one, people, organisations) for one in back)],
                        }
                    )  # fmt: skip
    return {
        "title": title(policy, Kind.REVIEW_RECORD), "number": str(application.id), "programme": policy.pack.title,
        "tiers": tiers,
    }  # fmt: skip


def _of(done: Verdict | SignOff | Returned, tier: str, body: str, past: HandedIn) -> bool:
    return (done.signed.tier, done.signed.body, done.signed.revision) == (tier, body, past.revision)


def _items(verdicts: Iterable[Verdict], titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "title": one.defect.title if one.defect else titles.get(one.item, _GONE),
            "verdict": "不符合" if one.defect else "符合", "reason": one.defect.reason if one.defect else "",
        }
        for one in verdicts
    ]  # fmt: skip


def _signed(one: SignOff, people: Mapping[UUID, str], organisations: Mapping[UUID, str]) -> dict[str, str]:
    opinion = "；".join(text for text in one.texts.values() if text)
    return {
        **_by(one, people, organisations),
        "verdict": "同意" if one.agree else "不同意",
        "opinion": opinion,
        "seen": one.seen,
    }


def _returned(one: Returned, people: Mapping[UUID, str], organisations: Mapping[UUID, str]) -> dict[str, str]:
    verdict = "退回修改" if one.outcome == "returned" else "本年度不再受理"
    return {
        **_by(one, people, organisations),
        "verdict": verdict,
        "opinion": f"共{len(one.defects)}个问题项",
        "seen": "—",
    }


def _by(one: SignOff | Returned, people: Mapping[UUID, str], organisations: Mapping[UUID, str]) -> dict[str, str]:
    body = organisations.get(one.signed.organisation, "")
    return {
        "body": f"{one.signed.body}（{body}）" if body and body != one.signed.body else one.signed.body,
        "person": people.get(one.signed.by, "—"), "at": spoken.instant(one.signed.at),
    }  # fmt: skip


def _place(policy: Policy, defect: Defect) -> str:
    """Where to put it right: of a document that is asked for its own place, not that of the item that lacks it."""
    listed = policy.pack.materials.columns
    asked = [f"{c.title}·{i.title}" for c in listed for i in c.items if (c.key, i.key) == defect.asks_for]
    return asked[0] if asked else " ".join(filter(None, (defect.title, defect.place)))


def _cited(policy: Policy, rule: str) -> list[dict[str, str]]:
    found = policy.catalogue.rules.get(rule)
    return [{"article": found.article, "quote": found.quote}] if found else []
