"""How each rule of a notice is kept: enforced (pack key and case), attested, later, or outside; nothing left over.

A rule that the pack decides, but only at acts which the running service does not ask about yet, is `later`: its key and
its case are told all the same, and the part of the system that will ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mangping.policy.cases import IDS, Case
from mangping.policy.citations import Citation
from mangping.policy.load import Policy
from mangping.policy.parts import ROLES, Act
from mangping.policy.walk import cites, named

How = Literal["enforced", "attested", "later", "outside", "missing"]
LATER: dict[str, str] = {"review": "推荐与审核", "panel": "评委会", "fees": "评审费"}
ASKS: dict[Act, str] = {
    "pay": "fees", "defend": "panel", "panel": "panel", "announce": "panel", "confirm": "panel", "certify": "panel",
}  # fmt: skip
SHOWS: dict[str, str] = {
    "fees": "fees", "pass_rates": "panel", "defence": "panel", "masking": "panel", "bans": "panel",
}  # fmt: skip
# Rules that are kept by telling people; of all else a figure tells and the part that acts on it decides.
TOLD = ("published", "criteria")


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule: how it is kept, where in the pack, and the proof (a case, a statement, a plan or a reason)."""

    rule: Citation
    how: How
    where: str
    proof: str

    def __str__(self) -> str:
        return f"{self.rule.rule:<7}{self.how:<9} {self.where}  {self.proof}"


def coverage(
    policy: Policy, cases: Mapping[str, Iterable[Case]], asked: frozenset[Act], *, shown: bool,
    proven: Mapping[str, str] | None = None,
) -> tuple[Kept, ...]:  # fmt: skip
    """Every rule of the pack's notice, in the order of the catalogue.

    `cases` are by the name of their file; `asked` are the acts before which the running service evaluates the pack,
    `shown` whether it shows the figures of the pack to people; `proven` are rules that no act of the pack decides and
    that a test of the running service shows to be kept: {rule: name of the test}.
    """
    value = policy.document.value
    keys: dict[str, str] = {}
    for path, ids in cites(value):
        for rule in ids if path[0] not in ("attestations", "elsewhere") else ():
            keys.setdefault(rule, named(value, path[:-1]))
    told = _told(policy)
    proofs = _proofs(cases, keys, asked, shown, _open_windows(policy))
    for rule, test in (proven or {}).items():
        case = proofs.get(rule, ("", ""))
        proofs[rule] = "", test if case[0] or not case[1] else f"{case[1]}；{test}"
    return tuple(_kept(rule, keys, proofs, told) for rule in policy.catalogue.of(policy.pack.id))


def _proofs(
    cases: Mapping[str, Iterable[Case]], keys: Mapping[str, str], asked: frozenset[Act], shown: bool,
    open_windows: frozenset[str],
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """{rule: (part of the system that will ask, "" when it asks already; the case)}, the strongest proof of each."""
    found: dict[str, tuple[str, str]] = {}
    for file, some in cases.items():
        for number, case in enumerate(some, start=1):
            name = f"{file}#{number} {case.title}"
            part = "" if case.act in asked else ASKS.get(case.act, "review")
            for rule in {*case.shows, *(rule for line in case.expect for rule in IDS.findall(line))}:
                _keep(found, rule, part, name)
            for rule in (rule for line in case.figures for rule in IDS.findall(line)):
                key = keys.get(rule, "")
                top = key.partition(".")[0]
                kept = shown and (top in TOLD or key in open_windows)
                _keep(found, rule, "" if kept else SHOWS.get(top, "review"), name)
    return found


def _open_windows(policy: Policy) -> frozenset[str]:
    """Windows that bind nobody: not announced yet or provisional. All there is to do is to say so."""
    windows = policy.pack.windows
    return frozenset(f"windows.{one.key}" for one in windows if one.provisional or not one.announced)


def _keep(found: dict[str, tuple[str, str]], rule: str, part: str, name: str) -> None:
    if rule not in found or (found[rule][0] and not part):
        found[rule] = part, name


def _kept(
    rule: Citation,
    keys: Mapping[str, str],
    proofs: Mapping[str, tuple[str, str]],
    told: Mapping[str, tuple[How, str, str]],
) -> Kept:
    where, (part, case) = keys.get(rule.rule, ""), proofs.get(rule.rule, ("", ""))
    if where and case:
        if not part:
            return Kept(rule, "enforced", where, case)
        return Kept(rule, "later", where, f"{LATER[part]}（{part}）环节按此判定：{case}")
    if rule.rule in told:
        return Kept(rule, *told[rule.rule])
    return Kept(rule, "missing", where, "没有案例" if where else "政策包没有引用")


def _told(policy: Policy) -> dict[str, tuple[How, str, str]]:
    found: dict[str, tuple[How, str, str]] = {}
    elsewhere = policy.pack.elsewhere
    for outside in elsewhere.outside:
        found |= dict.fromkeys(outside.cite, ("outside", "elsewhere.outside", outside.why))
    for part, title in LATER.items():
        for later in getattr(elsewhere, part):
            found |= dict.fromkeys(
                later.cite, ("later", f"elsewhere.{part}", f"{title}（{part}）环节落实：{later.how}")
            )
    for one in policy.pack.attestations:
        proof = f"{ROLES[one.role]}签署：“{one.statement}”"
        found |= dict.fromkeys(one.cite, ("attested", f"attestations.{one.key}", proof))
    return found
