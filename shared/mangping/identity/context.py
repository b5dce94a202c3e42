"""What stands around a match: the words that make a name a name, and those that make it part of another word."""

from __future__ import annotations

import re

from mangping.identity.align import Alignment
from mangping.identity.fold import Folded

# Behind a name.
TITLES = re.compile(
    r"(老师|教师|同志|同学|先生|女士|校长|园长|院长|主任|书记|组长|班主任|主席|局长|科长|处长|所长|会长|教授|讲师|医生|"
    r"护士|工程师|"
    r"师傅|小姐|经理|总监|委员|副|系[我本该男女汉]|男|女|汉族|维吾尔|身份证|证件|出生|性别|[\(（【<]|于(1|2|一九|二)|"
    r"荣获|被评|获得|担任|同期|等)"
)
# In front of a name.
ROLES = re.compile(
    r"(姓名|名字|作者|教师|老师|同志|校长|园长|主任|书记|组长|班主任|申报人|申请人|述职人|承诺人|签名|签字|持证人|"
    r"主持人|负责人|联系人|学员|获奖者|讲师|"
    r"教授|医生|本人|我叫|我是|兹有|兹证明|证明|授予|聘请|聘任|聘用|特聘|表彰|由|与|和|跟|请|给|向|派|让|叫|以及|及)$"
)
# Surnames that are ordinary words too, and the characters that, standing before them, take them away: 由于 平时, 对方
# 超过.
CROSSING = {
    "于": "由关对终属位便善在处等至基用敢勇乐忠限源置趋急过陷鉴致低高大小多优介归利出生处居毕忙苦精寓甘",
    "方": "对地双四多官军各平立一前后比东西南北警资甲乙大处",
    "高": "提崇最较很升增更不身",
    "和": "温柔平缓",
    "任": "责担主信班前现历连离委聘兼继",
    "文": "语作课论中英人公征范散行",
    "时": "课小当同及平学按准随有暂临",
    "成": "完形构组达养变造促合集生",
    "安": "治平公保西延",
    "平": "水公和太",
    "常": "非经正日通",
    "全": "安健完齐",
    "明": "说光证表发文聪透声",
    "白": "明洁雪",
    "解": "了理讲见",
    "应": "反相适对响",
    "金": "奖资基现",
    "何": "如任为几",
    "向": "方导面倾一",
    "史": "历",
    "程": "课过工流教",
    "习": "学复练实预",
    "关": "有相",
    "单": "简菜",
    "管": "不尽主",
    "项": "各事一",
    "路": "道公一",
    "温": "体气",
    "章": "文印",
    "万": "千百",
    "马": "立",
    "石": "岩宝",
    "水": "用",
    "景": "情背前风",
    "连": "接",
    "干": "能若骨",
    "支": "一分",
    "易": "容简不",
    "强": "加增坚",
    "经": "已曾",
    "年": "每一今去",
    "张": "一紧主",
    "王": "国",
    "周": "一每本上下",
    "钱": "花",
    "言": "语发",
    "师": "教老",
    "计": "设统",
    "印": "复",
    "用": "使作",
    "位": "单岗",
    "乐": "音快",
    "党": "入建",
    "华": "中",
    "施": "实措",
}
# Two-character names that are dictionary words: a name only where the words around them say so.
_ORDINARY = """
马力 文静 高峰 方圆 平安 和平 安宁 高兴 白雪 黄金 金星 田野 江山 石头 向阳 成功 周详 周到 温馨 李子 万里 于是 方向
方法 任意 常青 时光 凌云 马达 高大 洪水 夏天 许可 明亮 章程 康乐 海洋 杨柳 何必 向前 程度 安全 安静 安心 安排 安装
安定 白云 白天 白色 白菜 白杨 包容 包括 包含 常年 常规 常见 常用 车间 成长 成立 成绩 成果 成为 成员 程序 方案 方便
方面 方式 方正 方言 高度 高级 高中 高效 高考 高尚 高洁 高远 高原 高明 高雅 高歌 高强 高新 高山 关心 关爱 关注 关于
关键 关系 管理 国家 国庆 海波 海燕 海鸥 和气 和谐 和睦 何时 洪亮 胡同 花园 花草 黄河 黄昏 黄海 黄山 黄色 计划 简单
江河 江南 江湖 金鱼 金属 金牌 经典 经历 康健 康复 乐观 乐意 雷电 雷达 雷雨 黎明 李树 连续 连接 林木 林业 林场 龙舟
路途 路程 路线 马路 马上 毛衣 梅花 明白 明确 明天 明星 明月 年轻 年级 宁静 农业 欧洲 平常 平凡 平等 平静 平时 平台
平衡 齐全 齐心 强调 强化 强大 秋天 秋季 曲线 曲折 全面 全体 全国 任务 任职 任教 荣誉 荣幸 商业 沈阳 盛开 施工 施行
石油 石榴 时间 时代 时期 史料 水平 水利 司机 宋朝 宋词 苏州 孙子 汤圆 唐诗 唐朝 田园 童年 童话 万象 万物 汪洋 王国
王子 韦编 卫生 温暖 温和 温柔 文明 文化 文学 文章 文艺 文字 文雅 文献 伍拾 武装 武术 夏季 向导 项目 谢谢 辛勤 辛苦
熊猫 徐徐 许多 许愿 严格 严谨 严肃 阳光 杨树 杨梅 叶子 叶脉 易懂 印象 应用 应对 尤其 游戏 余力 元旦 元素 云彩 曾经
张力 张扬 章节 赵州 郑重 支持 支教 钟情 钟表 周期 周边 周末 朱红 祝福 祝贺 庄严 庄重 左右 晴朗 宁夏 解放 解决 安康
项链 雷同 石桥 方针 方程 伏笔 古典 古文 古诗 古丽 习惯 习题 习作 燕子 巴黎 毕业 边疆 边界 党员 党性 段落 段位 丁香
杜绝 范围 范文 丰富 丰收 冯河 甘心 甘甜 葛根 耿直 宫殿 顾全 顾问 郭沫 韩国 郝然 华丽 华夏 焦点 焦急 季节 季度 蒋山
景色 景象 柯南 孔雀 孔子 蓝天 蓝图 冷静 冷暖 梁柱 廖廓 刘海 柳树 柳絮 鲁迅 陆地 罗列 骆驼 吕梁 麻辣 莫非 莫名 牧民
牧场 倪端 潘江 彭湃 蒲公 戚友 钱币 钱财 乔木 乔装 邱山 裘皮 沙漠 沙滩 单位 单元 尚未 邵阳 申报 申请 孟春 孟夏 束缚
水果 邢台 幸福 幸运 宣传 宣布 薛涛 鱼塘 喻理 袁隆 岳阳 岳父 展示 展望 战斗 战略 祖国 祖母 宗旨 邹鲁 从容 从事 艾草
艾叶 艾山 牛奶 牛羊 凤凰 池塘 步行 步骤 房屋 房间 米饭 米粉 贝壳 初中 初心 初级 相信 相关 相互 修养 修改 别人 别名
山水 山川 山河 青年 青春 青松 青山 晨光 晨曦 红梅 红旗 红星 红光 春风 春光 春雨 春梅 家乡 建军 建国 建设 建议 建党
学习 学军 学农 国防 国强 志强 海军 卫国 保国 兴国 爱国 爱民 为民 新民 利民 富民 惠民 振兴 振华 中华 光荣 光辉 光明
光华 永恒 永远
"""
ORDINARY = frozenset(_ORDINARY.split())
HAN = re.compile(r"[\u3400-\u9fff]")


