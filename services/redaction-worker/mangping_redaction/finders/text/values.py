"""What a value behind a label may look like, and whether it can be told apart from the applicant's own."""

from __future__ import annotations

import re

from mangping.identity import Identity, Kind, find
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

from mangping_redaction.readers.line import Line

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞"
    "任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮"
    "卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童"
    "颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干"
    "解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓"
    "蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎"
    "蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农"
    "温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄"
    "阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公雅肖代覃苟操付"
    "岳帅佟仝晋闫牟郄"
)
_SURNAME_OF_TWO = re.compile(
    "欧阳|上官|诸葛|令狐|皇甫|慕容|尉迟|东方|司[徒马空]|端木|夏侯|[公长仲]孙|轩辕|宇文|闻人|澹台|太史|申屠|钟离|呼延|南宫|独孤|"
    "万俟|赫连|濮阳|淳于|[单鲜]于|公冶|宗政|百里|拓跋|完颜|羊舌|[左梁]丘|谷梁|纳兰|叶赫"
)
# Two characters that stand behind labels and are no name.
_NO_NAME = re.compile(
    r"(男|女|别[男女]|汉族?|维吾尔族?|哈萨克族?|回族|蒙古族?|柯尔克孜族?|满族|壮族|藏族|中共|党员|团员|群众|本科|专科|硕士|博士|"
    r"大专|研究生|中专|教师|职称|职务|语文|数学|英语|物理|化学|生物|历史|地理|"
    r"政治|体育|音乐|美术|信息|一级|二级|三级|高级|中级|初级|正高|副高|合格|优秀|良好|签字|签名|盖章|签章|意见|情况|"
    r"基本|信息|单位|学校|承诺|推荐|审核|年月|以上|以下|同意|相关|有关|必须|应当|如有|所在|"
    r"[\u3400-\u9fff]{1,6}族\Z|同志|参加工作|荣誉|证书|"
    r"不得|是否|确认|提供|填写|姓名|性别|照片|民族|出生|学历|学科|专业|年龄|分数|等级|成绩|排名|名次|备注|序号|电话|"
    r"主关系|户主|与户|日期|时间|曾用|栏目|内容|题目|名称|地址|住址|数量|单价|金额)"
)
_NO_ONE = frozenset("男女汉无有是否元人年月日岁级班校系部")
_HAN_NAME = re.compile(r"[\u3400-\u9fff〇](?:[ 　]{0,6}[\u3400-\u9fff某]){1,3}")
_DOTTED_NAME = re.compile(
    r"(?:[\u3400-\u9fff]{2,8}[ ]?[·•・‧∙⋅.。．,，、\-－"
    r"一]|[\u3400-\u9fff][ ]?[·•・‧∙⋅.．\-－])[ ]?[\u3400-\u9fff]{1,10}(?:[·•・‧.．][\u3400-\u9fff]{1,8})?"
)
_LONG_NAME = re.compile(r"[\u3400-\u9fff]{5,12}\Z")
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z'’]+(?:[ .·-]{0,2}[A-Z][A-Za-z'’]*){0,4}")
ORG_END = re.compile(
    r"(中学|小学|学校|幼儿园|学院|大学|公司|集团|医院|委员会|党校|分校|中心|局|厅|处|所|院|站|馆|厂|社|部|队|校|园|"
    r"教研室|研究室|办公室|教学点|协会|学会|银行|法院|检察院|政府|少年宫|(?<=[\u3400-\u9fff]{2})(?:高中|初中|完小|完中|职高|中专|电大|[民蒙回藏]中)|[一二三四五六七八九十\d][中小幼])(?:[（(][^）)]{1,12}[）)])?\Z"
)
# The shortest beginning of a text that names a unit, for one whose end running text does not mark.
ORG_HEAD = re.compile(
    r"[^，,。；;：:、\s\t]{2,24}?(?:中学|小学|学校|幼儿园|学院|大学|党校|教研室|研究室|公司|医院|(?<![到该本])教育局)"
    r"(?!生|[一二三四五六七八九十]|附属)"
)
# Words that end like a unit and are none, or that stand in front of one and do not belong to it.
ORDINARY_ORG = re.compile(
    r"(全[国省市州县区]|各[类级]|一所|所有|有关|相关|本|该|我|某|各|普通|高等|高级|初级|中等|职业|技术|完全|"
    r"民办|公办|乡镇?|城乡?|农村|乡村|山区|边远|薄弱|重点|综合性?|师范|教育|专业|双语|寄宿制?|以下简称|简称|大|中|小)*(中学|小学|大学|学院|学校|幼儿园|委员会|"
    r"协会|学会|银行|法院)|(管理|开户|有限|责任|股份|集团|控股|公司|银行)+"
)
# Characters with which names of other tongues are written: five or more of them in a row are one, dots or not.
_SOUNDS = (
    "阿艾买麦提江古丽力热孜宛万帕玉苏甫图尔荪合卡德努吐逊洪赛茹仙迪伊哈木塔米娜叶肯别克加巴库来西布不都依明则尼亚斯马义萨"
    "班森素音卜托沙劳孟其格道吉才仁扎多次卓玛姆拉穆罕默罗凯吾曼奴如白娅汗罕比海日祖皮扎伦纳尤坦翰曲"
)
TRANSLITERATED = re.compile(rf"[{_SOUNDS}](?:[·•・‧.．\s]?[{_SOUNDS}]){{4,15}}")
_NO_UNIT = re.compile(
    r"人民币|[万亿]?元|毫米|厘米|千克|公斤|[cmk][mg]|意见|盖章|公章|签|推荐|审核|审查|负责|领导|同意|"
    r"情况|年|月|名称|性质|类型|（|\(|代码|地址|应|须|要|的|内部|代表"
)
# Among digits, letters that hands' digits are read as too (13987H02215), and a speck (·).
_DIGITS = re.compile(
    r"[(（+]?[\dOoIlXx*＊●](?:[\dOoIlSBZXx*＊●\s\-–—()（）/.·]|(?<=\d)[AbDGgHhqTz](?=\d))*[\dXxOoIlSB*＊●]?"
)
_SERVICE = re.compile(r"[48]00[-–—\s]?\d{3}[-–—\s]?\d{4}\Z")  # free of charge for who calls: no person's
_PART_OF_MOBILE = re.compile(r"1[3-9]\d(?:[\s\-–—]?\d){0,7}")
_DATE = re.compile(r"(19|20)\d\d[-/.年\s]\d{1,2}([-/.月\s]\d{1,2})?\Z")
_NUMBERED = re.compile(
    r"([一二三四五六七八九十百〇零]{1,5}|\d{1,3})(?=(?:高级|初级|完全|实验|双语|职业)?(?:中|小学|小\Z|幼))"
)
_SURE = 0.9
_DOUBTFUL = 0.75  # mean confidence below which characters are guesses
_ALIKE_NAMES, _ALIKE_UNITS = 0.34, 75.0


