"""What a policy is asked about: the facts of one application, from the register, the form and the record. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mangping.errors import Refused
from mangping.identity import Identity, find, forget
from mangping.policy import Policy
from mangping.policy.facts import FACTS

from mangping_api.domain.application import Application, Section, State
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person

# Kept like sections: exact texts, statements that were signed, facts that the applicant declares, fields to be covered.
TEXTS, ATTESTED, DECLARED, COVERED = "texts", "attestations", "declared", "covered"
BESIDE = frozenset({TEXTS, ATTESTED, DECLARED, COVERED})  # kept as sections are, but no part of the form
# What an applicant declares of an application, and the group of facts it belongs to.
DECLARABLE: dict[str, str] = {
    "confirmed": "record", "self_checked": "record", "web_equals_print": "record", "risk_flagged": "record",
    "flagged_verified": "record", "secret_declared": "masking", "exam_based": "application",
}  # fmt: skip
_REGISTER = {"name", "former_names", "id_number"}  # facts that nobody states: they stand in the register
# The integrity register is kept here: what nobody entered there is not so.
_CLEAN: dict[str, Any] = {
    "sanction_major": False, "investigated": False, "sanction_effective": False, "ethics_barred": False,
    "ethics_fault": False, "blacklisted": False, "barred_until": "", "archived_until": "",
}  # fmt: skip
# How the notices call where an application stands; each has its own word for what the last tier has passed.
STATES: dict[State, str] = {
    State.DRAFT: "填报中", State.SUBMITTED: "审核中", State.RETURNED: "已退回", State.ACCEPTED: "已接收材料",
    State.ABANDONED: "已放弃申报", State.LAPSED: "逾期未申报", State.NOT_ACCEPTED: "不予受理",
    State.DISQUALIFIED: "已取消申报资格", State.VOID: "申报无效",
}  # fmt: skip
Groups = Mapping[str, Any]  # {group: {fact: value}}, or {"attested": [key, ...]}
# Of a person's earlier applications, and of what was got by data sharing: staff of the unit vouch for them.
_HISTORY: dict[str, Any] = {"failed_before": False, "shared": []}
_VOUCHED = {*_HISTORY, "last_failed_on"}
_KINDS: dict[str, type] = {"bool": bool, "int": int, "str": str, "date": str, "instant": str, "list": list, "map": dict}
_MOST, _LONGEST, _ROWS = 100, 20_000, 200


def assemble(
    policy: Policy, application: Application, person: Person, unit: Organisation, sections: Iterable[Section],
    same_level_same_year: int, files: Mapping[str, Any], secrets: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The facts of an application. What nobody stated stays out: an evaluation then finds it missing."""
    sections = tuple(sections)
    held = {section.key: section.content for section in sections}
    form = {key: value for section in policy.pack.form.sections for key, value in held.get(section.key, {}).items()}
    known = {"name": person.name, "id_number": person.id_number, "phone": person.phone, "unit": unit.name}
    for field in (field for section in policy.pack.form.sections for field in section.fields):
        if field.identity and known.get(field.key):  # the register says who they are, not the form
            form[field.key] = known[field.key]
    return {
        "application": {
            **application.stated, "kind": application.kind, "level": application.level,
            "same_level_same_year": same_level_same_year, **_declared(held, "application"),
        },
        "person": {
            **_CLEAN, **{name: value for name, value in person.facts.items() if name not in _VOUCHED},
            "name": person.name, "former_names": list(person.former_names),
            "id_number": person.id_number,
        },
        "unit": {**unit.facts, "name": unit.name, "former_names": list(unit.former_names)},
        "record": {
            "state": called(policy, application.state), "submissions": application.submissions,
            "committee_submissions": application.committee_submissions, "arrived_at": application.arrived_at,
            "returned_at": application.returned_at, "correct_until": application.correct_until,
            "passed_before": list(application.passed),
            "complaint_open": application.suspended_at is not None,
            "held_since": application.held_since, "held_until": application.held_until,
            **_HISTORY, **{name: value for name, value in person.facts.items() if name in _VOUCHED},
            "platform": True, **_declared(held, "record"),
        },
        "form": form, "texts": dict(held.get(TEXTS, {})), "materials": files,
        "masking": {
            "rechecked_at": application.rechecked_at, "changed_at": application.masks_changed_at,
            "secret_marks": list(secrets), "field_hits": field_hits(policy, person, unit, sections),
            **_declared(held, "masking"),
        },
        "attested": [key for key, signed in held.get(ATTESTED, {}).items() if signed is True],
    }  # fmt: skip


