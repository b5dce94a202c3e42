"""Set phrases of certificates and letters, which name somebody as plainly as a label does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mangping.identity import Kind

from mangping_redaction.finders.text.values import ORDINARY_ORG, TRANSLITERATED, is_value, within

_PERSON = (
    r"(?!兹|证明|现将|同志|[\u3400-\u9fff]{1,6}族(?![\u3400-\u9fff]))(?:[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,8}\s?[·•・‧.．\-－—]\s?[\u3400-\u9fff]{2,8}"
    rf"|{TRANSLITERATED.pattern})"
)
_OWN = (
    r"(?![我本该各某由]|所在|有关|兹|证明)(?:(?!关于|中小学|期间|任教|担任|从事|工作|以及|农村|薄弱|乡镇|基层|边远|贫困|当地|[几多两一]所|\d+[年月]|[与、至到在的])"
    r"[\u3400-\u9fff\d（）()]){2,20}?"
)
_CENTRE = "(?:职教|职业教育|职业技术教育)中心|教研室|村小|进修校"
_POINT = r"(?:[\u3400-\u9fff]{1,6}教学点)?"  # 松台镇中心小学柳树湾教学点
_SCHOOL = (
    rf"(?:{_OWN}(?:中学|小学|学校|幼儿园|学院|大学|中心校|教学点|{_CENTRE}|(?<=[一二三四五六七八九十])中|附[中小]|[职特外]校)"
    rf"|[市县区][职特外]校){_POINT}"
)
# Universities give diplomas.
_LOWER = rf"{_OWN}(?:中学|小学|学校|幼儿园|教学点|{_CENTRE}){_POINT}(?:[（(][^（()）]{{1,8}}[)）])?"
SCHOOL = re.compile(
    r"(?:中学|小学|学校|幼儿园|学院|大学|高中|初中|党校|分校|进修校|中心校|教学点|村小|教育中心|职教中心|教研室)(?:[（(][^（()）]{1,8}[)）])?\Z"
)
SHORT = 4  # characters of a name that some phrases leave no doubt about
_PHRASE = re.compile(
    r"(?:\A|[，,。；;:：\s]|教师|老师|同志|员工|职工|学员|证明)(?![我本该]校|等)"
    rf"(?P<a>{_PERSON})\s?[(（,，]\s?(?:男|女)?[，,]?(?:居民|公民)?身份证"
    rf"|(?:兹聘请?|聘请|特聘|授予|兹有|兹证明)\s?(?!一[位名]|[我本该]|优秀|先进|模范|骨干|名誉|客座|特级|高级)(?P<b>{_PERSON})(?=同志|老师|教师|先生|女士|[(（,，]\s?[男女])"
    rf"|\A(?P<c>{_PERSON})(?=(?:同志|老师|先生|女士)\s?[:：]\s*\Z)"  # whom a letter of appointment addresses
    rf"|乙方\s?[(（](?P<k>{_PERSON})[)）]|本人(?P<l>{_PERSON})(?=[，,在于系自])"
    rf"|(?:尊敬|敬爱|亲爱)的(?P<j>{_PERSON})(?=同志|老师|先生|女士|校长|园长|主任)"
    rf"|(?:作者|个人)简[介历]\s?[:：]?\s?(?P<e>{_PERSON})\s?(?=[(（,，])"  # papers
    # 学生柏志梅，性别女，: diplomas
    rf"|(?:\A|[，,。；;:：\s]|学生|学员|研究生)(?!学生|学员|研究生)(?P<d>{_PERSON})\s?[，,]?\s?(?=性别\s?[:：]?\s?[男女])"
    # 兹有我校教师万小红，女，: letters
    rf"|(?:兹|现)(?:有|证明|介绍|委托|派)(?:[我本]?[校园院所局县镇乡]|[我本]?单位|{_LOWER})的?(?:在[职编岗])?(?:教师|老师|教?职工|员工|学生)?"
    rf"(?P<f>{_PERSON})(?=同志|老师|\s?[(（，,]\s?[男女身系自于])"
    # 马建国，男，回族，1978年: lives
    rf"|(?:\A|[。；;:：\s])(?P<g>{_PERSON})(?=(?:同志|老师)?[，,]\s?[男女][，,]\s?(?:[\u3400-\u9fff]{{1,4}}族|(?:19|20)\d\d|生于|现年|中共|本科|大专))"
    r"|我是(?P<h>[\u3400-\u9fff]{2,3}|[\u3400-\u9fff]{2,8}[·•・‧.][\u3400-\u9fff]{2,8})(?=[，,。；;\s]|\Z)"
    rf"|我叫(?!大家|同学|孩子|学生)(?P<o>{_PERSON})(?=[，,。；;\s]|\Z)"
    rf"|(?:\A|介绍|委派|选派)(?P<i>{_PERSON})(?=等[一二三四五壹贰叁肆伍\d]{{1,2}}[人名位])"  # an introduction's stub
    rf"|(?:同意|特|拟|现)推荐(?P<m>{_PERSON})(?=同志|老师|申报|晋升|参评|参加)"
    rf"|(?:调[你贵我本]?(?:单位|校)|同意)(?P<q>{_PERSON})(?=同志)"  # 拟调你单位万小红同志
    # 万小红同志自调入我校以来: whom an opinion is about
    rf"|(?:\A|[，,。；;:：\s]|该)(?P<n>{_PERSON})(?=同志(?:自|能|现任|在我[校园院]|[系是为][我本]|一贯|始终|长期|多年|近年|热爱|拥护|忠诚|遵守"
    r"|爱岗|敬业|师德|思想|政治|工作(?:认真|踏实|积极)|教学|从教|任教|参加工作|调入|具备|符合|为人))"
)
# Of whom a page without a form speaks: who is called comrade or teacher where a sentence begins or a certificate names its
# subject, who did something, and under which other name.
_SUBJECT = re.compile(
    r"(?:证明|授予|聘[任请用]|[我你贵本][校园院所]|[你贵]单位|[该的]教师|特邀|邀请|派|介绍|接洽|委托|恭喜|祝贺|表彰|推荐|评[选定]|任命|以|现?将|\A|[。；;：:])"
    r"(?:[语数英物化生政史地音体美信][\u3400-\u9fff]{0,2}组)?(?:教师|老师|学员)?"
    rf"(?:(?P<a>{_PERSON})(?<![等名位一二三四五六七八九十])(?=等?[\d一二三四五六七八九十]{{0,2}}[名位]?(?:同志|老师)|等\d{{1,2}}[名位])"
    rf"|(?P<b>{_PERSON})(?<![于自从在为师])(?=(?:同学)?(?:撰写|设计|执教|主持|制作|申报|提交|指导)的|[于自从在]\s?(?:19|20)\d\d年|同学的))"
    rf"|(?:授予|聘[任请用]|评[选定]|委托)(?P<c>{_PERSON})(?=[“\"为前])"
    rf"|(?:学员|教师|申报人|承诺人|本人|受聘人|患者|证明人|主讲人|主持人|户主|乙方)(?P<d>{_PERSON})(?=[，,]|郑重|对以上|于\d|参加|完成|与|系|在)"
    rf"|(?:\A|[。；;，,\s])(?P<e>{_PERSON})(?=[(（]?(?:原名|又名|曾用名)|与[\u3400-\u9fff·]{{2,9}}系)"
    rf"|(?:原名|又名|曾用名|现名|姓名为?)(?P<f>{_PERSON})(?=[)），,。与为系\s]|\Z)"
    rf"|(?:\A|[。；;])(?P<h>{_PERSON})(?=[(（](?:19|20)\d\d|[，,][男女][，,])"
)
# 松台县第三中学教师万小红同志, 松台县第三中学万小红：: an honour's first line
_ADDRESSED = re.compile(
    rf"(?:\A|[，,。；;]\s?|由)(?P<unit>{_LOWER})(?:的?(?:教师|老师|学生)|的)?(?P<name>{_PERSON})(?<!老师)(?=同志|老师|(?:撰写|设计|执教|主持|制作|申报)的|\s?[:：]\s*\Z|[，,（(]\s?[男女])"
)
# 松台县第三中学万小红, and no more
_BELONGS = re.compile(
    rf"\A(?P<unit>{_LOWER})(?P<name>[\u3400-\u9fff]{{2}}(?![表册单部支会楼室处办段书])[\u3400-\u9fff])\s*\Z"
)
# 记松台县第三中学教师万小红: what stands below a newspaper's headline
_PORTRAYED = re.compile(
    rf"\A\W{{0,4}}记(?P<unit>{_LOWER})(?:优秀)?(?:教师|老师|校长|园长|班主任|教研员)(?P<name>{_PERSON})\W{{0,2}}\Z"
)
# 万小红（松台县第三中学）
_BRACKETED = re.compile(
    rf"(?:\A|[:：])\s*(?P<name>{_PERSON})\s?[(（](?P<unit>{_LOWER})[)）]\s*(?:[:：]?\s*\Z|[于自在]|同志|老师|参加|荣获)"
)
_OF_A_SCHOOL = (_PORTRAYED, _ADDRESSED, _BELONGS, _BRACKETED)
_ALONE = re.compile(_LOWER)
# Where the writer, or whom a letter is about, says to work.
_WORKPLACE = re.compile(
    rf"(?:在|于)(?P<a>{_SCHOOL})(?=[\u3400-\u9fff\d]{{0,8}}?(?:担任|任教|任职|从事|工作|参加工作|执教|公示|党支部|党总支))"
    rf"|(?:调入|调至|调到|转往|转至|分配到|分配至|任教于|任职于|就职于|供职于|执教于|支教于|[我他她]来自)(?P<b>{_SCHOOL})"
    rf"|(?:到|赴|至|返回|回到)(?P<c>{_SCHOOL})(?=支教|任教|工作|任职|轮岗|交流)"
    # 系松台县第三中学在编教师, 是松台县第三中学的语文老师
    rf"|(?:[，,\s]|同志|本人|我)[系是为](?P<g>{_SCHOOL})(?=的?[\u3400-\u9fff]{{0,8}}?(?:教师|老师|职工|员工|校长|园长|主任))"
    rf"|(?:老师|同志|先生|女士)\s?[(（](?P<h>{_LOWER})(?=[)）]\s?[:：])"  # 尊敬的万小红老师（松台县第三中学）：
    rf"|\A(?P<j>{_LOWER})(?=\s?(?:[一二三四五六七八九]年级|[高初][一二三][（(\d]))"  # and a class of it
    rf"|(?:\A|[，,。；;])我?是(?P<k>{_LOWER})(?=的?(?:[，,。；;？?]|\Z))"  # a chat's answer
    rf"|甲方\s?[(（](?P<l>{_SCHOOL})[)）]"
    # 聘请您担任松台县第三中学一级教师; an author's 女，松台县第三中学教师; a copy's 仅用于松台县第三中学职称申报
    rf"|聘[请任用]?[您你]?(?:担任|为|任)?(?P<m>{_LOWER})(?=[\u3400-\u9fff]{{0,8}}(?:教师|老师|校长|园长|主任|岗位))"
    rf"|[男女族][，,]\s?(?P<n>{_LOWER})(?=[\u3400-\u9fff]{{0,8}}(?:教师|老师|校长|园长|主任|教研员))"
    rf"|(?:兹|现)(?:有|证明|介绍|委托|派)(?P<p>{_LOWER})(?=的?(?:在[职编岗])?(?:教师|老师|教?职工|员工))"
    rf"|[仅只]?[用供]于?(?P<o>{_LOWER})(?=职称|申报|评审|存档|备案|使用)"
    # 从松台县第三中学调入, 在松台县第三中学支教, 2010年9月—2015年8月 松台县第三中学, 松台县第三中学支教证明
    rf"|[在于从](?P<q>{_SCHOOL})(?=[\u3400-\u9fff]{{0,4}}?(?:支教|挂职|送教|跟岗|轮岗|交流|实习|见习|借调|代课|授课|完成|调|转))"
    rf"|(?:到|赴|至)(?P<r>{_SCHOOL})(?=开展|挂职|送教|跟岗|实习|见习|学习|讲学)"
    rf"|(?<=\d月)\s?(?P<s>{_LOWER})(?=\s?(?:教师|任教|工作|\Z))"
    rf"|(?:主送|抄送|参保于|受聘于|单位系|作者系|现任|现为|由|来自)\s?[:：]?\s?(?P<t>{_LOWER})(?=[，,。；;的]|[\u3400-\u9fff]{{0,8}}(?:教师|老师|校长|园长|主任)|\s*\Z)"
    rf"|与(?P<u>{_SCHOOL})(?=签[订署])"
    rf"|\A(?P<v>{_LOWER})(?=关于|报送|推荐|[:：]\s?[你贵][校园]|党支部|党总支|人事|工会|[\u3400-\u9fff\d]{{0,12}}(?:证明|公示|意见|通知|决定|批复|协议书?|合同书?)\Z)"
    rf"|[我本][校园院](?:[(（])(?P<d>{_SCHOOL})(?=[)）])"
    rf"|\A(?P<e>{_SCHOOL})(?=[\u3400-\u9fff\d—-]{{0,20}}(?:总结|报告|材料|教案|教学设计|计划|方案|记录|名单|[表册簿单条本])\Z)"
    rf"|\A(?P<f>{_LOWER})(?=[\u3400-\u9fff]{{0,10}}群\s?[(（]\d+[)）]\s*\Z)"  # a chat's title
)
# Whence the author of a paper writes, below whose name it stands: （松台县第三中学，湖南岳阳 414000）
_WRITES_FROM = re.compile(
    rf"[(（]?(?:\d\s?[.、．]\s?)?(?P<unit>{_LOWER})[，,\s]?[\u3400-\u9fff\s，,]{{2,16}}\d{{6}}(?:\s?[;；]\s?\d[^()（）]+)?[)）]?"
)
_IN_BRACKETS = re.compile(
    rf"\s*[(（]\s?(?P<unit>{_LOWER})\s?[)）]\s*"
)  # below a name: where somebody who is honoured works
_NOBODY = re.compile(
    r"全体|各位|关于|申报|[任代]课|包班|成[长才]|带队|[中小]学|学校|高中|初中|主任|校长|家长|同学|教师|老师|领导|评委|[处组室部]\Z"
)  # 班主任老师：


def named(text: str) -> Iterator[tuple[Kind, int, int]]:
    """Where set phrases name somebody, or where somebody works; those that say no more than that it is a person must be
    followed by a name."""
    for match in _PHRASE.finditer(text):
        said = match.group(match.lastgroup or 0)
        if (match.lastgroup in ("a", "b") and len(said) <= SHORT) or is_somebody(said):
            yield "name", *match.span(match.lastgroup or 0)
    for match in _SUBJECT.finditer(text):
        if is_somebody(match.group(match.lastgroup or 0)):
            yield "name", *match.span(match.lastgroup or 0)
    if first := next(filter(None, (phrase.search(text) for phrase in _OF_A_SCHOOL)), None):
        called = text.startswith(("同志", "老师"), first.end()) and not _NOBODY.search(first["name"])
        if called or is_somebody(first["name"]):
            yield "unit", *first.span("unit")
            yield "name", *first.span("name")
    for match in re.finditer("@", text):  # whom a chat speaks to; 所有人 is nobody
        end = match.end() + is_value("name", text[match.end() :], False) if match.end() < len(text) else match.end()
        if end > match.end() and is_somebody(text[match.end() : end]):
            yield "name", match.end(), end
    for match in _WORKPLACE.finditer(text):
        if not ORDINARY_ORG.fullmatch(match.group(match.lastgroup or 0)):
            yield "unit", *match.span(match.lastgroup or 0)


def is_somebody(said: str) -> bool:
    """Whether it is a name, and no office."""
    return is_value("name", said, False, alone=True) > 0 and not _NOBODY.search(said)


def writes_from(text: str) -> tuple[int, int] | None:
    """Where a line that tells whence an author writes, and no more, names the school."""
    found = _WRITES_FROM.fullmatch(text)
    return found.span("unit") if found else None


def in_brackets(text: str) -> tuple[int, int] | None:
    """Where a line that names a school in brackets, and says no more, names it."""
    found = _IN_BRACKETS.fullmatch(text)
    return found.span("unit") if found else None


def own_school(texts: Sequence[str]) -> str | None:
    """The one school that stands alone in a line of the page, as heads of letters and their ends do, in short elsewhere or
    not; None where several do, as in lists."""
    lines = (text.rstrip(":： ") for text in texts)
    alone = {text for text in lines if _ALONE.fullmatch(text) and not ORDINARY_ORG.fullmatch(text)}
    longest = max(alone, key=len, default=None)
    return longest if longest and all(within(text, longest) for text in alone) else None