def is_value(kind: Kind, text: str, going_on: bool, *, whole: bool = False, alone: bool = False) -> int:
    """How many leading characters of `text` may be a value of this kind; 0 when it is none.

    `going_on`: a first part stands before it. `whole`: asks whether the value looks complete. `alone`: the text is all
    that stands in its cell, far from the label, so it must look like one.
    """
    match kind:
        case "name":
            return _name(text, alone)
        case "unit":
            return _unit(text, going_on, whole, alone)
        case _:
            return _number(kind, text, going_on, whole)


def _name(text: str, alone: bool) -> int:
    if len(text) == 1:  # a hand's two characters, read as one
        return 1 if "\u3400" <= text <= "\u9fff" and text not in _NO_ONE and not alone else 0
    if _NO_NAME.match(text) or ((unit := ORG_HEAD.match(re.split("[(（]", text)[0])) and unit.end() > 5):
        return 0
    for shape in (_DOTTED_NAME, _LATIN_NAME):
        if (found := shape.match(text)) and found.end() >= 2 and (not alone or found.end() == len(text)):
            return found.end()
    if (found := TRANSLITERATED.match(text)) and (not alone or found.end() == len(text)):
        return found.end()
    if _LONG_NAME.match(text) and not ORG_END.search(text) and not _has_surname(text):
        return len(text) if not alone or _sounds(text) else 0
    found = _HAN_NAME.match(text)
    if not found or (alone and (found.end() < len(text) or not _has_surname(text))):
        return 0
    han = len(re.sub(r"\s", "", found.group()))
    rest = text[found.end() :]
    if re.match(r"[\u3400-\u9fff]", rest):
        # Other words run on behind it: a name of two or three characters, read into one line with them.
        longest = 4 if _SURNAME_OF_TWO.match(text) else 3
        return 0 if not _has_surname(text) else found.end() - 1 if han > longest else found.end()
    return found.end()


def _sounds(text: str) -> bool:
    """Whether half of the characters are such as names of other tongues are written with."""
    return 2 * sum(char in _SOUNDS for char in text) >= len(text)