def field_hits(policy: Policy, person: Person, unit: Organisation, sections: Iterable[Section]) -> list[str]:
    """The titles of filled fields that name the applicant or their unit and are not marked to be covered; none where
    the notice masks attachments only."""
    if "fields" not in policy.pack.masking.covers:
        return []
    names = tuple(filter(None, (person.name, *person.former_names)))
    numbers, phones = (tuple(filter(None, (one,))) for one in (person.id_number, person.phone))
    who = Identity(names, (unit.name, *unit.former_names), numbers, phones)
    held = {section.key: section.content for section in sections}
    covered = held.get(COVERED, {})
    try:
        return [
            f"{section.title}·{field.title}"
            for section in policy.pack.form.sections
            for field in section.fields
            if not field.identity and covered.get(field.key) is not True
            and any(find(who, text) for text in _texts(held.get(section.key, {}).get(field.key)))
        ]  # fmt: skip
    finally:
        forget()


def _texts(value: Any) -> Iterator[str]:
    """Every word of a filled field, also of its rows."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (cell for row in value if isinstance(row, dict) for cell in row.values() if isinstance(cell, str))


def _declared(held: Mapping[str, Mapping[str, Any]], group: str) -> dict[str, Any]:
    return {name: value for name, value in held.get(DECLARED, {}).items() if DECLARABLE.get(name) == group}


def called(policy: Policy, state: State) -> str:
    """An application's state in the words of its notice."""
    passed = policy.pack.tiers[-1].passed
    return passed.state if passed and state is State.ACCEPTED else STATES[state]


def joined(told: dict[str, Any], *more: Groups) -> dict[str, Any]:
    """Facts with those of other rooms laid over them, group by group; what was attested adds up."""
    found = dict(told)
    for groups in more:
        for group, known in groups.items():
            found[group] = [*found[group], *known] if group == "attested" else {**found.get(group, {}), **known}
    return found


def stated(group: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of "unit" or "person" as somebody states them. Refused when one is unknown or of the wrong kind."""
    for name, value in given.items():
        kind = None if name in _REGISTER else FACTS[group].get(name)
        if group == "person" and name in _VOUCHED:
            kind = FACTS["record"][name]
        if kind is None or type(value) is not _KINDS[kind[0]] or not _sane(value):
            raise Refused("facts.invalid", "有不认识的事项，或其取值类型不对。", "请对照接口文档中的事项清单填写。")
    return dict(given)


def fitting(policy: Policy, section: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A section's content as it may be kept: known fields, values of a sane size; what is wrong with them is found
    later. Refused when the section (404) or a field is unknown, or a value is nothing a form can hold."""
    known = {one.key: {field.key for field in one.fields} for one in policy.pack.form.sections}
    known.setdefault(TEXTS, {text.key for text in policy.pack.texts if text.role == "applicant"})
    known.setdefault(ATTESTED, {one.key for one in policy.pack.attestations if one.role == "applicant"})
    known.setdefault(DECLARED, set(DECLARABLE))
    known.setdefault(COVERED, {field.key for one in policy.pack.form.sections for field in one.fields})
    if section not in known:
        raise Refused("section.unknown", "本批次的表单没有这一部分。", "请对照申报表单（form）检查。", status=404)
    if not set(content) <= known[section]:
        raise Refused("section.field_unknown", "有不属于这一部分的栏目。", "请对照申报表单（form）检查栏目。")
    fits = {DECLARED: _declarable, COVERED: _flag}.get(section, _fills)
    if not all(fits(key, value) for key, value in content.items()):
        raise Refused("section.value", "有栏目的内容无法保存。", "内容须为文字、整数、是否或逐行填写的表，且不得过长。")
    return dict(content)


def _declarable(name: str, value: Any) -> bool:
    kind = FACTS[DECLARABLE[name]][name][0]
    return type(value) is _KINDS[kind] and _sane(value)


def _flag(name: str, value: Any) -> bool:
    return isinstance(value, bool)


def _fills(name: str, value: Any) -> bool:
    return _held(value)


def _held(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _ROWS and all(isinstance(row, dict) and _row(row) for row in value)
    return _row(value) if isinstance(value, dict) else _plain(value)


def _sane(value: Any) -> bool:
    """Facts may also be lists of words."""
    return all(_plain(part) for part in value) if isinstance(value, list) else _held(value)


def _row(row: Mapping[str, Any]) -> bool:
    return len(row) <= _MOST and all(len(key) <= _MOST and _plain(value) for key, value in row.items())


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST and "\0" not in value
    return value is None or (isinstance(value, bool | int) and abs(value) < 10**12)
