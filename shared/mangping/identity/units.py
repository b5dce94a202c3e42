"""The ways a unit is written: in full, and in the short forms its name yields (库尔勒市第三中学: 市三中, 三中,
第三中学)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mangping.identity.branches import attached, attached_shorts, campuses, numeral, regiments
from mangping.identity.fold import compact

_ORDINAL = re.compile(r"第([一二三四五六七八九十百零〇]{1,5}|\d{1,3})(.+)\Z")
_OWN_NUMBER = re.compile(r"(?P<own>[\u3400-\u9fff]{2,4}?)(?P<numbered>第.+)\Z")
_BRIEF = re.compile(r"[一二三四五六七八九十]{1,2}[中小幼高]")
_EVERYWHERE = frozenset(
    "高初大小中第一二三四五六七八九十百老新上下东西南北前后左右内外"
)  # 高三中, 上二小: other words end so
_BARE_ORDINAL = re.compile(r"([一二三四五六七八九十]{1,3}|\d{1,3})(中|小|幼|初中|高中|职中|中学|小学|幼儿园)\Z")
# A kind of unit -> what it shrinks to behind a number (第三中学 -> 三中).
NUMBERED = {
    "中学": ("中",), "高级中学": ("高中", "中", "高"), "初级中学": ("初中", "中"), "完全中学": ("中",), "小学": ("小",),
    "小学校": ("小",), "幼儿园": ("幼", "幼儿园"),
    "中小学": ("中",), "学校": ("校",), "职业中学": ("职中",), "职业高中": ("职高",), "职业高级中学": ("职高",),
    "职业技术学校": ("职校",), "中等职业技术学校": ("职校", "中职"),
    "中等职业学校": ("职校", "中职"), "人民医院": ("医院", "院"), "医院": ("医院", "院"), "师范学校": ("师",),
    "实验小学": ("实小",), "实验中学": ("实中",), "实验学校": ("实校",),
    "九年一贯制学校": ("校",), "民族中学": ("民中",), "双语幼儿园": ("幼", "幼儿园"), "技工学校": ("技校",),
    "师范附属小学": ("附小",), "中心小学": ("小", "小学", "中心小"), "中心幼儿园": ("幼", "幼儿园"),
}  # fmt: skip
# A kind of unit without a number -> short forms; said with 市/县/区 in front, alone only where the value is True.
NAMED: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = (
    ("中等职业技术学校", (("职业技术学校", True), ("中等职业学校", True), ("职校", False), ("中职", False),
        ("中职学校", True), ("职业学校", False))),
    ("职业技术学校", (("职校", False), ("职业学校", False), ("职技校", True))),
    ("中等职业学校", (("职校", False), ("中职", False), ("职业学校", False))),
    ("职业技术学院", (("职院", False), ("职业学院", True), ("职技院", True))),
    ("职业学院", (("职院", False),)),
    ("高级技工学校", (("技工学校", True), ("技校", False))),
    ("技工学校", (("技校", False),)),
    ("技师学院", (("技院", False),)),
    ("职业高级中学", (("职业高中", True), ("职高", False))),
    ("职业高中", (("职高", False),)),
    ("职业中学", (("职中", False),)),
    ("职业初级中学", (("职业初中", True), ("职中", False))),
    ("职业初中", (("职中", False),)),
    ("农业机械化学校", (("农机校", True), ("农机学校", True))),
    ("卫生学校", (("卫校", False),)),
    ("卫生职业学校", (("卫校", False),)),
    ("护士学校", (("护校", False),)),
    ("师范学校", (("师范", False),)),
    ("体育运动学校", (("体校", False),)),
    ("职业技术教育中心", (("职教中心", True), ("职业教育中心", True), ("职中", False))),
    ("职业教育中心", (("职教中心", True), ("职中", False))),
    ("职业教育培训中心", (("职教中心", True),)),
    ("成人教育中心", (("成教中心", True),)),
    ("教师发展中心", (("教发中心", True),)),
    ("教师培训中心", (("师训中心", True),)),
    ("特殊教育学校", (("特校", False), ("特教学校", True), ("特殊学校", False))),
    ("盲聋哑学校", (("盲聋学校", True), ("聋校", False), ("盲校", False))),
    ("聋哑学校", (("聋校", False), ("聋哑校", True), ("聋人学校", True))),
    ("聋人学校", (("聋校", False),)),
    ("盲人学校", (("盲校", False),)),
    ("培智学校", (("培智校", True),)),
    ("广播电视大学", (("电大", False),)),
    ("教师进修学校", (("进修学校", True), ("进修校", True))),
    ("九年一贯制学校", (("学校", False), ("九年制学校", True))),
    ("九年制学校", (("学校", False),)),
    ("寄宿制学校", (("学校", False),)),
    ("寄宿制小学", (("小学", False),)),
    ("寄宿制中学", (("中学", False),)),
    ("完全小学", (("完小", True), ("小学", False))),
    ("完全中学", (("完中", True), ("中学", False))),
    ("双语实验学校", (("双语学校", True),)),
    ("双语实验小学", (("双语小学", True), ("实验小学", True), ("双语实小", False))),
    ("双语实验中学", (("双语中学", True), ("实验中学", True), ("双语实中", False))),
    ("外国语实验学校", (("外国语学校", True), ("外校", False))),
    ("外国语学校", (("外校", False),)),
    ("中心幼儿园", (("中心幼", True), ("中心园", True), ("幼儿园", False))),
    ("村小学", (("村小", True), ("小学", False))),
    ("民族实验小学", (("民族小学", False), ("民族实小", True), ("民小", False))),
    ("民族实验中学", (("民族中学", False), ("民族实中", True), ("民中", False))),
    ("民族中学", (("民中", False),)),
    ("民族小学", (("民小", False),)),
    ("民族幼儿园", (("民幼", False),)),
    ("实验学校", (("学校", False), ("实校", False))),
    ("实验中学", (("实中", False),)),
    ("实验小学", (("实小", False), ("实验小学校", True))),
    ("实验幼儿园", (("实幼", False), ("实验幼", False))),
    ("高级中学", (("高中", False), ("中学", False))),
    ("初级中学", (("初中", False), ("中学", False))),
    ("人民医院", (("医院", False),)),
    ("中医医院", (("中医院", True),)),
    ("妇幼保健院", (("妇幼院", True), ("保健院", False))),
    ("疾病预防控制中心", (("疾控中心", True), ("疾控", False))),
    ("直属机关幼儿园", (("直机关幼儿园", True), ("机关幼儿园", False), ("机关幼", False))),
    ("机关幼儿园", (("机关幼", False),)),
    ("子弟学校", (("子校", False),)),
    ("委员会党校", (("委党校", False), ("党校", False))),
    ("教学研究室", (("教研室", False), ("教学研究室", True))),
    ("教育科学研究所", (("教科所", True), ("教研所", True))),
    ("教育科学研究院", (("教科院", True), ("教研院", True))),
    ("师范高等专科学校", (("师范高专", True), ("师专", False))),
    ("高等专科学校", (("高专", False),)),
    ("师范大学", (("师大", False),)),
    ("师范学院", (("师院", False),)),
)  # fmt: skip
_PEOPLES = (
    "(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|"
    "撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族)"
)
# 蒙古族实验小学 is 蒙小 at home.
_OF_A_PEOPLE = re.compile(rf"(?P<people>{_PEOPLES}).{{0,3}}?(?:初级|高级|完全)?(?P<kind>小学|中学|幼儿园)\Z")
# A body under a bureau or a committee goes by its own name at home (教育局教学研究室: 教学研究室).
_UNDER = re.compile(
    r".{0,8}?(?:局|厅|委员会|集团|公司)"
    r"(?P<own>.{0,12}(?:研究室|教研室|研究所|研究院|教研中心|培训中心|电教馆|少年宫|党校|中学|小学|幼儿园|学校))\Z"
)
_PARTY = "中共"  # in front of a committee's place
COMPANY = re.compile(
    r"(集团股份有限公司|集团有限责任公司|集团有限公司|股份有限公司|有限责任公司|有限公司|集团公司|"
    r"总公司|分公司|公司|集团)\Z"
)
_BANNER = re.compile(r"(?<=..)[左右前后中]旗\Z")
# Where the place ends and the unit begins. The place's own name has at least one character in front of its kind.
_PLACE = re.compile(
    r"(?P<province>.{2,5}?(?:维吾尔自治区|壮族自治区|回族自治区|自治区|省))?"
    r"(?P<city>(?:(?:.{1,3})?(?:生产)?(?:建设)?兵团)|(?:.{1,8}?(?:自治州|地区|市|州(?![市县区])|盟))|(?:第[一二三四五六七八九十]{1,3}师))?"
    r"(?P<second>第[一二三四五六七八九十]{1,3}师|.{1,6}?市(?=.))?"
    r"(?P<third>(?<=师).{2,6}?市(?=.))?"
    r"(?P<county>.{1,7}?(?:自治县|县|新区|区|旗))?"
    r"(?P<town>.{1,7}?(?:镇|民族乡|乡|街道|团场|[一二三四五六七八九十零〇\d]团|农场|牧场|林场|村))?"
)
# A name without a place and without a word of its own: any town has one (实验中学, 市三中, 职业技术学校).
_NO_BRAND = re.compile(
    r"[省市县区州镇乡师团]?(?:第|[一二三四五六七八九十\d]|实验|职业|技术|技工|技师|中等|高级|初级|完全|完|外国语|外|九年一贯制|九年制|寄宿制|农业|农机|"
    r"机械化|师范|"
    r"民族|双语|特殊|特|教育|教师|进修|职工|子弟|中心|人民|中医|妇幼|保健|机关|希望|附属|直属|职|技|卫|体|师|党|电|实|"
    r"附|委)*"
    r"(?:中学|小学|学校|幼儿园|学院|医院|大学|初中|高中|中|小|幼|校|院|局)\Z"
)
_ON_A_STREET = re.compile(r"(?P<street>.{2,4})(?:路|大街|街)(?P<kind>(?:实验|中心)?(?:小学|中学|学校|幼儿园))\Z")
# What any place has one of, and any page speaks of.
_GENERIC = frozenset(
    ("中心小学", "中学", "小学", "幼儿园", "学校", "医院", "人民医院", "中心幼儿园", "教育局", "初级中学", "高级中学",
     "教研室")
)  # fmt: skip
_CORE = re.compile(
    r"(?:中学|小学|学校|幼儿园|学院|大学|医院|中心|公司|集团|局|委员会|党校|分校|附中|附小|院|所|站|馆|"
    r"厂|校|部|处|社|办公室|研究室|教研室|中心校|教学点)"
)


def is_branded(name: str) -> bool:
    """Whether a name without its place has a word of its own, as 清泉中学 has and 实验中学 has not."""
    return _NO_BRAND.match(name) is None


@dataclass(frozen=True, slots=True)
class Short:
    """One way to write the unit. `bare`: nothing in it says which place it is in, so what stands in front decides."""

    chars: str
    bare: bool
    generic: bool = False  # also an ordinary phrase: only behind 市/县/区 or between breaks


@dataclass(frozen=True, slots=True)
class Place:
    """The administrative places in front of a unit, widest first, each with its kind (市, 县, 镇 …)."""

    names: tuple[str, ...]
    core: str


def place(name: str) -> Place:
    """Split the unit's full name into its places and the rest; a name that is all place keeps it as its core."""
    match = _PLACE.match(name)
    assert match is not None  # every group is optional
    found = [g for g in match.group("province", "city", "second", "third", "county", "town") if g]
    while found:
        core = name[sum(map(len, found)) :]
        if len(core) >= 2 and _CORE.search(core):
            return Place(tuple(found), core)
        found.pop()
    return Place((), name)


