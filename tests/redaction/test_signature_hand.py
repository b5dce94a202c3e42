"""What a reader makes of a pen's strokes does not decide whether they are a signature."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.area import holds, middle
from mangping_redaction.finders.hand.apart import hand_apart
from mangping_redaction.finders.hand.find import _anchors, find_signatures
from mangping_redaction.finders.hand.hands import is_hand
from mangping_redaction.finders.hand.pen import ROOM, Box, at_start, outline
from mangping_redaction.page import Finding, Page, quad
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.cover import cover

from tests.redaction.lines import line


@pytest.mark.parametrize(
    ("text", "score", "hand"),
    [
        ("月越", 0.21, True), ("10月12日", 0.97, False), ("单位", 0.9, False), ("签字", 0.99, False), ("吕明", 0.9, True),
        ("艾尼瓦尔·阿不都拉", 0.9, True), ("热孜系古表列形熱點", 0.58, True),
        ("以上内容均属实特此承诺", 0.97, False), ("阿卜杜热合曼·买买提依明", 0.9, True), ("情况属实同意推荐上报", 0.9, False),
        ("覃月桂", 0.99, True), ("江月", 0.99, True), ("月娥", 0.99, True),
        ("祝丰年", 0.99, True), ("年 月 日", 0.99, False), ("年月日", 0.99, False),
        ("吴国庆。", 0.98, True), ("。", 0.9, False), ("情况属实。", 0.98, False),
        ("6月", 0.9, False), ("14", 0.9, True), ("2015", 0.9, False), ("收款人：", 0.97, False), ("袁：", 0.2, True),
    ],
)  # fmt: skip
def test_what_was_read_in_a_signing_place_is_a_hand_where_it_may_be_a_name(text: str, score: float, hand: bool) -> None:
    edges = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    cells = np.stack([edges[:-1], edges[1:]], axis=1)
    assert is_hand(Line(quad(0, 0, 80, 30), text, cells, (score,) * len(text), tuple(text), "test")) is hand


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("或委托代理人（签字）：", ["或委托代理人（签字）："]), ("乙方（签字并按手印）：", ["乙方（签字并按手印）："]),
        ("负责人签字、盖章：", ["负责人签字、盖章："]), ("乙方（签字、按印）：", ["乙方（签字、按印）："]),
        ("县优秀班主任；辅导学生多人获奖；发表论文三篇", []), ("负责人；王芳", ["负责人；"]),
        ("Notary: ", ["Notary:"]), ("Signature of the notary", []),
        ("效力，自双方签字（盖章）之日起生效。", []), ("经本人签字后生效", []), ("联系人：戴凯", []), ("尊敬的校领导：", []),
        ("校（院）长：薛(国号", ["校（院）长："]), ("讲解人：戴凯", ["讲解人："]),
        ("签　名：戴凯", ["签　名："]), ("签到", ["签到"]), ("骨干教师培训签到表", []), ("签到时间：九点", []),
        ("Director: 孙东桐", ["Director:"]), ("Director of Training", []), ("Approved by：", ["Approved by："]),
        ("法定代表人（委托代理人）：", ["法定代表人（委托代理人）："]), ("经办人 Handled by：", ["经办人 Handled by："]),
        ("主检医师：贺桂香", ["主检医师："]),
        ("与原件核对一致", ["与原件核对一致"]), ("复印件须与原件一致，并加盖公章", []), ("签收", ["签收"]), ("已签收快递三件", []),
        ("填表人：程思审核：", ["填表人：程思审核：", "填表人："]), ("审核：王芳", []), ("资格审核：", []), ("责任编辑：王芳", []),
        ("情况属实", ["情况属实"]), ("以上情况属实，同意推荐", []),
        ("局长邢永强", ["局长"]), ("校（院）长晏鹤鸣", ["校（院）长"]), ("学位评定委员会主席 郝秀云", ["学位评定委员会主席 "]),
        ("局长办公会", []), ("会计：柴素云", ["会计："]), ("教研组长签阅：辛宝山", ["教研组长签阅："]),
        ("教务处审核：陆文", ["教务处审核："]), ("学校代表：田禾", ["学校代表："]), ("教研组长审阅：郑禾", ["教研组长审阅："]),
        ("人大代表联络站", []), ("作为学校代表参加", []), ("经教务处审核，同意", []),
        ("学校审核：", ["学校审核："]), ("推荐专家：司马晴", ["推荐专家："]), ("专家：名师", []),
        ("阿不都热合曼吐尔逊字：杨斌华", ["阿不都热合曼吐尔逊字："]), ("粉笔字：优秀", []), ("名字：杨斌华", []),
        ("企业指导师傅：谌志", ["企业指导师傅："]), ("检索员：庄明", ["检索员："]), ("代表：斯琴", ["代表："]), ("人大代表：斯琴", []),
        ("指导老师：", ["指导老师："]), ("指导老师：文娟红", []), ("工会主席：", ["工会主席："]),
        ("教研组长签子：", ["教研组长签子："]),
        ("竹签子制作", []),
        ("优秀教师：", []), ("主任委员：", ["主任委员："]),
        ("同言。臧振华", ["同言。"]), ("同意。", []), ("同意。请按时报送", []),
        ("考核组成员：鄭達明秦博佩制凯雅", ["考核组成员："]), ("评委：李明、王芳、赵建国", []), ("课题组成员：王芳", []),
    ],
)  # fmt: skip
def test_a_signing_word_takes_what_belongs_to_it_and_prose_is_none(text: str, anchors: list[str]) -> None:
    assert [text[:end] for _, end, _ in _anchors([line(text)])] == anchors


def test_a_name_beside_a_signing_word_in_brackets_is_covered_from_end_to_end() -> None:
    lines = (line("代理人（签字）：", 100, 100), line("程韬", 400, 95, height=40))
    page = Page(pixels=np.full((300, 800, 3), 255, np.uint8), lines=lines)
    (found,) = find_signatures(page).findings
    assert found.polygon[:, 0].min() < 400
    assert found.polygon[:, 0].max() > 480


def test_a_pen_may_begin_far_behind_a_word_that_asks_for_it_and_a_blot_between_says_nothing() -> None:
    blot = replace(line("", 240, 40, height=120), text="", scores=(), candidates=())
    lines = (line("签章：", 100, 100), blot, line("韩艳洋", 350, 95, height=40))
    page = Page(pixels=np.full((300, 800, 3), 255, np.uint8), lines=lines)
    (found,) = find_signatures(page).findings
    assert found.polygon[:, 0].max() > 470
    far = (line("校长：", 100, 100), line("韩艳洋", 450, 95, height=40))
    assert find_signatures(Page(pixels=page.pixels, lines=far)).findings == ()


def test_of_a_grey_seal_beside_a_hand_no_stroke_is_the_hands_and_what_is_under_it_is_covered_anyway() -> None:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    cv2.line(pixels, (330, 105), (400, 128), (40, 40, 40), 3)
    cv2.circle(pixels, (480, 120), 70, (90, 90, 90), 4)
    page = Page(pixels=pixels, lines=(line("签名：", 200, 100),))
    ring = np.array([(480 + 76 * np.cos(a), 120 + 76 * np.sin(a)) for a in np.linspace(0, 6.2, 40)], np.float32)
    seal = Finding("seal", ring, 0.9, "seal", "ring")
    [alone] = find_signatures(page).findings
    [beside] = find_signatures(replace(page, findings=(seal,))).findings
    [open_] = find_signatures(replace(page, findings=(replace(seal, covered=False),))).findings
    assert alone.polygon[:, 0].max() > 425
    assert 398 < beside.polygon[:, 0].max() < 415
    assert np.array_equal(open_.polygon, alone.polygon)  # a seal that is not asked for hides nothing


def test_a_tall_hand_that_was_badly_read_is_a_hand_and_a_long_one_is_covered_to_its_end() -> None:
    pixels = np.full((300, 1200, 3), 255, np.uint8)
    tall = line("鄭甲", 320, 60, height=130, score=0.7)
    [found] = find_signatures(Page(pixels=pixels, lines=(line("校长（签章）：", 100, 100), tall))).findings
    assert found.polygon[:, 0].max() > 580
    long = line("古丽巴哈尔·依明", 330, 90, height=50)
    [found] = find_signatures(Page(pixels=pixels, lines=(line("乙方（签名）：", 100, 100), long))).findings
    assert found.polygon[:, 0].max() > 330 + 8 * 50


def test_a_hand_read_in_one_line_with_its_word_is_covered_from_where_the_colon_stands() -> None:
    said = replace(line("证明人（签名）：东る", 100, 100), scores=(0.99,) * 8 + (0.5, 0.4))
    pixels = np.full((300, 800, 3), 255, np.uint8)
    [found] = find_signatures(Page(pixels=pixels, lines=(said,))).findings
    assert found.polygon[:, 0].min() < 100 + 8 * 30 - 10


def test_a_head_of_a_grade_signs_beside_an_office_without_a_colon() -> None:
    hand = line("令狐雪", 250, 95, height=45)
    page = Page(pixels=np.full((300, 800, 3), 255, np.uint8), lines=(line("年级主任", 100, 100), hand))
    [found] = find_signatures(page).findings
    assert found.polygon[:, 0].max() > 380


def test_a_colon_that_was_read_apart_from_its_word_does_not_end_the_hand_behind_it() -> None:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    cv2.line(pixels, (450, 105), (520, 128), (40, 40, 40), 3)
    lines = (line("承诺人（签字）", 100, 100), line(":", 315, 105, height=20))
    [found] = find_signatures(Page(pixels=pixels, lines=lines)).findings
    assert (found.polygon[:, 0].min() < 450, found.polygon[:, 0].max() > 520) == (True, True)


def test_a_second_hand_below_the_first_is_covered_and_print_below_it_is_not() -> None:
    lines = (line("公示监督人（签字）：", 100, 100), line("陆思远", 420, 95, height=40, score=0.5))
    second, printed_ = line("廖玉潔", 200, 170, height=40, score=0.85), line("廖玉洁", 200, 170)
    assert covers(page_of(*lines, second), second)
    assert not covers(page_of(*lines, printed_), printed_)


def test_a_large_hand_is_followed_as_far_as_it_runs_below_its_line() -> None:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    cv2.line(pixels, (330, 105), (420, 172), (40, 40, 40), 3)
    [found] = find_signatures(Page(pixels=pixels, lines=(line("签名：", 200, 100),))).findings
    assert found.polygon[:, 1].max() > 172


def test_print_under_a_seal_ends_a_hand() -> None:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    cv2.line(pixels, (330, 105), (560, 128), (40, 40, 40), 3)
    seal = Finding("seal", quad(420, 40, 620, 240), 0.9, "seal", "ring")
    lines = (line("签名：", 200, 100), line("2024年5月", 440, 100, height=24))
    [found] = find_signatures(Page(pixels=pixels, lines=lines, findings=(seal,))).findings
    assert found.polygon[:, 0].max() < 450


def test_what_a_seal_beside_a_hand_says_is_no_part_of_it() -> None:
    lines = (line("负责人：", 100, 100), line("程韬", 230, 95, height=40), line("宜禾", 340, 90, height=40))
    page = Page(pixels=np.full((300, 800, 3), 255, np.uint8), lines=lines)
    seal = Finding("seal", quad(330, 20, 500, 190), 0.9, "seal", "coloured ring")
    for findings, end in (((), 420), ((seal,), 317)):
        (found,) = find_signatures(replace(page, findings=findings)).findings
        assert abs(found.polygon[:, 0].max() - end) < 12


def test_a_hand_under_a_signing_word_that_stands_alone_is_covered() -> None:
    lines = (line("持证人签名", 100, 100), line("Signature", 100, 140, height=20), line("周春娜", 110, 180, height=40))
    page = Page(pixels=np.full((400, 800, 3), 255, np.uint8), lines=(*lines, line("证书编号一二三四五六七", 100, 240)))
    (found,) = find_signatures(page).findings
    assert found.polygon[:, 1].min() > 160
    assert found.polygon[:, 1].max() < 240
    assert find_signatures(Page(page.pixels, lines=(line("本人签名", 100, 100), line("日期", 110, 160)))).findings == ()


def test_what_the_reader_left_of_a_hand_under_its_word_is_covered_with_it() -> None:
    pixels = np.full((400, 800, 3), 255, np.uint8)
    for left in (120, 150, 180, 210, 240):  # strokes of a pen, of which the first three were read
        pixels[185:215, left : left + 6] = pixels[195:200, left : left + 20] = 40
    lines = (
        line("持证人签名", 100, 100),
        line("周春娜", 110, 180, height=40),
        line("证书编号一二三四五六七", 100, 300),
    )
    (found,) = find_signatures(Page(pixels, lines=lines)).findings
    assert (found.polygon[:, 0].min() < 118, 258 < found.polygon[:, 0].max() < 280) == (True, True)


@pytest.mark.parametrize("title", ["主检医师", "检验者", "审核人", "监考员", "测试员", "承诺人", "承诺人（按手印）"])
def test_beside_the_title_of_somebody_who_signs_stands_a_hand_and_no_other_label(title: str) -> None:
    pixels = np.full((400, 900, 3), 255, np.uint8)
    cell, beside = line(title, 100, 100), 130 + 30 * len(title)
    lines = (cell, line("沈力兰", beside, 95, score=0.5), line("结论", beside + 250, 100))
    (found,) = find_signatures(Page(pixels, lines=lines)).findings
    assert (found.polygon[:, 0].min() < beside, 90 < found.polygon[:, 0].max() - beside < 240) == (True, True)
    for other in ("结论", "备注", "日期"):
        assert find_signatures(Page(pixels, lines=(cell, line(other, beside, 100)))).findings == ()
    prose = line(f"{title}须具备本条所列的全部资格和条件", 100, 100)
    assert find_signatures(Page(pixels, lines=(prose,))).findings == ()


def test_all_who_sign_beside_the_word_for_several_are_covered() -> None:
    hands = (
        line("祁丽华", 400, 95, height=40),
        line("萬俊傑", 700, 95, height=40),
        line("龚雅琴", 1000, 95, height=40),
    )
    page = Page(np.full((300, 1300, 3), 255, np.uint8), lines=(line("领导小组成员签字：", 100, 100), *hands))
    covers = [found.polygon for found in find_signatures(page).findings]
    assert all(any(holds(cover, middle(hand.polygon)) for cover in covers) for hand in hands)


def test_a_column_of_hands_may_be_headed_by_the_doctors_alone() -> None:
    hands = [line(name, 500, 160 + 60 * n) for n, name in enumerate(("钟楠", "池田", "林巧", "周春娜"))]
    results = [line("未见异常", 200, 160 + 60 * n) for n in range(4)]
    page = Page(np.full((500, 800, 3), 255, np.uint8), lines=(line("医师", 500, 100), *hands, *results))
    covers = [found.polygon for found in find_signatures(page).findings]
    assert [any(holds(cover, middle(one.polygon)) for cover in covers) for one in (*hands, *results)] == (
        [True] * 4 + [False] * 4
    )


@pytest.mark.parametrize(("chop", "begin"), [(None, 360), ((60, 60, 220), 300)])
def test_a_cover_begins_at_the_hand_or_at_the_chop_before_it(chop: tuple[int, int, int] | None, begin: float) -> None:
    """Behind 负责人签字： (its end at 310) a chop may be set before the hand, which begins at 380."""
    pixels = np.full((300, 800, 3), 255, np.uint8)
    for left in (380, 410, 440):
        pixels[95:135, left : left + 6] = pixels[110:116, left : left + 24] = 40
    if chop:
        pixels[100:130, 320:350] = chop
    (found,) = find_signatures(Page(pixels, lines=(line("负责人签字：", 100, 100),))).findings
    assert begin < found.polygon[:, 0].min() < begin + 20
    assert found.polygon[:, 0].max() > 460


def test_a_cover_ends_where_the_ink_does_and_takes_its_thin_strokes() -> None:
    """What was read of a hand reaches over bare paper; of its strokes the last is too thin to be a pen's for sure."""
    pixels = np.full((300, 800, 3), 255, np.uint8)
    pixels[110:130, 200:260:6] = 40
    pixels[112:128, 262:274:6] = 215
    about = outline(pixels, at_start(line("王芳", 100, 100)), (2.0, -1.0, 9.0, 2.0))
    assert (about.min(axis=0) > (185, 96)).all()
    assert (about.max(axis=0) < (290, 142)).all()
    assert about[:, 0].max() > 268


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 3.0, 1.0)])
def test_a_cover_of_nothing_that_shows_stays_as_it_is(box: Box) -> None:
    paper, frame = np.full((300, 800, 3), 255, np.uint8), at_start(line("王芳", 100, 100))
    u0, v0, u1, v1 = box
    assert np.allclose(outline(paper, frame, box), frame.box(u0 - ROOM, v0 - ROOM, u1 + ROOM, v1 + ROOM))


