"""Findings about time: windows, arrival, correction, number of submissions, publicity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from mangping.clock import BEIJING, Deadline, after_days, after_hours, after_working_days, at
from mangping.policy.findings import Asked, Finding
from mangping.policy.parts import LAPSES, Cited, Period
from mangping.policy.timing import Arrival, Publicity, Window


def counted(asked: Asked, period: Period, since: datetime, part: Cited) -> Deadline:
    """The end of a period of the pack, by the legal clock."""
    rule, region = part.cite[0], asked.policy.pack.region
    if period.hours is not None:
        return after_hours(since, period.hours, rule=rule)
    if period.days is not None:
        return after_days(since, period.days, rule=rule, region=region, roll=period.roll, calendar=asked.calendar)
    return after_working_days(
        since,
        period.working_days or 0,
        rule=rule,
        region=region,
        count_first=period.count_first,
        calendar=asked.calendar,
    )


def closing(asked: Asked, window: Window) -> Deadline | None:
    """When a window closes; None while it is not announced or has no end."""
    if window.closes is None:
        return None
    clock = time.fromisoformat(window.closes_at) if window.closes_at else None
    day, rule, region = date.fromisoformat(window.closes), window.cite[0], asked.policy.pack.region
    if window.roll == "none":
        return at(day, clock, rule=rule, region=region, calendar=asked.calendar)
    eve = datetime.combine(day, time(0), BEIJING)
    return after_days(eve, 0, rule=rule, region=region, roll=window.roll, closes=clock, calendar=asked.calendar)


def held_over(end: datetime, since: datetime | None, until: datetime | None) -> datetime:
    """What was left of a tier's time when an inquiry began goes on when it is over: nobody loses an application by a
    complaint about it. An end that the inquiry did not pass stands."""
    return until + (end - since) if since and until and since < end <= until else end


def _over(asked: Asked, deadline: Deadline) -> bool:
    """Corrections go on during an inquiry; the officers' acts do not."""
    since, until = asked.instant("record", "held_since"), asked.instant("record", "held_until")
    return asked.now >= (deadline.end if asked.filling else held_over(deadline.end, since, until))


def windows(asked: Asked) -> Iterator[Finding]:
    correction = asked.policy.pack.correction
    within = asked.act == "resubmit" and correction is not None and not correction.may_pass_window
    for window in asked.policy.pack.windows:
        if asked.act in window.acts and _again(asked):
            continue
        if asked.act in window.acts or (within and "submit" in window.acts):
            yield from asked.asks(window.when, window, window.title, lambda window=window: _inside(asked, window))  # type: ignore[misc]


def _again(asked: Asked) -> bool:
    """A correction of what a tier had let pass in time goes through it again, whatever the hour: the next stage ends it."""
    rule, before = asked.policy.pack.correction, asked.group("record").get("passed_before", ())
    return rule is not None and rule.may_pass_window and asked.act in before


def _inside(asked: Asked, window: Window) -> Iterator[Finding]:
    if not window.announced:
        yield asked.find("window.unannounced", window, window.title, "时间另行通知，尚未公布", "请等候公布后办理")
        return
    if window.opens and asked.today < window.opens:
        yield asked.find(
            "window.early", window, window.title, f"{window.title}自{window.opens}开始，现在尚未开始", "请在开始后办理"
        )
    deadline = closing(asked, window)
    if deadline and _over(asked, deadline):
        until = f"{window.closes} {window.closes_at or '24:00'}"
        message = f"{window.title}已于{until}截止，{LAPSES[window.on_late]}"
        yield asked.find("window.late", window, window.title, message, "已过期限，不能办理", trace=deadline.trace)


