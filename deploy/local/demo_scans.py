"""The papers of an invented applicant, drawn and scanned: one picture for each item that a notice asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from mangping.identity.numbers import check_character
from numpy.random import Generator

from bench.generator.canvas import Canvas, Run
from bench.generator.damage import Shot, shoot
from bench.generator.pages import PAGES
from bench.generator.paper import border, portrait
from bench.generator.people import Person, invent
from bench.generator.stamps import seal

Draw = Callable[[Person, Generator, float], Canvas]
_BLUE = (40, 70, 120)
_WHO = ("姓名：{name}", "身份证号：{id}", "工作单位：{unit}")


def applicant(seed: int) -> Person:
    """Invented; the check character of their number holds, as a register demands."""
    made = invent(np.random.default_rng([seed, 77]))
    first = made.id_number[:17]
    return replace(made, id_number=first + check_character(first))


def _paper(
    title: str, lines: Sequence[str], person: Person, dice: Generator, dpi: float, *, size: tuple[float, float],
    photo: bool = False,
) -> Canvas:  # fmt: skip
    """A sheet of `size` mm with a title, lines about the person, and the seal of whoever issued it."""
    width, height = size
    page = Canvas(width, height, dpi)
    border(page, _BLUE, margin=8)
    page.write(width / 2, height * 0.2, title, 24, bold=True, centre=True)
    known = {"name": person.name, "id": person.id_number, "unit": person.unit}
    y = height * 0.32
    for line in lines:
        y = (
            page.flow(width * 0.12, y, width * (0.5 if photo else 0.76), [Run(line.format(**known))], 13)
            + height * 0.025
        )
    if photo:
        portrait(page, width * 0.7, height * 0.3, dice, width=width * 0.16)
    seal(page, width * float(dice.uniform(0.55, 0.75)), height * 0.8, f"{person.place}教育局", dice, size=36)
    return page


def _sheet(title: str, *lines: str, size: tuple[float, float] = (210, 297), photo: bool = False) -> Draw:
    return lambda person, dice, dpi: _paper(title, lines or _WHO, person, dice, dpi, size=size, photo=photo)


def _card(person: Person, dice: Generator, dpi: float, *, back: bool = False) -> Canvas:
    """A made-up ID card, enlarged and marked as a specimen."""
    page = Canvas(150, 95, dpi, (238, 243, 246), face="hei")
    if back:
        page.write(75, 30, "居民身份证", 22, bold=True, centre=True)
        page.write(30, 70, "签发机关　样本公安局　（样本无效）", 11)
        return page
    for number, line in enumerate((f"姓名　{person.name}", f"性别　{'女' if person.woman else '男'}　民族　汉")):
        page.write(12, 22 + 14 * number, line, 13)
    portrait(page, 106, 16, dice, width=32)
    page.write(12, 84, "公民身份号码", 11)
    page.write(48, 84, person.id_number, 14)
    page.write(12, 62, "样本无效", 10)
    return page


def _photo(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A photo glued on a slip, as it is handed in."""
    page = Canvas(100, 130, dpi, (250, 250, 250))
    portrait(page, 30, 15, dice, width=40)
    page.write(50, 92, "近期一寸免冠照片", 14, centre=True)
    page.write(50, 104, "（样本，背面无字）", 12, centre=True)
    return page


_LINES = "在本单位教育教学工作中完成规定的学习任务，成绩合格。"
PAPERS: dict[str, Draw] = {
    "id_card": _card, "id_card_back": partial(_card, back=True), "photo": _photo,
    "diploma": _sheet("毕业证书", "学生{name}修完规定的全部课程，成绩合格，准予毕业。", size=(260, 184), photo=True),
    "register": _sheet("教育部学历证书电子注册备案表", *_WHO, "学历类别：普通高等教育", "在线验证码：样本", photo=True),
    "training": PAGES["training"], "appraisal": PAGES["appraisal"], "pledge": PAGES["pledge"],
    "award": PAGES["certificate"], "title": PAGES["bilingual"], "summary": PAGES["summary"], "lesson": PAGES["clean"],
    "appraisal_back": _sheet("考核意见", "单位意见：同意确定为合格等次。", "本人意见：同意。签名：{name}", size=(210, 290)),
    "appointment": _sheet("关于公布任职资格的通知", "各单位：经评审，{unit}{name}等同志具备任职资格，现予公布。", _LINES),
    "public_course": _sheet("公需科目考试合格证", *_WHO, _LINES, size=(184, 260)),
    "ethics": _sheet("师德师风情况说明", "{name}同志系{unit}教师，遵纪守法，恪守师德，无师德师风问题。特此说明。"),
    "report": _sheet("推荐报告", "{unit}经审议、公示，同意推荐{name}同志参加本年度职称评审。", _LINES),
    "group": _sheet("关于成立职称审议推荐小组的通知", "各处室：经研究，{unit}成立职称审议推荐小组，现予公布。"),
    "checked": _sheet("职称材料审核记录表", *_WHO, "学历、资历、业绩、继续教育等材料已与原件核对，一致。"),
    "notice_board": _sheet("推荐单位公示照片", "校务公开栏张贴情况（示意）：拟推荐参评人员名单、申报情况、评审表。"),
    "putonghua": _sheet("普通话水平测试等级证书", *_WHO, "等级：二级甲等", size=(190, 130), photo=True),
}  # fmt: skip


def scan(paper: str, person: Person, number: int, *, turn: int = 0) -> bytes:
    """A JPEG of this paper, slightly askew as scanners leave it; `number` makes each picture its own, `turn` sideways."""
    dice = np.random.default_rng([number, sum(map(ord, paper))])
    shot = Shot(mode="scan", dpi=150.0, skew=float(dice.uniform(-0.6, 0.6)), turn=turn, jpeg=85, noise=1.5)
    canvas = PAPERS[paper](person, dice, 200.0)
    return shoot(canvas, shot, dice)[0].content