def stem(name: str) -> str:
    """A place without its kind: 库尔勒市 -> 库尔勒; too short a rest keeps it."""
    bare = re.sub(
        rf"((?:维吾尔|{_PEOPLES})自治区|自治区|{_PEOPLES}*自治[州县旗]|地区|省|市|州|盟|县|区|旗|镇|{_PEOPLES}*(?:民族)?乡|"
        r"街道|团场|农场|牧场|林场)\Z",
        "",
        name,
    )
    return bare if len(bare) >= 2 else name


def kind(name: str) -> str:
    """The word a place is called by at home: 市, 县, 区, 州, 镇…"""
    match = re.search(r"(自治区|省|市|州|地区|盟|县|区|旗|师|镇|乡|团|街道|农场|牧场|村)\Z", name)
    return {"地区": "地区", "自治区": "自治区"}.get(match.group(1), match.group(1)) if match else ""


def short_cores(core: str) -> Iterator[Short]:
    """Short forms of the unit's own part, said where the place is understood."""
    ordinal, named = _ORDINAL.match(core), False
    if ordinal:
        rest = ordinal.group(2)
        numbers = numeral(ordinal.group(1))
        for number in numbers:
            yield Short(f"第{number}{rest}", True)
            for brief in next((v for k, v in NUMBERED.items() if rest == k), ()):
                yield Short(number + brief, True)
                if len(brief) > 1:
                    yield Short(f"第{number}{brief}", True)
        return
    yield Short(core, True, core in _GENERIC)
    if core in {"中心小学", "中心学校", "中心小学校"}:
        whole = ("学校",) if core == "中心学校" else ()
        yield from (Short(brief, True, True) for brief in ("中心校", "小学", "中心小学", *whole))
        return
    for full, briefs in NAMED:
        if core.endswith(full) and not named:
            named = True
            head = core[: -len(full)]
            branded = bool(head) and not _NO_BRAND.match(head + "学校")
            yield from (Short(head + brief, not branded, not (alone or head)) for brief, alone in briefs)
            if branded and full.startswith("实验"):  # 育才实验小学 is 实验小学 in a cell of its own
                yield Short(full, True, True)
    if own := _OWN_NUMBER.match(core):  # 铁路第一中学 is 铁路一中
        yield from (Short(own["own"] + short.chars, False) for short in short_cores(own["numbered"]))
    if street := _ON_A_STREET.match(core):
        yield Short(street["street"] + street["kind"], False)  # 海宁路小学 is 海宁小学 at home
    if people := _OF_A_PEOPLE.match(core):
        yield Short(people["people"][0] + people["kind"][0], True, True)
        if "高级" in core:
            yield from (Short(people["people"][0] + brief, True) for brief in ("高中", "高"))
    under = _UNDER.match(core)
    if under and under.group("own") != "党校":
        yield from short_cores(under.group("own"))
    company = COMPANY.search(core)
    if company and len(core) - len(company.group()) >= 2:
        brand = core[: company.start()]
        yield from (Short(brand + tail, True) for tail in ("公司", "集团", "有限公司", "集团公司"))
        if len(brand) >= 4:
            yield Short(brand, True)