def test_what_a_seal_says_is_no_hand_beside_an_office() -> None:
    lines = (line("校长", 100, 100), line("青岚市", 300, 95, height=44, score=0.8))
    page = Page(np.full((300, 800, 3), 255, np.uint8), lines=lines)
    seal = Finding("seal", quad(280, 20, 480, 220), 0.9, "seal", "coloured ring")
    assert (len(find_signatures(page).findings), find_signatures(replace(page, findings=(seal,))).findings) == (1, ())


def written(name: Line, ink: tuple[int, int, int]) -> Page:
    """A page with five lines of black print and `name`, whose strokes are of `ink` (BGR)."""
    prose = [line("现将有关情况公示如下", 100, 60 + 60 * n) for n in range(5)]
    pixels = np.full((600, 800, 3), 255, np.uint8)
    for one in (*prose, name):
        (x0, y0), (x1, y1) = one.polygon[0].astype(int), one.polygon[2].astype(int)
        pixels[y0 + 4 : y1 - 4 : 8, x0 + 4 : x1 - 4] = ink if one is name else (90, 90, 90)
    return Page(pixels, lines=(*prose, name))


@pytest.mark.parametrize(
    ("text", "height", "score", "ink", "hand"),
    [
        ("龚雅琴", 44, 0.99, (200, 90, 90), True),  # larger, and blue
        ("龚雅琴", 44, 0.85, (90, 90, 90), True),  # larger, and badly read
        ("龚雅琴", 32, 0.99, (200, 90, 90), False),  # blue print
        ("龚雅琴", 44, 0.99, (90, 90, 90), False),  # a bold line
        ("龚雅琴", 80, 0.85, (200, 90, 90), False),  # a title
        ("荣誉证书", 44, 0.99, (60, 40, 150), False), ("银行电子回单", 44, 0.99, (200, 90, 90), False),
        ("买买提·阿不都", 44, 0.99, (200, 90, 90), True),
    ],
)  # fmt: skip
def test_a_name_unlike_the_print_in_two_ways_is_a_hand(
    text: str, height: float, score: float, ink: tuple[int, int, int], hand: bool
) -> None:
    name = line(text, 300, 450, height=height, score=score)
    page = written(name, ink)
    found = find_signatures(page).findings
    assert [holds(f.polygon, middle(name.polygon)) for f in found] == [True] * hand
    covered = Finding("name", name.polygon, 0.9, "identity", "name")
    assert find_signatures(replace(page, findings=(covered,))).findings == ()


