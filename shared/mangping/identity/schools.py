"""Whether a short form of a unit, where it stands, means that unit and not another one or an ordinary word."""

from __future__ import annotations

import re

from mangping.identity.align import NUMERALS, Alignment
from mangping.identity.context import HAN, after, before, gaps_fit, is_break
from mangping.identity.fold import Folded
from mangping.identity.form import Judge
from mangping.identity.units import Short, is_branded

_GAP = re.compile(r"[\s.·•'`‘’\-_~]*\Z")
GAP = 6  # dropped characters that may stand between two characters of a unit
# What follows 三中, 八小, 七幼 … when they are no school: 三中全会, 八小时, 三中心.
_NOT_SCHOOL = {
    "中": re.compile(r"全会|文|心(?!小学|校)|队|央|国(?!家|际)|午|间|旬|型|药|华(人|民|文)|外合|秋节|世纪"),
    "小": re.compile(
        r"时|组(?!长|织|建)|题|节|步|孩|朋友|队|点|段|块|型|片|部分|件|伙|白|康|只|票|龙|虎|麦|鸟|鸡|姐|"
        r"球"
    ),
    "幼": re.compile(r"儿(?!园)|苗|虫|稚|小|崽"),
    "高": re.compile(r"[速度原峰兴铁管层山]"),
    "院": re.compile(r"[士子落]"),
    "师": re.compile(r"[傅生]"),
    "校": re.compile(r"[准对正验]"),
}
# Characters after which the reader or a sentence goes on to name a place of work.
_LEADS = (
    "在到于从由自入至往向赴和与及或是为的我原现任去来离回该各经被属本受对给让请跟同比就返调进读考聘用借派校了过称名即又"
    "也均曾并以配职教学业迁转送驻作师长系有写、"
)
# Words of two characters that do, where the second alone may end a place's name (补充市机关幼儿园, but 南充市).
_LEADING = (
    "补充", "提交", "报送", "交由", "走进", "对口", "隶属", "供职", "就职", "参观", "联系", "代表", "依托", "结合", "支援",
    "帮扶", "注明", "证明", "出自", "落户", "通知", "邀请", "根据", "经过", "参加", "推荐", "服务", "同志", "老师", "同学",
    "举办", "承办", "主办", "协办", "录用", "招聘", "面向", "代理", "名称", "单位", "承担", "担任", "负责", "协助", "指导",
    "带领", "主持", "组织", "任教", "支教", "交流", "挂职", "实习", "就读", "毕业", "期间", "以来", "同时", "目前", "先后",
    "曾任", "现任", "发挥", "利用", "借助", "围绕", "关于", "针对", "依靠", "凭借", "反映", "体现", "加强", "推动", "促进",
    "推进", "建设", "创建", "见证", "走访", "来到", "前往", "奔赴", "考察", "观摩", "感谢", "祝贺", "热爱", "选择", "离开",
    "不负", "有负", "辜负", "无愧", "感恩", "融入", "加入", "投身", "入职", "重返", "走出", "调离", "情系", "心系",
    "回到", "返回", "创办", "筹建", "支持", "带动", "引领", "成为", "作为", "包括", "以及", "安排", "委派", "选派", "派遣",
    "抽调", "借调", "我们", "咱们", "你们", "年度", "学年", "学期", "年来", "扎根", "根植", "立足", "坚守", "奉献",
)  # fmt: skip
# Where 在中心小学 names no town, it is the one that is spoken of; any page speaks of 小学, 医院 and 教研室.
_WORKS_AT = ("在", "到", "于", "回", "调")
_OF_A_TOWN = ("中心小学", "中心幼儿园", "中心学校", "中心校", "初级中学", "高级中学")
_ADMIN = "省市县区州镇乡师团盟旗"
_OURS = "我本全该原在到于从由自入至往向赴和与及或是为的受对市县区现任被、"
# Provinces, their capitals, and Xinjiang's own cities: said in front of a school, they make it another one.
PLACES = re.compile(
    r"(北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    r"云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|"
    r"石家庄|太原|沈阳|长春|哈尔滨|南京|杭州|合肥|福州|南昌|济南|郑州|武汉|长沙|广州|海口|成都|贵阳|昆明|西安|兰州|"
    r"西宁|南宁|拉萨|银川|呼和浩特|乌鲁木齐|深圳|青岛|大连|宁波|厦门|苏州|"
    r"克拉玛依|吐鲁番|哈密|昌吉|阜康|博乐|阿拉山口|库尔勒|阿克苏|库车|阿图什|喀什|和田|伊宁|奎屯|霍尔果斯|塔城|乌苏|"
    r"沙湾|阿勒泰|石河子|阿拉尔|图木舒克|五家渠|北屯|铁门关|双河|可克达拉|昆玉|胡杨河|"
    r"巴州|克州|博州|伊犁|莎车|叶城|疏勒|疏附|英吉沙|伽师|巴楚|麦盖提|岳普湖|泽普|且末|若羌|轮台|尉犁|和静|和硕|焉耆|"
    r"博湖|鄯善|托克逊|奇台|呼图壁|玛纳斯|吉木萨尔|木垒|精河|温泉|"
    r"新源|巩留|昭苏|特克斯|尼勒克|察布查尔|霍城|额敏|裕民|托里|和布克赛尔|布尔津|富蕴|福海|哈巴河|青河|吉木乃|于田|"
    r"民丰|策勒|洛浦|墨玉|皮山|拜城|新和|沙雅|温宿|乌什|阿瓦提|柯坪|乌恰|阿合奇|阿克陶)\Z"
)
_LEARNS = re.compile(r"会(?![议场计])|习(?!题)")
_GRADES = frozenset("高初大")
_AS_ONE = frozenset("统唯同单逐专划归")
_MIDDLE = re.compile(r"段|期(?![中末])|间|旬|年级")
_EVENT = re.compile(r"生(?!物|活|均|源|涯|态|命|产|理|动|本|成|地)")