def forms(name: str) -> Iterator[Short]:
    """Every form of a unit's name, each once, the full name first."""
    seen: set[str] = set()
    for whole in (way for campus in campuses(compact(name)) for way in _as_schools(campus)):
        if len(whole) < 2:
            return
        spot = place(whole.removeprefix(_PARTY) if len(whole) > 6 else whole)
        given = Short(whole, not spot.names and bool(_NO_BRAND.match(whole)))
        for short in (given, *_placed(spot), *_numbered(spot), *_attached(spot.core)):
            if len(short.chars) >= 2 and short.chars not in seen:
                seen.add(short.chars)
                yield short


def _as_schools(name: str) -> tuple[str, ...]:
    """The name, and as it would be elsewhere: 初级中学校 is 初级中学."""
    return (name, name[:-1]) if name.endswith(("中学校", "小学校")) else (name,)


def _attached(core: str) -> Iterator[Short]:
    """What is attached to another body, by its own name, and behind the body's short form."""
    parts = attached(core)
    if parts is None:
        return
    parent, own = parts
    ordinary = bool(_NO_BRAND.match(own))
    yield Short(f"附属{own}", ordinary)
    if own not in _GENERIC:
        yield from (Short(own, True),) if ordinary else forms(own)
    for brief in attached_shorts(parent, own):
        yield Short(brief, len(brief) <= 4)