def gaps_fit(text: Folded, found: Alignment, fits: re.Pattern[str], most: int) -> bool:
    """Whether what was dropped between the characters of a match may stand there: at each place at most so many
    characters, one line break among them."""
    for i in range(found.start + 1, found.end):
        gap = text.raw[text.at[i - 1] + 1 : text.at[i]]
        if gap and (len(gap) > most or gap.count("\n") > 1 or not fits.match(gap)):
            return False
    return True


def before(text: Folded, found: Alignment, size: int = 12) -> str:
    """The raw text in front of the match, nearest last; empty at the start of the text."""
    start = text.at[found.start]
    return text.raw[max(0, start - size) : start]


def after(text: Folded, found: Alignment, size: int = 12) -> str:
    """The raw text behind the match; empty at the end of the text."""
    end = text.at[found.end - 1] + 1
    return text.raw[end : end + size]


def is_break(nearby: str, side: int) -> bool:
    """Whether a sentence, a cell or a line ends there: nothing, punctuation or a wide gap (side -1: at the end of
    `nearby`)."""
    return not nearby or not HAN.match(nearby[side])


def clear_name(left: str, right: str) -> bool:
    """Whether the words on either side say that a person is named here."""
    return bool(ROLES.search(left.rstrip(" 　:：")) or TITLES.match(right.lstrip(" 　")))