def arrival(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.arrival
    if rule is None or asked.act != "receive":
        return
    window = next(one for one in asked.policy.pack.windows if one.key == rule.window)
    if "receive" not in window.acts:  # else the window itself says so
        yield from asked.asks(window.when, rule, window.title, lambda: _arrived(asked, rule, window))


def _arrived(asked: Asked, rule: Arrival, window: Window) -> Iterator[Finding]:
    deadline = closing(asked, window)
    arrived = asked.instant("record", "arrived_at")
    if deadline and (_over(asked, deadline) if arrived is None else deadline.passed(arrived)):
        where = "、".join(body for tier in asked.policy.pack.tiers if tier.key == rule.tier for body in tier.bodies)
        message = f"首次到达{where}的时间晚于{window.closes} {window.closes_at or '24:00'}，{LAPSES[rule.on_late]}"
        yield asked.find("arrival.late", rule, window.title, message, "已过期限，不能办理", trace=deadline.trace)


def correction_deadline(asked: Asked) -> Deadline | None:
    """The end of the running correction; None when nothing was returned or nobody set an end."""
    rule = asked.policy.pack.correction
    since = asked.instant("record", rule.starts) if rule else None
    if rule is None or since is None:
        return None
    if rule.period is not None:
        return counted(asked, rule.period, since, rule)
    until = asked.instant("record", "correct_until") if rule.set_by_officer else None
    if until is None:
        return None
    return Deadline(rule.cite[0], since, until, until, "", ("审核人退回时规定的补正截止时刻",))


def correction(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.correction
    if rule is None or asked.act != "resubmit":
        return
    known = asked.instant("record", rule.starts)
    if known is None and (rule.period or rule.set_by_officer):
        yield from asked.unknown(f"record.{rule.starts}", rule, "补正期限")
    elif rule.set_by_officer and asked.instant("record", "correct_until") is None:
        yield from asked.unknown("record.correct_until", rule, "补正期限")
    deadline = correction_deadline(asked)
    if deadline and deadline.passed(asked.now):
        message = f"补正期限已于{deadline.end:%Y-%m-%d %H:%M}届满，{LAPSES[rule.on_lapse]}"
        yield asked.find("correction.late", rule, "补正期限", message, "已过期限，不能再次提交", trace=deadline.trace)
    window = next((one for one in asked.policy.pack.windows if one.key == rule.not_after), None)
    last = closing(asked, window) if window and asked.perhaps(window.when) else None
    if window and last and last.passed(asked.now):
        message = f"{window.title}已于{window.closes} {window.closes_at or '24:00'}截止，修改件不能再受理"
        yield asked.find("correction.stage_over", window, window.title, message, "已过期限，不能再次提交")


def submissions(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.submissions
    if rule is None:
        return
    committee = rule.counts == "committee"
    acts = ("resubmit", "receive") if committee else ("submit", "resubmit")
    if asked.act not in (*acts, "return"):
        return
    name = "committee_submissions" if committee else "submissions"
    used = asked.group("record").get(name)
    if used is None:
        yield from asked.unknown(f"record.{name}", rule, "提交次数")
    elif asked.act == "return" and used >= rule.max:
        message = f"这是第{used}次提交后的退回，{LAPSES[rule.on_exhausted]}"
        yield asked.find("submissions.final", rule, "提交次数", message, "退回后即办结，请写明理由", blocking=False)
    elif asked.act in acts and used >= rule.max:
        message = f"已提交{used}次，最多{rule.max}次，{LAPSES[rule.on_exhausted]}"
        yield asked.find("submissions.exhausted", rule, "提交次数", message, "不能再次提交")


def publicity_deadline(asked: Asked) -> Deadline | None:
    posted = asked.instant("publicity", "posted_at")
    rule = asked.policy.pack.publicity
    return counted(asked, rule.period, posted, rule) if posted else None


def publicity(asked: Asked) -> Iterator[Finding]:
    if asked.act != "forward":
        return
    rule = asked.policy.pack.publicity
    deadline = publicity_deadline(asked)
    if deadline is None:
        yield asked.find("publicity.missing", rule, "单位公示", "没有公示记录", "请先在单位公示并登记公示起始时间")
        return
    if not deadline.passed(asked.now):
        message = f"公示须满{rule.period.working_days}个工作日，至{_last(deadline)} 24:00止，尚未期满"
        yield asked.find("publicity.short", rule, "单位公示", message, "请在公示期满后上报", trace=deadline.trace)
    yield from _publicity_parts(asked, rule)
    changed, again = asked.instant("publicity", "changed_at"), rule.again_on_change
    if changed is None or again is None:
        return
    posted = asked.instant("publicity", "supplement_posted_at")
    supplement = counted(asked, rule.period, posted, again) if posted and posted >= changed else None
    if supplement is None or not supplement.passed(asked.now):
        until = f"，至{_last(supplement)} 24:00止" if supplement else ""
        message = f"公示后材料有变更，须补充公示满{rule.period.working_days}个工作日{until}"
        yield asked.find("publicity.supplement", again, "补充公示", message, "请对变更情况补充公示，期满后再上报")


def _publicity_parts(asked: Asked, rule: Publicity) -> Iterator[Finding]:
    held = asked.group("publicity")
    if rule.contents:
        for item in rule.contents.items:
            if item not in held.get("contents", ()):
                yield asked.find(
                    "publicity.contents", rule.contents, "公示内容", f"公示内容缺少“{item}”", "请补充后重新公示"
                )
    for place in rule.places:
        if not held.get(place.fact):
            yield asked.find("publicity.record", place, place.title, f"没有登记{place.title}", "请补登记")
    if rule.no_objection and held.get("objections") is not False:
        message = "公示有异议，或者没有登记公示结果"
        yield asked.find("publicity.objection", rule.no_objection, "公示结果", message, "请核查异议并登记结果")
    if rule.certificate:
        for item in rule.certificate.items:
            if not held.get("certificate", {}).get(item):
                message = f"公示结果证明没有写明“{item}”"
                yield asked.find("publicity.certificate", rule.certificate, "公示结果证明", message, "请补充证明")


def _last(deadline: Deadline) -> str:
    """The last day of a period that ends at 24:00 (kept as 00:00 of the next)."""
    return date.fromordinal(deadline.end.date().toordinal() - 1).isoformat()
