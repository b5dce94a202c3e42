"""Every rule of the five notices is kept somehow, and the report says how."""

from __future__ import annotations

from collections import Counter

from mangping.policy.walk import cites
from mangping_api.domain.packs import catalogue, shipped
from mangping_api.policy_cli import kept

from tests.policy.packs import HERE

KEPT = kept(HERE)


def test_no_rule_is_missing_and_none_is_told_twice() -> None:
    assert sorted(one.rule.rule for one in KEPT) == sorted(catalogue().rules)
    assert [str(one) for one in KEPT if one.how == "missing" or not one.where or not one.proof] == []


def test_what_no_software_can_keep_is_at_most_a_tenth() -> None:
    assert Counter(one.how for one in KEPT)["outside"] * 10 <= len(KEPT)


def test_windows_counts_clocks_money_materials_masking_and_wording_are_decided_by_the_pack() -> None:
    """Never outside, never by a promise of another part alone: a key of the pack and a case decide them."""
    hard = (
        "windows", "arrival", "submissions", "correction", "publicity", "seniority", "continuing_education", "fees",
        "materials", "masking", "texts", "papers",
    )  # fmt: skip
    cited = {
        rule
        for policy in shipped().values()
        for path, ids in cites(policy.document.value)
        for rule in ids
        if path[0] in hard
    }
    undecided = [
        one for one in KEPT if one.rule.rule in cited and (one.how == "outside" or one.where.startswith("elsewhere"))
    ]
    assert [str(one) for one in undecided] == []
    assert len(cited) > 150


def test_what_is_attested_names_a_role_and_the_exact_statement() -> None:
    assert [
        str(one) for one in KEPT if one.how == "attested" and not ("签署：“" in one.proof and one.proof.endswith("”"))
    ] == []


def test_what_only_a_figure_tells_is_kept_where_telling_is_all_there_is_to_do() -> None:
    told = {one.rule.rule: (one.how, one.where) for one in KEPT if one.rule.rule in ("KP-52", "KP-13", "KP-17")}
    assert told == {
        "KP-13": ("enforced", "windows.paper"), "KP-17": ("enforced", "publicity"),
        "KP-52": ("enforced", "published.complaints"),
    }  # fmt: skip


def test_what_is_later_names_the_part_of_the_system() -> None:
    parts = ("（review）", "（panel）", "（fees）")
    assert [str(one) for one in KEPT if one.how == "later" and not any(part in one.proof for part in parts)] == []


def test_no_rule_waits_for_the_review_any_more() -> None:
    assert [str(one) for one in KEPT if "（review）" in one.proof or one.where == "elsewhere.review"] == []
