"""Two versions of a pack, told apart in words."""

from __future__ import annotations

from mangping.policy.difference import difference
from mangping.policy.lines import read


def test_entries_of_a_list_go_by_their_own_key() -> None:
    before = read("windows: [{key: x, title: 甲, max: 1, cite: KP-11}, {key: y, title: 乙, max: 2}]\nbase: 1\n", "f")
    after = read(
        "windows: [{key: w, title: 丙, cite: KP-13}, {key: x, title: 甲, max: 1, cite: KP-11},"
        " {key: y, title: 乙, max: 3, cite: [KP-12, KP-14]}]\nneeds: true\n", "f",
    )  # fmt: skip
    assert difference(before.value, after.value) == (
        "时间窗口 › “丙”：新增 （名称：丙）（KP-13）",
        "时间窗口 › “乙” › 次数上限：2 → 3（KP-12 KP-14）",
        "时间窗口 › “乙” › 规则：新增 KP-12、KP-14（KP-12 KP-14）",
        "须全部或任一同意：新增 是",
        "基数：删除 1",
    )