def _has_surname(text: str) -> bool:
    return text[0] in _SURNAMES or _SURNAME_OF_TWO.match(text) is not None


def _unit(text: str, going_on: bool, whole: bool, alone: bool) -> int:
    if whole:
        return len(text) if ORG_END.search(text) else 0
    cut = re.split(r"[，,。；;\t]", text, maxsplit=1)[0].rstrip()
    complete = bool(ORG_END.search(cut))
    if not cut or _NO_UNIT.match(cut) or len(cut) > 40 or ("、" in cut and not complete):
        return 0
    if going_on or alone:
        return len(cut) if complete else 0
    return (
        len(cut)
        if complete or (len(cut) >= 4 and not _NO_UNIT.search(cut) and re.match(r"[\u3400-\u9fff]", cut))
        else 0
    )


def _number(kind: Kind, text: str, going_on: bool, whole: bool) -> int:
    found = _DIGITS.match(text)
    if not found:
        return 0
    said = found.group().rstrip(" -()（）/.")
    if _DATE.match(said) or (kind == "phone" and _SERVICE.match(said)):
        return 0
    marks = sum(c.isdigit() or c in "*＊●Xx" for c in said)
    least = 15 if kind == "id_number" else 7
    if whole:
        return len(said) if marks >= least and not (kind == "phone" and _PART_OF_MOBILE.fullmatch(said)) else 0
    return len(said) if marks >= (2 if going_on else 6 if kind == "phone" else 5) else 0


def missing(kind: Kind, said: str, identity: Identity) -> tuple[int, int]:
    """How many characters of the applicant's name stand before and behind what was read of it: 雪生 of 穆雪生, where a pen's
    stroke lies over the rest."""
    for name in identity.names if kind == "name" else ():
        if len(said) < len(name) and name.endswith(said):
            return len(name) - len(said), 0
        if len(said) < len(name) and name.startswith(said):
            return 0, len(name) - len(said)
    return 0, 0


def unread(line: Line, start: int, end: int) -> bool:
    """Whether these characters are but guesses: they may say anything."""
    scores = line.scores[start:end]
    return sum(scores) < _DOUBTFUL * len(scores)


def stranger(kind: Kind, line: Line, start: int, end: int, identity: Identity) -> bool:
    """Whether the value clearly is someone else's: an identity of its kind is known, it was read surely, and it
    differs."""
    text = line.text[start:end]
    if kind in {"id_number", "phone"}:
        return False  # anybody's numbers are covered
    wanted = identity.names if kind == "name" else identity.units
    if not wanted:
        return False
    scores = line.scores[start:end]
    doubted = sum(scores) < _SURE * len(scores)  # a pen's characters: what resembles the applicant's may be it
    if any(doubted or not hit.near for hit in find(identity, text, line.candidates[start:end])):
        return False
    if unread(line, start, end) or (kind == "name" and len(text) == 1):
        return False
    if kind == "name":
        return all(_apart(want, text, scores) > _ALIKE_NAMES * len(want) for want in wanted)
    return all(
        ratio(want, _known(text, scores)) < _ALIKE_UNITS or _numbered_otherwise(want, text, scores) for want in wanted
    )


def _numbered_otherwise(want: str, text: str, scores: tuple[float, ...]) -> bool:
    """Whether both are numbered schools and the number that was read, surely, is another one: 第二中学 is not 第一中学.
    A number that the reader may have lost a stroke or a digit of (第二中学 for 第十二中学) tells nothing."""
    own, said = _NUMBERED.search(want), _NUMBERED.search(text)
    if not own or not said or min(scores[slice(*said.span(1))]) < _SURE:
        return False
    one, other = own[1], said[1]
    return one.isdecimal() == other.isdecimal() and not (within(one, other) or within(other, one))


def within(short: str, long: str) -> bool:
    """Whether the characters of one stand in the other in their order."""
    rest = iter(long)
    return all(char in rest for char in short)


def _known(text: str, scores: tuple[float, ...]) -> str:
    return "".join(c for c, score in zip(text, scores, strict=True) if score >= 0.5)


def _apart(want: str, text: str, scores: tuple[float, ...]) -> float:
    """In how many characters they differ at least, when a badly read character may be any."""
    unsure = sum(score < _SURE for c, score in zip(text, scores, strict=True) if c.isalnum())
    plain = "".join(c for c in text if c.isalnum())
    return max(0, Levenshtein.distance("".join(c for c in want if c.isalnum()), plain) - unsure)
