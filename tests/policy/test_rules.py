"""Every rule of the five notices is kept somehow, and the report says how."""

from __future__ import annotations

from collections import Counter

from mangping_api.domain.packs import catalogue
from mangping_api.policy_cli import kept

from tests.policy.packs import HERE

KEPT = kept(HERE)


def test_no_rule_is_missing_and_none_is_told_twice() -> None:
    assert sorted(one.rule.rule for one in KEPT) == sorted(catalogue().rules)
    assert [str(one) for one in KEPT if one.how == "missing" or not one.where or not one.proof] == []


def test_what_no_software_can_keep_is_at_most_a_tenth() -> None:
    assert Counter(one.how for one in KEPT)["outside"] * 10 <= len(KEPT)


def test_windows_counts_clocks_money_materials_masking_and_wording_are_never_outside() -> None:
    """Rules that these keys of a pack cite are decided by the pack, whatever else is said of them."""
    hard = {"windows", "submissions", "correction", "publicity", "fees", "materials", "masking", "texts", "papers"}
    assert [str(one) for one in KEPT if one.how == "outside" and one.where.partition(".")[0] in hard] == []
    bound = {one.rule.rule: one.how for one in KEPT}
    wanted = (
        "KP-11",
        "KP-23",
        "KP-24",
        "KP-25",
        "KP-29",
        "KP-38",
        "BZ-18",
        "BZ-19",
        "BZ-34",
        "AK-14",
        "AK-17",
        "KI-17",
        "GL-29",
    )
    assert {rule: bound[rule] for rule in wanted} == dict.fromkeys(wanted, "enforced")


def test_what_is_attested_names_a_role_and_the_exact_statement() -> None:
    assert [
        str(one) for one in KEPT if one.how == "attested" and not ("签署：“" in one.proof and one.proof.endswith("”"))
    ] == []


def test_what_is_later_names_the_part_of_the_system() -> None:
    parts = ("（review）", "（panel）", "（fees）")
    assert [str(one) for one in KEPT if one.how == "later" and not any(part in one.proof for part in parts)] == []