def test_of_a_page_with_little_print_nothing_is_unlike_it() -> None:
    page = written(line("龚雅琴", 300, 450, height=44, score=0.85), (200, 90, 90))
    assert find_signatures(replace(page, lines=page.lines[2:])).findings == ()


def test_all_rows_of_hands_below_those_who_sign_are_covered_whatever_their_names() -> None:
    """A committee's hands stand in rows below 评议小组成员签名：, the next label ends them."""
    rows = [("买买提", "阿依努尔", "赵丽娜"), ("郭艳红", "罗文杰", "李秀兰")]
    hands = [line(name, 100 + 200 * k, 150 + 70 * n) for n, row in enumerate(rows) for k, name in enumerate(row)]
    lines = (line("评议小组成员签名：", 100, 100), *hands, line("监票人一栏：赵丽娜", 100, 290))
    page = Page(pixels=np.full((400, 900, 3), 255, np.uint8), lines=lines)
    found = find_signatures(page).findings
    assert sorted(tuple(np.round(f.polygon.mean(axis=0)).tolist()) for f in found) == sorted(
        tuple(np.round(hand.polygon.mean(axis=0)).tolist()) for hand in hands
    )


@pytest.mark.parametrize(("word", "covered"), [("参会人员签字", 2), ("持证人签名", 1)])
def test_under_the_word_for_many_stands_a_row_of_hands(word: str, covered: int) -> None:
    lines = (
        line(word, 100, 100),
        line("扎西多吉", 120, 150),
        line("许永", 400, 150),
        line("会议要求各校认真落实", 100, 220),
    )
    found = find_signatures(Page(np.full((400, 800, 3), 255, np.uint8), lines=lines)).findings
    assert len(found) == covered
    assert max(f.polygon[:, 1].max() for f in found) < 220


