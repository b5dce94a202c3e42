"""The pages: each draws one kind of document about an applicant. Layouts are invented."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from numpy.random import Generator

from bench.generator import texts
from bench.generator.canvas import Canvas, Colour, Run
from bench.generator.fonts import writes_uyghur
from bench.generator.paper import border, code, guilloche, portrait
from bench.generator.people import Person, pick
from bench.generator.sealed import sealed
from bench.generator.slots import fill, runs
from bench.generator.stamps import GREY, RED, fingerprint, seal, signature

Draw = Callable[[Person, Generator, float], Canvas]
DARK_RED: Colour = (170, 24, 30)
TINTS: tuple[Colour, ...] = ((253, 252, 249), (250, 246, 234), (246, 249, 250), (255, 255, 255))


def certificate(person: Person, dice: Generator, dpi: float) -> Canvas:
    """An honour certificate across, on guilloche, with a seal over the issuer's name."""
    page = Canvas(260, 184, dpi, pick(dice, TINTS))
    colour = pick(dice, (DARK_RED, (176, 120, 30), (40, 90, 130)))
    guilloche(page, colour, dice)
    border(page, colour)
    page.write(130, 44, pick(dice, texts.CERTIFICATE_TITLES), 40, colour=DARK_RED, bold=True, gap=6, centre=True)
    page.write(34, 68, runs(pick(dice, texts.GREETINGS), person, dice), 20)
    page.flow(34, 84, 194, runs(pick(dice, texts.HONOURS), person, dice), 19, leading=1.9)
    page.write(34, 158, runs("证书编号：{number}", person, dice), 10)
    issuer = pick(dice, (f"{person.place}教育局", person.unit, f"{person.place}人民政府"))
    owned = [Run(issuer, "unit", "full")] if issuer == person.unit else issuer
    page.write(190, 140, owned, 15, centre=True)
    page.write(190, 151, runs("{year}年九月", person, dice), 15, centre=True)
    seal(page, 190 + float(dice.uniform(-12, 12)), 140, issuer, dice)
    return page


def appraisal(person: Person, dice: Generator, dpi: float) -> Canvas:
    """An appraisal form: a table of labelled fields, opinions with signatures and seals; sometimes a photo."""
    page = Canvas(210, 297, dpi, face=pick(dice, ("song", "hei")))
    page.write(105, 26, runs("{year}年度专业技术人员考核登记表", person, dice), 19, bold=True, centre=True)
    photo = dice.random() < 0.6
    top = _table(page, 18, 36, 144 if photo else 174, texts.FIELDS, person, dice)
    if photo:
        page.frame(162, 36, 30, top - 36)
        portrait(page, 164.5, 39, dice, width=25)
    page.frame(18, top, 174, 62)
    page.flow(22, top + 9, 166, runs(pick(dice, texts.REVIEWS), person, dice), 11)
    for number, (label, role) in enumerate((("部门负责人意见", "leader"), ("本人签字", "applicant"), ("单位意见", ""))):
        y = top + 62 + 38 * number
        page.frame(18, y, 174, 38)
        page.write(22, y + 9, label + "：", 11)
        if role:
            page.write(112, y + 30, "签名：", 11)
            signer = person.name.split("·")[0] if role == "applicant" else person.others[0]
            signature(page, 124, y + 29, signer, role, dice, size=9)
        else:
            page.write(120, y + 20, "（盖章）", 11)
            seal(page, 136, y + 20, person.unit, dice, size=38, colour=pick(dice, (RED, RED, GREY)))
        page.write(160, y + 35, "年   月   日", 10)
    return page