def judge(short: Short) -> Judge:
    def decide(text: Folded, found: Alignment) -> float | None:
        if not gaps_fit(text, found, _GAP, GAP):
            return None
        left, right = before(text, found), after(text, found)
        if not short.bare:
            return 0.98
        if _number_runs_on(short, left) or _other_word(short, left, right):
            return None
        return _by_front(short, left, right, text.unsure(found.start - 1) if text.read and found.start else False)

    return decide


def _number_runs_on(short: Short, left: str) -> bool:
    """十三中 is not 三中; 第三中 is, when the form itself does not begin with 第."""
    first = short.chars[0]
    if first == "第":
        return False
    return (
        first in NUMERALS
        and bool(left)
        and (left.rstrip(" \n")[-1:] in NUMERALS or (first.isdigit() and left[-1] in "图表例题式步章节课练"))
    )


def _other_word(short: Short, left: str, right: str) -> bool:
    """Whether the short form is only part of another word here."""
    said, last = short.chars, short.chars[-1]
    if said[0] in NUMERALS and (bad := _NOT_SCHOOL.get(last)) and len(said) <= 4 and bad.match(right.lstrip(" \n")):
        return True
    if said[0] in NUMERALS and left[-1:] == "第" and right[:1] == "学":
        return True  # 第三中学 is a form of its own
    if len(said) == 2 and said[0] in NUMERALS and left[-1:] in _GRADES:
        return True  # 高三中期检测
    if said[0] == "一" and left[-1:] in _AS_ONE:
        return True  # 统一中文教材
    if last == "中" and (said[0] == "第" or left[-1:] == "第") and _MIDDLE.match(right):
        return True  # 第四中段考试
    if said.endswith("中学") and _LEARNS.match(right):
        return not left or left[-1:] not in _ADMIN  # 在化学实验中学会观察
    if said[0] == "第" and said.endswith("中学") and _EVENT.match(right):
        return not left or left[-1:] not in _ADMIN
    return False


def _by_front(short: Short, left: str, right: str, doubtful: bool) -> float | None:
    """What stands in front of a form that names no place: a break, a leading word, or another place's name (`doubtful`:
    badly read)."""
    near = left.rstrip(" \n\t　")
    wraps = near != left and "\n" in left[len(near) :] and near[-1:] not in _ADMIN and short.chars[0] not in _ADMIN
    broken = is_break(near, -1) or wraps
    if short.generic:
        alone = (broken or is_break(left, -1)) and is_break(right, 0)
        return 0.75 if alone or (near[-1:] in _WORKS_AT and short.chars in _OF_A_TOWN) else None
    if broken:
        return 0.9
    front = near[-1]
    if front == "第" and short.chars[0] in NUMERALS:
        near = near[:-1]
        front = near[-1:] or " "
    if PLACES.search(near):
        return None
    if front in _ADMIN and short.chars[0] not in _ADMIN:
        town = near[:-1].rstrip()  # a place's name may be broken over two lines
        return 0.8 if not town or town[-1] in _OURS or not HAN.match(town[-1]) else None
    if front in _LEADS or near.endswith(_LEADING):
        return 0.9
    # Another Han word: it may be a place (云台市 第三中学) unless it was read badly, then it may be ours.
    its_own = is_branded(short.chars) and short.chars[0] not in _ADMIN
    return 0.6 if doubtful or short.chars[0] in NUMERALS or its_own else None