@pytest.mark.parametrize(
    ("word", "under", "covered"),
    [
        ("本人签名：", "周春娜", 1), ("负责人（签字）", "周春娜", 1), ("本人签名：", "教务处", 0), ("本人签名：", "身份证号：", 0),
        ("本人签名", "教务处", 1), ("负责人（签字）", "皇甫杰刚", 1), ("本人签名：", "学校意见", 0), ("联系人：", "周春娜", 0),
    ],
)  # fmt: skip
def test_under_a_signing_word_with_a_colon_only_a_name_is_a_hand(word: str, under: str, covered: int) -> None:
    lines = (line(word, 100, 100), line(under, 120, 160))
    assert len(find_signatures(Page(np.full((400, 800, 3), 255, np.uint8), lines=lines)).findings) == covered


def test_those_who_judge_sign_in_a_row_with_wide_gaps() -> None:
    row = (line("考核组成员：关力", 100, 100), line("阿依努", 560, 95, height=40), line("趙据", 900, 98, height=40))
    page = Page(pixels=np.full((300, 1400, 3), 255, np.uint8), lines=(*row, line("2023年12月13日", 1150, 100)))
    boxes = [found.polygon for found in find_signatures(page).findings]
    for hand in row[1:]:
        middle = hand.polygon.mean(axis=0)
        assert any((box.min(0) < middle).all() and (middle < box.max(0)).all() for box in boxes)
    assert max(box[:, 0].max() for box in boxes) < 1150