def _table(
    page: Canvas, x: float, y: float, width: float, rows: Sequence[Sequence[str]], person: Person, dice: Generator
) -> float:
    """Rows of label, template, label, template; returns the y below. A single pair spans the row."""
    for row in rows:
        label = width * 0.17
        value = width / (len(row) // 2) - label
        for number, cell in enumerate(row):
            left, wide = x + (number // 2) * (label + value) + (number % 2) * label, value if number % 2 else label
            page.frame(left, y, wide, 11)
            content = runs(cell, person, dice)
            points = min(11.0, 11.0 * (wide - 2) / max(1e-6, page.measure("".join(run.text for run in content), 11)))
            page.write(left + wide / 2, y + 7.2, content, points, centre=True)
        y += 11
    return y


def summary(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A work summary: running text about the applicant, the school by any of its names, colleagues, near misses."""
    page = Canvas(210, 297, dpi, face=pick(dice, ("song", "hei")))
    page.write(105, 32, pick(dice, texts.SUMMARY_TITLES), 20, bold=True, centre=True)
    page.write(105, 42, runs("{unit}　{name}", person, dice), 13, centre=True)
    y = 56.0
    for number in dice.permutation(len(texts.PARAGRAPHS))[:6]:
        y = page.flow(25, y, 160, runs(texts.PARAGRAPHS[number], person, dice), 11.5)
    page.write(120, y + 12, "申报人签字：", 12)
    signature(page, 147, y + 12, person.name.split("·")[0], "applicant", dice)
    page.write(130, y + 24, runs("{year}年10月12日", person, dice), 12)
    if dice.random() < 0.5:
        seal(page, 208, 150, person.unit, dice, size=40)  # across the edge, as seals over several sheets are
    return page


def card(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A made-up teacher card, clearly a specimen; drawn enlarged, as cards are copied."""
    page = Canvas(150, 95, dpi, pick(dice, ((226, 240, 246), (238, 236, 224), (232, 242, 230))), face="hei")
    guilloche(page, pick(dice, ((60, 120, 160), (150, 110, 50), (70, 130, 80))), dice, strength=0.35)
    page.write(75, 14, "教师工作证（样本）", 17, bold=True, centre=True, colour=(30, 60, 110))
    portrait(page, 108, 22, dice, width=30)
    for number, (label, template) in enumerate(texts.CARD):
        page.write(10, 28 + 11 * number, label, 12, colour=(40, 80, 130))
        page.write(34, 28 + 11 * number, runs(template, person, dice), 13)
    page.write(10, 84, "身份证号", 12, colour=(40, 80, 130))
    page.write(34, 84, runs("{id}", person, dice), 15, gap=0.4)
    page.write(104, 72, "样本无效 SPECIMEN", 9, colour=(180, 60, 60))
    if dice.random() < 0.6:
        seal(
            page,
            108 + float(dice.uniform(-4, 8)),
            62,
            f"{person.place}教育局",
            dice,
            size=26,
            shape=pick(dice, ("round", "square")),
        )
    return page


def training(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A continuing-education certificate with a table of courses, a QR code and a barcode."""
    page = Canvas(210, 297, dpi, pick(dice, TINTS))
    border(page, (60, 110, 90), margin=8)
    page.write(105, 42, "继续教育合格证书", 28, bold=True, centre=True, colour=(30, 80, 60))
    page.write(105, 52, runs("No. {number}", person, dice), 10, centre=True)
    top = _table(page, 25, 62, 160, texts.TRAINEE, person, dice)
    y = page.flow(25, top + 14, 160, runs(texts.TRAINED, person, dice), 13)
    _table(page, 25, y + 2, 160, texts.COURSES, person, dice)
    page.write(140, 226, f"{person.place}教师发展中心", 13, centre=True)
    page.write(140, 236, runs("{year}年12月30日", person, dice), 13, centre=True)
    shape, x = pick(dice, ("round", "oval", "square")), pick(dice, (140, 140, 140, 58))  # now and then over the QR code
    seal(page, x, 228, f"{person.place}教师发展中心", dice, shape=shape, foot="培训专用章", size=40)
    token = "".join(map(str, dice.integers(0, 10, 14)))
    code(page, 28, 218, f"https://training.example.cn/verify?no={token}", size=float(dice.uniform(20, 30)))
    code(page, 28, 262, token, size=62, bars=True)
    page.write(100, 268, "扫描二维码核验证书真伪", 9)
    return page


def clean(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A lesson plan about nobody: nothing to cover, though much looks alike."""
    page = Canvas(210, 297, dpi, face=pick(dice, ("song", "hei")))
    page.write(105, 30, pick(dice, texts.LESSONS), 20, bold=True, centre=True)
    top = _table(page, 22, 40, 166, texts.LESSON_TABLE, person, dice)
    y = top + 12
    for number in dice.permutation(len(texts.LESSON_PARAGRAPHS))[:6]:
        y = page.flow(22, y, 166, runs(texts.LESSON_PARAGRAPHS[number], person, dice), 12)
    page.write(22, 284, runs("教材订购编号 {number}", person, dice), 10)
    return page


def pledge(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A pledge of truthfulness, signed and with a red thumb print over the signature's end."""
    page = Canvas(210, 297, dpi)
    page.write(105, 40, pick(dice, ("诚信承诺书", "个人承诺书")), 24, bold=True, centre=True)
    y = 60.0
    for template in texts.PLEDGE:
        y = page.flow(28, y, 154, runs(template, person, dice), 14, leading=1.9)
    for label, slot in (("身份证号：", "{id}"), ("联系电话：", "{phone}")):
        page.write(page.write(92, y + 12, label, 14), y + 12, runs(slot, person, dice), 14)
        y += 12
    end = page.write(92, y + 18, "承诺人（签字并按手印）：", 14)
    signature(page, end + 1, y + 18, person.name.split("·")[0], "applicant", dice, size=10)
    fingerprint(page, min(190, end + 22), y + 14, dice)
    page.write(120, y + 40, runs("{year}年5月20日", person, dice), 14)
    return page


def bilingual(person: Person, dice: Generator, dpi: float) -> Canvas:
    """A certificate in Chinese with Uyghur lines above (where the machine can shape the script), photo, seals."""
    page = Canvas(184, 260, dpi, pick(dice, TINTS))
    border(page, DARK_RED, margin=8)
    for number, line in enumerate(texts.UYGHUR if writes_uyghur() else ()):
        page.write(92, 38 + 12 * number, [Run(line)], 17 if number else 24, face="naskh", centre=True)
    page.write(92, 80, "专业技术资格证书", 26, bold=True, centre=True, colour=DARK_RED)
    portrait(page, 128, 92, dice, width=28)
    for number, (label, slot) in enumerate(texts.QUALIFICATION):
        end = page.write(28, 100 + 13 * number, label, 13)
        page.write(end + 2, 100 + 13 * number, [fill(slot, person, dice)] if slot else "中小学一级教师", 13)
    page.write(120, 222, "评审委员会（盖章）", 13, centre=True)
    seal(
        page,
        120,
        214,
        f"{person.place}职称评审委员会",
        dice,
        shape=pick(dice, ("round", "oval")),
        colour=pick(dice, (RED, GREY)),
    )
    seal(page, 140, 132, person.unit, dice, size=34)
    return page


PAGES: dict[str, Draw] = {
    "certificate": certificate,
    "appraisal": appraisal,
    "summary": summary,
    "card": card,
    "training": training,
    "clean": clean,
    "pledge": pledge,
    "bilingual": bilingual,
    "sealed": sealed,
}
