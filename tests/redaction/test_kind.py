"""A page's kind is read off its title, and never from words within the text."""

from __future__ import annotations

import pytest
from mangping_redaction.stages.kind import kinds

from tests.redaction.lines import line

BODY = [line("本人承担语文教学工作，持有毕业证书和学位证书", y=200 + 40 * row, height=20) for row in range(4)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("毕业证书", ("diploma",)), ("普通高等学校毕业证书", ("diploma",)), ("学士学位证书", ("degree",)),
        ("2023年度专业技术人员考核登记表", ("assessment",)), ("继续教育合格证书", ("continuing_education",)),
        ("教育部学历证书电子注册备案表", ("register",)), ("荣 誉 证 书", ("award",)), ("个人承诺书", ("pledge",)),
        ("专业技术资格证书（副本）", ("title_certificate",)), ("关于毕业证书遗失的说明", ()), ("教学设计", ()),
    ],
)  # fmt: skip
def test_the_title_tells_the_kind(title: str, expected: tuple[str, ...]) -> None:
    assert kinds([line(title, height=44), *BODY]) == expected


def test_words_in_running_text_tell_nothing() -> None:
    assert kinds([line("毕业证书", height=20), *BODY]) == ()
    assert kinds([]) == ()


def test_an_id_card_and_a_mark_of_secrecy_are_known_in_small_print() -> None:
    card = [line("姓名张三", height=20), line("公民身份号码110105196001010010", y=300, height=18), *BODY]
    assert kinds(card) == ("id_card",)
    assert kinds([line("机密★三年", height=20), *BODY]) == ("secret",)
    assert kinds([line("保守国家秘密承诺", height=20), *BODY]) == ()