@pytest.mark.parametrize(("beside", "covered"), [("严佩瑶金雅海玉山江", True), ("严佩瑶、金雅海、玉山江", False)])
def test_a_row_of_hands_may_have_been_read_as_one_line_but_a_printed_list_is_none(beside: str, covered: bool) -> None:
    lines = (line("考核组成员：", 100, 100), line(beside, 420, 95, height=40))
    page = Page(pixels=np.full((300, 1400, 3), 255, np.uint8), lines=lines)
    assert any(found.polygon[:, 0].max() > 760 for found in find_signatures(page).findings) is covered


def test_a_pen_that_begins_within_the_place_of_a_colon_is_covered_from_its_first_stroke() -> None:
    anchor = line("证明人（签字）：", 100, 100)
    cells = anchor.cells.copy()
    cells[-1, 1] = 1.0  # the reader's last place runs on into what was written
    pixels = np.full((300, 800, 3), 255, np.uint8)
    start = int(anchor.polygon[:, 0].min() + cells[-1, 0] * anchor.length + 0.6 * anchor.height)
    pixels[100:130, start : start + 60] = 20
    (found,) = find_signatures(Page(pixels=pixels, lines=(replace(anchor, cells=cells),))).findings
    assert found.polygon[:, 0].min() <= start


def test_hands_stand_one_under_the_other_below_a_columns_head() -> None:
    names = ("宁静", "民秀琼", "夏侯瑾", "王方圆", "真雪松", "贺桂香")
    head, pixels = line("领款人签字", 600, 100), np.full((1200, 900, 3), 255, np.uint8)
    hands = tuple(line(name, 590 + 7 * (n % 3), 180 + 90 * n, height=42) for n, name in enumerate(names))
    others = tuple(line(str(4000 + n), 300, 185 + 90 * n) for n in range(6))
    found = find_signatures(Page(pixels, lines=(head, *hands, *others))).findings
    assert len(found) == 6
    pixels[60:1100, 775:779] = 0  # the table's line: ink beside the head
    assert (
        sum(
            one.why == "a hand under a signing word"
            for one in find_signatures(Page(pixels, lines=(head, *hands))).findings
        )
        == 6
    )
    assert min(finding.polygon[:, 0].min() for finding in found) > 560