def _numbered(spot: Place) -> Iterator[Short]:
    """一高 for 松台第一高级中学, in which no place shows; of 松台市铁路第一中学 一中 is another school."""
    found = None if spot.names else _OWN_NUMBER.match(spot.core)
    if found:
        yield from short_cores(found["numbered"])


def _placed(spot: Place) -> Iterator[Short]:
    """The short cores behind the places, the stem of the inmost one and its kind; 市三中 of a district would be another
    school."""
    alone = [*short_cores(spot.core)]
    bare_ordinal = _BARE_ORDINAL.match(spot.core)
    if bare_ordinal:
        alone += [Short(n + bare_ordinal.group(2), True) for n in numeral(bare_ordinal.group(1))]
    if spot.names:
        inmost = spot.names[-1]
        numbered = regiments(inmost)
        ways = dict.fromkeys(
            ["".join(spot.names[i:]) for i in range(len(spot.names))] + [*(numbered or [stem(inmost)])]
        )
        if len(spot.names) > 1 and not numbered:  # 松台县柳河小学, 松台柳河小学
            outer = spot.names[-2]
            ways |= dict.fromkeys([outer + stem(inmost), stem(outer) + inmost, stem(outer) + stem(inmost)])
        home = "" if numbered else kind(inmost)  # 团中学 is any regiment's
        for short in alone:
            # 八团中学 stands in 十八团中学 too: what is in front decides.
            yield from (Short(way + short.chars, way in numbered and (way[0] != "第" or len(way) < 4)) for way in ways)
            if _BRIEF.fullmatch(short.chars) and inmost[0] not in _EVERYWHERE:  # 松三中
                yield Short(inmost[0] + short.chars, True)
            if home not in {"", "省", "自治区"}:
                yield Short(home + short.chars, True)
                if banner := _BANNER.search(inmost):  # 巴林左旗 is 左旗 at home
                    yield Short(banner.group() + short.chars, True)
    alone = [short for short in alone if not re.match(r"\d[^\d]", short.chars)]  # 图3中 is no school
    yield from alone