def test_a_hand_of_a_column_is_covered_within_its_cell() -> None:
    pixels = np.full((900, 1000, 3), 255, np.uint8)
    head, hands = line("签到", 600, 100), [line("贺桂香", 600, 180 + 90 * n, height=42) for n in range(4)]
    pixels[150:700, 750:753] = 0  # the table's line, and a number in the next cell
    pixels[190:220, 780:800] = 0
    found = find_signatures(Page(pixels, lines=(head, *hands))).findings
    boxes = [one.polygon for one in found if one.why == "a hand under a signing word"]
    assert (len(boxes), max(float(box[:, 0].max()) for box in boxes) < 745) == (4, True)
    assert max(float(np.ptp(box[:, 1])) for box in boxes) < 70


def test_what_stands_far_below_one_hand_is_no_column() -> None:
    lines = (line("本人签字", 600, 100), line("贺桂香", 600, 160), line("合格", 600, 240), line("三等奖", 600, 320))
    found = find_signatures(Page(np.full((500, 900, 3), 255, np.uint8), lines=lines)).findings
    assert max(finding.polygon[:, 1].max() for finding in found) < 300


def test_print_behind_the_word_at_a_tables_foot_is_a_byline_and_a_pen_is_none() -> None:
    assert [text[:end] for text in ("审核：王芳",) for _, end, _ in _anchors([line(text, score=0.9)])] == ["审核："]


def page_of(*lines: Line) -> Page:
    return Page(pixels=np.full((700, 1200, 3), 255, np.uint8), lines=lines)


def covers(page: Page, hand: Line) -> bool:
    """Whether one finding holds the whole line."""
    low, high = hand.polygon.min(axis=0), hand.polygon.max(axis=0)
    boxes = [(f.polygon.min(axis=0), f.polygon.max(axis=0)) for f in find_signatures(page).findings]
    return any((box[0] <= low).all() and (box[1] >= high).all() for box in boxes)


@pytest.mark.parametrize("word", ["Sincerely,", "Yours faithfully,", "Best regards,"])
def test_the_hand_under_a_letters_end_is_covered_and_its_printed_name_is_not_taken_for_it(word: str) -> None:
    hand, owner = line("尊义", 120, 160, height=45, score=0.6), line("Prof. Tang Shaoyong", 100, 240)
    page = page_of(line(word), hand, owner)
    assert covers(page, hand)
    assert not covers(page, owner)


def test_a_hand_over_an_office_in_two_languages_is_covered_and_print_over_it_is_not() -> None:
    office = line("项目主任 Programme Director", 100, 300, height=20)
    for hand, covered in (
        (line("贺桂香", 200, 240, height=44), True),
        (line("贺桂香", 200, 250, height=22), False),
        (line("长秀琼", 200, 240, height=22, score=0.44), True),
    ):
        assert covers(page_of(office, hand), hand) is covered


def test_a_hand_beside_an_office_without_a_colon_is_covered_and_a_printed_name_is_not() -> None:
    office = line("校　长", 100, 300)
    seal = line("卷", 220, 250, height=150, score=0.2)
    for hand, covered in (
        (line("卢德明", 260, 290, height=50), True),
        (line("卢德明", 260, 300), False),
        (seal, False),
    ):
        assert covers(page_of(office, hand), hand) is covered


def test_a_hand_in_the_column_left_of_an_office_that_runs_down_is_covered_and_a_printed_date_is_not() -> None:
    column = np.array([[630, 100], [630, 160], [600, 160], [600, 100]], np.float32)
    office, hand, far = (
        replace(line("校长"), polygon=column),
        line("欧阳修平", 450, 260, height=48),
        line("程思远", 900, 260, height=48),
    )
    date = replace(line("二〇二三年八月吉日"), polygon=column - np.array([80, 0], np.float32))
    page = page_of(office, hand, far, date)
    assert [covers(page, one) for one in (hand, far, date)] == [True, False, False]


COLUMN = replace(line("校长"), polygon=np.array([[630, 100], [630, 160], [600, 160], [600, 100]], np.float32))


@pytest.mark.parametrize(
    ("word", "there", "elsewhere"),
    [  # upper left corners of hands of two characters, 30 high
        (line("Sincerely,", 100, 100), (120, 160), [(60, 160), (355, 160), (120, 100), (120, 280)]),
        (line("Programme Director", 100, 300), (200, 240), [(20, 240), (650, 240), (200, 150), (200, 290)]),
        (line("校长", 100, 300), (170, 300), [(120, 300), (358, 300), (170, 320), (170, 280)]),
        (COLUMN, (500, 200), [(500, 60), (500, 400), (640, 200), (420, 200)]),
    ],
    ids=["below", "above", "beside", "in the next column"],
)
def test_a_hand_apart_stands_at_its_place_and_nowhere_else(
    word: Line, there: tuple[int, int], elsewhere: list[tuple[int, int]]
) -> None:
    hand = line("尊义", *there, score=0.45)
    others = [line("尊义", *place, score=0.45) for place in elsewhere]
    assert hand_apart(word, [word, *others]) is None
    assert hand_apart(word, [word, *others, hand]) is hand
    assert hand_apart(word, [line("尊义", *there, height=121, score=0.45)]) is None
    assert hand_apart(line("教学设计", 100, 300), [hand]) is None


def test_every_hand_under_a_date_of_a_sheet_for_signing_is_covered_and_who_was_away_is_none() -> None:
    heads = line("校本研修签到表", 300, 20), line("姓名", 100, 80), line("9月6日", 400, 80), line("9月13日", 700, 80)
    names = line("程思远", 100, 150), line("热娜·阿不力孜", 100, 250)
    hands = line("程思远", 410, 145, height=36), line("热娜", 720, 245, height=36)
    away, remark = line("请假", 720, 150), line("本表由教务处保存并归档", 400, 600)
    page = page_of(*heads, *names, *hands, away, remark)
    assert [covers(page, one) for one in (*hands, *names, away, remark)] == [True, True, False, False, False, False]
    ordinary = page_of(line("值班安排", 300, 20), *heads[1:], *names, *hands)
    assert not any(covers(ordinary, hand) for hand in hands)


def test_ink_that_nobody_read_under_a_date_of_a_sheet_for_signing_is_covered_once() -> None:
    heads = line("签到册", 300, 20), line("姓名", 100, 80), line("9月6日", 400, 80)
    further = line("星期一", 400, 300), line("李四光", 100, 350)  # the next week's, with nobody's hand
    page = page_of(*heads, line("程思远", 100, 150), *further)
    page.pixels[155:178, 420:480:6] = 0
    page.pixels[165:168, 420:480] = 0
    seal = Finding("seal", quad(380, 120, 520, 210), 0.9, "seal", "ring")  # ink under it is no less a hand
    [found] = find_signatures(replace(page, findings=(seal,))).findings
    box = *found.polygon.min(axis=0), *found.polygon.max(axis=0)
    assert box == pytest.approx((414, 147, 487, 186), abs=6)


def test_heads_in_a_second_row_do_not_narrow_the_columns_of_the_first_nor_these_theirs() -> None:
    heads = line("签到册", 300, 20), line("姓名", 100, 80), line("9月6日", 450, 80), line("9月7日", 850, 80)
    halves = [line(word, x, 125, height=24) for x, word in ((376, "上午"), (576, "下午"), (776, "上午"), (976, "下午"))]
    hands = line("程思", 312, 190), line("程思", 630, 195)  # neither in the middle of its cell
    page = page_of(*heads, *halves, line("程思远", 100, 190), *hands)
    assert [covers(page, hand) for hand in hands] == [True, True]


def test_what_the_reader_left_of_a_hand_on_a_sheet_for_signing_is_covered_with_it() -> None:
    hand = line("程", 420, 150)
    page = page_of(
        line("签到册", 300, 20), line("姓名", 100, 80), line("9月6日", 400, 80), line("程思远", 100, 150), hand
    )
    page.pixels[155:178, 420:490:6] = 0
    page.pixels[165:168, 420:490] = 0
    [found] = find_signatures(page).findings
    assert covers(page, hand)
    assert 490 < found.polygon[:, 0].max() < 505


def test_a_covered_cell_of_a_sheet_for_signing_holds_no_further_ink_when_its_rendition_is_read() -> None:
    head = line("签到册", 300, 20), line("姓名", 100, 80), line("9月6日", 400, 80)
    page = page_of(*head, line("程思远", 100, 150), line("热娜", 100, 250))
    page.pixels[155:178, 420:480:6] = 0
    page.pixels[165:168, 420:480] = 0
    page = page.add(find_signatures(page))
    assert len(page.findings) == 1
    missed = line("备注", 100, 600)
    rendition = replace(page, pixels=cover(page, page.findings), lines=(*page.lines, missed))
    assert find_signatures(rendition, [missed]).findings == ()
    rendition.pixels[265:268, 420:480] = rendition.pixels[255:278, 420:480:6] = 0  # another row's, that nobody had seen
    [found] = find_signatures(rendition, [missed]).findings
    assert (found.polygon[:, 1].min() > 230, found.polygon[:, 1].max() < 300) == (True, True)
