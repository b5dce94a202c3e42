"""Values behind labels: beside, below, broken, run together; strangers stay, doubtful ones go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.finders.text.labels import find_labelled
from mangping_redaction.page import Ask
from mangping_redaction.readers.line import Line

from tests.redaction.lines import line, said

NOBODY = Ask()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("姓名：王芳", [("name", "王芳")]),
        ("姓名王芳性别女", [("name", "王芳")]),
        ("姓　　名：王　芳", [("name", "王　芳")]),
        ("姓名：依明·玉素甫  性别：男", [("name", "依明·玉素甫")]),
        ("Name: Wang Fang", [("name", "Wang Fang")]),
        ("申报人：李晓英  申报职称：一级教师", [("name", "李晓英")]),
        ("工作单位：松台市第三中学", [("unit", "松台市第三中学")]),
        ("工作单位：松台市第三中学  联系电话：13800138000", [("phone", "13800138000"), ("unit", "松台市第三中学")]),
        ("身份证号：650196198001175810", [("id_number", "650196198001175810")]),
        ("公民身份号码650196198001175810", [("id_number", "650196198001175810")]),
        ("身份证号码 6501**********5810", [("id_number", "6501**********5810")]),
        ("电话：0996-2022222", [("phone", "0996-2022222")]),
        ("王芳(身份证号:650196198001175810)", [("id_number", "650196198001175810"), ("name", "王芳")]),
        ("兹聘请文娟红同志担任教研组长", [("name", "文娟红")]),
        ("甲方（盖章）：松台市第三中学", [("unit", "松台市第三中学")]),
        ("付款人户名：王芳", [("name", "王芳")]),
        ("单位：松台市职业中等专业学校", [("unit", "松台市职业中等专业学校")]),
        ("单位：松台县民族中学专业：物理", [("unit", "松台县民族中学")]),
        ("学生文娟红，性别女，于2014年9月至2018", [("name", "文娟红")]),
        ("学生李娜 性别 女，生于", [("name", "李娜")]),
        ("文娟红同志：", [("name", "文娟红")]),
        ("作者简介：文娟红（1980—），女，一级教师", [("name", "文娟红")]),
        ("作者简介：从事教学二十年，", []),
        ("联系电话：13987H02215", [("phone", "13987H02215")]),
        ("各位老师：", []),
        ("班主任老师：", []),
        ("文娟红同志：现将有关事项通知如下", [("name", "文娟红")]),
        ("姓名：热孜宛古丽斯马义学号：2006165148", [("name", "热孜宛古丽斯马义")]),
        ("服务处所：松台市第三中学", [("unit", "松台市第三中学")]),
        ("作者：古丽娜尔 吐尔逊", [("name", "古丽娜尔 吐尔逊")]),
        ("收款人：松台市继续教育培训学校", []),
        ("姓名 Name  王芳", [("name", "王芳")]),
        ("兹有我单位教师王芳，自今年起任教", [("name", "王芳")]),
        (
            "兹有我校教师文娟红，女，于2019年9月至2020年7月到松台乡中心小学支教",
            [("name", "文娟红"), ("unit", "松台乡中心小学")],
        ),
        ("王芳，女，回族，1978年3月出生，一级教师", [("name", "王芳")]),
        ("一年来，我在松台县第三中学担任高二数学教学工作，", [("unit", "松台县第三中学")]),
        ("2015年8月调入市第十二小学，任班主任至今", [("unit", "市第十二小学")]),
        ("毕业后分配到和松县布扎克乡中学，任教至今", [("unit", "和松县布扎克乡中学")]),
        ("我校（松台乡九年一贯制学校）是一所寄宿制学校", [("unit", "松台乡九年一贯制学校")]),
        ("松台县第三中学2023年度教师工作总结", [("unit", "松台县第三中学")]),
        ("我在学校担任班主任工作，在该校工作三年", []),
        ("在农村学校从事教育工作，到薄弱学校支教，在乡镇中小学任教满一年", []),
        ("调入以来在学校任教", []),
        ("于大学毕业后到校工作", []),
        ("联系人赵国栋联系电话0991-4567823", [("name", "赵国栋"), ("phone", "0991-4567823")]),
        ("撰写人陆正平", [("name", "陆正平")]),
        ("姓名王芳工作单位松台市第三中学", [("name", "王芳"), ("unit", "松台市第三中学")]),
        ("松台县城关中学教师罗布顿珠同志(联系人待定)", [("name", "罗布顿珠"), ("unit", "松台县城关中学")]),
        ("松台外国语学校文娟红：", [("name", "文娟红"), ("unit", "松台外国语学校")]),
        ("各县市小学校长同志：", []),
        ("全体小学老师：", []),
        ("文娟等壹人，前往市", [("name", "文娟")]),
        ("兹介绍我单位文娟红同志等壹人（身份证号", [("name", "文娟红")]),
        ("我是文娟红，2008年参加工作，现在工大附小任教。", [("name", "文娟红"), ("unit", "工大附小")]),
        ("我是党员，", []),
        ("我是高中教师，", []),
        ("@文娟红你的证书编号", [("name", "文娟红")]),
        ("@所有人请今天交材料", []),
        ("联系邮箱songtai@", []),
        ("松台县第三中学教务处：", []),
        ("松台县第三中学教研组老师", []),
        ("松台镇中心小学职称申报群(70)", [("unit", "松台镇中心小学")]),
        ("现已返回城关中学工作。", [("unit", "城关中学")]),
        ("松台县第三中学", [("unit", "松台县第三中学")]),
        ("松台师范大学", []),
        ("市职校教师教案", [("unit", "市职校")]),
        ("文娟红，系松台县第三中学在编在岗教师，", [("unit", "松台县第三中学")]),
        ("该同志系我校教师，为优秀的中学语文教师", []),
        ("尊敬的文娟红老师（松台县第三中学）：", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("尊敬的各位老师：", []),
        ("松台职教中心文娟红老师：", [("name", "文娟红"), ("unit", "松台职教中心")]),
        ("旗进修学校文娟红", [("name", "文娟红"), ("unit", "旗进修学校")]),
        ("松台县第三中学成立", []),
        ("松台县第三中学党支部", [("unit", "松台县第三中学")]),
        ("松台县第三中学花名册", [("unit", "松台县第三中学")]),
        ("是松台县第三中学，我叫文娟红，", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("这是学校，", []),
        ("——记松台县教育局教研室教师文娟红", [("name", "文娟红"), ("unit", "松台县教育局教研室")]),
        (
            "第十二条甲方（松台中心小学）与乙方（古丽娜尔·吐尔逊）因履行本合同",
            [("name", "古丽娜尔·吐尔逊"), ("unit", "松台中心小学")],
        ),
        ("一年来，本人文娟红在松台镇中心校党支部的领导下", [("name", "文娟红"), ("unit", "松台镇中心校")]),
        ("本人在校期间表现良好", []),
        ("文娟红同志，男，1982年11月生，2005年参加工作", [("name", "文娟红")]),
        ("情况属实。文娟红同志自调入我校以来，教学效果良好", [("name", "文娟红")]),
        ("全体同志始终坚持集体备课，党员同志能够带头", []),
        ("经学校研究，同意推荐文娟红申报高级教师", [("name", "文娟红")]),
        ("同意推荐该同志申报，推荐优秀教师参加评选", []),
        ("叶尔兰·哈米提（松台县实验小学）", [("name", "叶尔兰·哈米提"), ("unit", "松台县实验小学")]),
        ("文娟红（人民教育出版社）", []),
        (
            "兹证明热孜万古丽-阿不都热合曼，男，汉族，自2005年",
            [("name", "热孜万古丽-阿不都热合曼")],
        ),
        ("兹证明松台县第三中学教师文娟红，女", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("我叫木拉提赛力克，2002年7月毕业", [("name", "木拉提赛力克")]),
        ("我叫大家一起来，", []),
        ("收到，我是文娟红，身份证号", [("name", "文娟红")]),
        ("授予优秀教师称号，聘请校外专家担任辅导员", []),
        ("兹聘请您担任松台县第三中学一级教师岗位", [("unit", "松台县第三中学")]),
        ("作者简介：文娟红（1977—），女，松台县第三中学一级教师", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("此复印件仅用于松台县第三中学职称申报使用", [("unit", "松台县第三中学")]),
        ("适用于中小学校使用，供学校备案", []),
        (
            "在评比活动中，松台县第三中学古丽娜孜·艾合买提老师撰写的",
            [("name", "古丽娜孜·艾合买提"), ("unit", "松台县第三中学")],
        ),
        ("客服电话：400-737-2518", []),
        ("联系电话：400-737-2518", []),
        ("查询电话：0577-61234578", []),
        ("联系电话：0577-61234578", [("phone", "0577-61234578")]),
        ("松台县第三中学2022年8月教职工工资发放表", [("unit", "松台县第三中学")]),
        ("松台县第三中学五年级（3）班", [("unit", "松台县第三中学")]),
        ("材料在县特校公示栏公示", [("unit", "县特校")]),
        ("松台县第三中学：", [("unit", "松台县第三中学")]),
        ("其他单位：文娟红、杨文博、曾卫东聘任为一级教师", []),
        ("联系人方式一览表", []),
        ("兹证明文娟红自2005年8月起在松台县第三中学工作", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("授予文娟红“县级骨干教师”荣誉称号", [("name", "文娟红")]),
        ("你单位文娟红同志被评为先进个人", [("name", "文娟红")]),
        ("我校语文组文娟红老师上了一节公开课", [("name", "文娟红")]),
        ("对照班由文娟红老师执教，任课老师、代课老师各一名", []),
        ("学员文娟红于2023年7月参加培训", [("name", "文娟红")]),
        ("文娟红撰写的论文荣获二等奖", [("name", "文娟红")]),
        ("现将买买提江·卡迪尔等四名同志公示", [("name", "买买提江·卡迪尔")]),
        ("文娟红（原名文小红）", [("name", "文娟红"), ("name", "文小红")]),
        ("成立日期2019年9月，关于公布2023年结果的通知", []),
        ("青年教师成长记", []),
        ("由松台县第三中学的文娟红老师执教", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("第一作者：文娟红（松台县第三中学）", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("从松台镇中心小学调入，在松台镇中心小学支教", [("unit", "松台镇中心小学")] * 2),
        ("赴松台镇中心小学开展送教活动", [("unit", "松台镇中心小学")]),
        ("松台镇中心小学支教证明", [("unit", "松台镇中心小学")]),
        ("诸葛文瑀（松台县第三中学）于2023年7月参加", [("name", "诸葛文瑀"), ("unit", "松台县第三中学")]),
        ("辅导教师荣誉证书", []),
        ("乡村学校任教年限证明", []),
        ("关于公布中小学教师职务聘任结果的通知", []),
        ("2021年中小学教师职称评审，参加2023年中小学教师培训", []),
        ("受聘人文娟红与松台县第三中学签订聘用合同", [("name", "文娟红"), ("unit", "松台县第三中学")]),
        ("主送：松台县第三中学", [("unit", "松台县第三中学")]),
        ("纳税人名称：文娟红", [("name", "文娟红")]),
        ("备注：扣缴义务人：松台县第三中学。本凭证不作抵扣", [("unit", "松台县第三中学")]),
        ("因工作需要，拟调你单位文娟红同志到我局工作", [("name", "文娟红")]),
        ("同意文娟红同志调出，档案随函附上。", [("name", "文娟红")]),
        ("同意该同志调出，同意全体同志的意见", []),
        ("同志，男，1968年3月出生，身份证号另附", []),
        ("，男，哈萨克族，身份证号另附", []),
        ("现在松台镇中心小学柳树湾教学点任教。", [("unit", "松台镇中心小学柳树湾教学点")]),
        ("在乡村学校（含教学点）任教累计36年", []),
        ("教师成长记", []),
        ("参赛教师：王芳", [("name", "王芳")]),
        ("姓名：皇甫杰刚性别男", [("name", "皇甫杰刚")]),
        ("参赛教师王芳语言亲切", []),
        ("本人郑重作出如下承诺（姓名：迪丽达尔·肉孜身份证号：", [("name", "迪丽达尔·肉孜")]),
        ("姓，名马哈木提·铁木尔", [("name", "马哈木提·铁木尔")]),
        ("你在2019年度工作单位：松台市第三中学，教育工作成绩显著", [("unit", "松台市第三中学")]),
        ("课题名称：边远地区小学数学教学模式研究", []),
        (
            "兹证明我校教师玛丽娅木·托合提，女，身份证号码659933198101131238",
            [("id_number", "659933198101131238"), ("name", "玛丽娅木·托合提")],
        ),
    ],
)
def test_value_in_the_same_line(text: str, values: list[tuple[str, str]]) -> None:
    lines = [line(text)]
    assert said(find_labelled(lines, NOBODY), lines) == values


def test_a_unit_that_begins_the_line_after_its_set_phrase_is_told() -> None:
    lines = [line("文娟红（身份证号：53092119770303401X），系"), line("松台县职业技术教育中心教师，于今年", 100, 150)]
    assert ("unit", "松台县职业技术教育中心") in said(find_labelled(lines, NOBODY), lines)


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("受训教师", "文娟红", True), ("拟聘人选", "文娟红", True), ("被保险人", "古丽娜尔·吐尔逊", True),
        ("培养对象", "高中", False),
        ("参评人员", "班主任", False), ("一级教师", "文娟红", False), ("审核人", "文娟红", False),
        ("填票人", "族幼儿园。本凭证", False),
        ("工作单位", "松台县柳河完小", True), ("工作单位", "松台县少年宫", True),
        ("工作单位", "松台职业高中", True), ("工作单位", "高中", False),
        ("家长电话", "0991-4567823", True), ("宅电", "0991-4567823", True), ("联系电话（手机）", "0991-4567823", True),
        ("咨询电话", "0991-4567823", False), ("家长电话", "4567", False),
        ("调入单位", "松台县第三中学", True), ("支教地点", "松台县柳河中心幼儿园", True), ("发证单位", "松台县第三中学", False),
        ("审定单位", "松台县教育局", False), ("红旗镇学校", "松台县第三中学", False),
    ],
)  # fmt: skip
def test_a_label_nobody_listed_counts_beside_and_over_what_can_be_nothing_else(
    label: str, value: str, told: bool
) -> None:
    school = [line("红旗小学", 900, 600), line("东风小学", 900, 800)]  # none is the page's own
    for there in ([line(label), line(value, 400)], [line(label), line(value, 100, 150)]):
        found = said(find_labelled([*there, *school], NOBODY), there)
        assert [text for _, text in found] == ([value] if told else [])
    one = [line(f"{label}：{value}"), *school]
    assert not told or said(find_labelled(one, NOBODY), one[:1])[0][1] == value


def test_what_stands_beyond_a_covered_value_or_of_another_kind_is_none() -> None:
    covered = [line("工作单位"), line("松台县第三中学", 300).hidden(), line("松台县医院", 560)]
    assert said(find_labelled(covered, NOBODY), covered) == []
    people = [line("曾用名", 100), line("民族", 100, 150), line("苗族", 300, 150), line("苗族", 100, 200)]
    assert said(find_labelled(people, NOBODY), people) == []
    office = [line("证明人", 100), line("任、教师", 100, 150)]
    assert said(find_labelled(office, NOBODY), office) == []


@pytest.mark.parametrize(("label", "value"), [("被评教师", "文娟红"), ("入库税务机关/扣缴义务人", "松台县第三中学")])
def test_the_heads_of_appraisals_and_tax_records_stand_over_a_name_and_a_unit(label: str, value: str) -> None:
    lines = [line(label), line(value, 100, 150)]
    assert [text for _, text in said(find_labelled(lines, NOBODY), lines)] == [value]


def test_a_name_right_above_the_sex_is_the_cards_holder() -> None:
    lines = [line("文娟红", 300, 100), line("女", 300, 150), line("汉", 500, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "文娟红")]
    apart = [line("文娟红", 300, 100), line("女", 600, 150)]
    assert said(find_labelled(apart, NOBODY), apart) == []


def test_a_hand_behind_a_label_that_was_read_as_one_character_or_resembles_the_applicants_is_covered() -> None:
    ask = Ask(Identity(names=("芮敏",), units=("松台县柳河中心幼儿园",)))
    one = [line("授课教师"), line("奴", 300)]
    assert said(find_labelled(one, ask), one) == [("name", "奴")]
    alike = [line("学校"), line("柳何幼儿园", 300, score=0.8)]
    assert said(find_labelled(alike, ask), alike) == [("unit", "柳何幼儿园")]
    other = [line("学校"), line("清泉幼儿园", 300), line("性别", 100, 200), line("无", 300, 200)]
    assert said(find_labelled(other, ask), other) == []


def test_a_papers_author_and_whence_he_writes_are_told_by_the_postcode_behind_the_school() -> None:
    lines = [
        line("作业设计的实践与思考", 300, 40),
        line("文娟红", 400, 100),
        line("（松台县第三中学，湖南岳阳 414000）", 200, 150),
    ]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "文娟红"), ("unit", "松台县第三中学")]
    plain = [line("摘要", 400, 100), line("（松台县第三中学，见附件）", 200, 150)]
    assert said(find_labelled(plain, NOBODY), plain) == []


def test_a_name_right_above_the_one_school_of_the_page_is_its_holders() -> None:
    lines = [line("热孜宛古丽・麦麦提", 300, 100, height=34), line("松台县第十二小学", 300, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "热孜宛古丽・麦麦提"), ("unit", "松台县第十二小学")]
    title = [line("荣誉证书", 300, 100, height=34), line("松台县第十二小学", 300, 150)]
    assert said(find_labelled(title, NOBODY), title) == [("unit", "松台县第十二小学")]


def test_who_is_honoured_stands_above_the_school_in_brackets() -> None:
    lines = [line("叶尔兰·哈米提", 300, 100), line("（松台县实验小学）", 310, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "叶尔兰·哈米提"), ("unit", "松台县实验小学")]
    nobody = [line("优秀班主任", 300, 100), line("（松台县实验小学）", 310, 150)]
    assert said(find_labelled(nobody, NOBODY), nobody) == []


def test_below_a_summarys_title_the_name_behind_the_school_is_its_writers() -> None:
    lines = [line("专业技术工作总结", 300, 40), line("松台县第四幼儿园", 200, 100), line("木拉提．赛力克", 490, 100)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "木拉提．赛力克"), ("unit", "松台县第四幼儿园")]
    far = [line("松台县第四幼儿园", 200, 100), line("木拉提．赛力克", 900, 100)]
    assert said(find_labelled(far, NOBODY), far) == [("unit", "松台县第四幼儿园")]


@pytest.mark.parametrize("split", [3, 5, 10])
def test_a_mobile_number_that_prose_breaks_is_told_to_its_end(split: int) -> None:
    number = "15920209717"
    first = line("任教十三年，联系电话：" + number[:split])
    lines = [first, line(number[split:] + "。", 100, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("phone", number[:split]), ("phone", number[split:])]


def test_the_first_author_of_several_writes_from_the_first_school() -> None:
    lines = [line("文娟红", 400, 100), line("（1. 松台县第三中学，松台 814082；2. 白沙县第五中学）", 200, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "文娟红"), ("unit", "松台县第三中学")]


def test_a_unit_in_a_set_phrase_is_followed_over_the_end_of_its_line() -> None:
    lines = [line("兹将该同志档案正本壹卷转往松台县白沙"), line("乡九年一贯制学校，请查收。", 100, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "乡九年一贯制学校"), ("unit", "松台县白沙")]


@pytest.mark.parametrize(("read", "x0", "x1"), [("雪生", 266, 364), ("穆雪", 296, 394), ("穆雪生", 296, 394)])
def test_where_a_name_was_not_read_to_its_ends_the_cover_reaches_over_them(read: str, x0: float, x1: float) -> None:
    """A pen's stroke hides a character from the detector: the name's own number of them is covered."""
    [found] = find_labelled([line("姓名"), line(read, 300)], Ask(Identity(names=("穆雪生",)))).findings
    assert abs(found.polygon[:, 0].min() - x0) < 1
    assert abs(found.polygon[:, 0].max() - x1) < 1


@pytest.mark.parametrize("label", ["家访教师", "主备人", "徒弟"])
def test_value_in_the_next_cell(label: str) -> None:
    lines = [line(label), line("王芳", 300), line("学校", 460), line("松台市第三中学", 600)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳"), ("unit", "松台市第三中学")]


@pytest.mark.parametrize("name", ["皇甫杰刚", "诸葛明", "令狐辉"])
def test_a_surname_of_two_characters_begins_a_name_under_its_label(name: str) -> None:
    lines = [line("姓名"), line(name, 110, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", name)]


def test_a_value_that_nobody_could_read_is_covered() -> None:
    lines = [line("毕业院校"), line("三学", 280, score=0.4)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "三学")]
    assert find_labelled([line("毕业院校"), line("三学", 280)], NOBODY).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "单位推荐意见：同意推荐", "姓名、性别、民族等信息如实填写", "学校要求教师认真备课", "单位：人民币元",
        "请填写本人的姓名和工作单位",
        "姓名：", "联系电话：", "证书编号：285931202205537612", "该生姓名不详", "教师：", "学校名称及代码",
        "负责人签字：", "Valid: 2020-12-31", "filename: report",
    ],
)  # fmt: skip
def test_running_words_do_not_fire(text: str) -> None:
    assert find_labelled([line(text)], NOBODY).findings == ()


def test_value_in_the_cell_to_the_right_ends_at_the_next_label() -> None:
    lines = [
        line("姓名"),
        line("王芳", 250, 103),
        line("性别", 400),
        line("女", 550),
        line("单位", 650),
        line("松台市三中", 800),
    ]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳"), ("unit", "松台市三中")]


def test_value_in_the_cell_below() -> None:
    lines = [line("姓名"), line("性别", 300), line("王芳", 100, 150), line("女", 300, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳")]


def test_the_next_head_of_a_table_is_no_name_where_one_stands_below() -> None:
    lines = [line("姓名"), line("属地", 300), line("王芳", 100, 150), line("城区", 300, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳")]
    rare = [line("姓名"), line("仝丽", 300), line("单位", 100, 150), line("松台市第三中学", 300, 150)]
    assert said(find_labelled(rare, NOBODY), rare) == [("name", "仝丽"), ("unit", "松台市第三中学")]


def test_the_half_of_a_label_below_a_label_is_no_name() -> None:
    lines = [line("姓"), line("名", 200), line("别女", 200, 150), line("性", 100, 150)]
    assert find_labelled(lines, NOBODY).findings == ()


def test_a_label_in_two_boxes() -> None:
    lines = [
        line("姓"),
        line("名", 200),
        line("王芳", 300),
        line("电", 100, 200),
        line("话", 200, 200),
        line("0996-2022222", 300, 200),
    ]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳"), ("phone", "0996-2022222")]


def test_a_unit_broken_over_two_lines() -> None:
    lines = [line("工作单位"), line("松台市第", 300), line("三中学", 300, 140)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "三中学"), ("unit", "松台市第")]


def test_a_unit_of_two_lines_beside_a_label_between_them() -> None:
    lines = [line("毕业院校", 100, 120), line("北疆师范", 300, 100), line("大学", 300, 140)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "北疆师范"), ("unit", "大学")]


def test_a_roster_covers_its_column_when_nobody_is_known_and_only_the_applicant_when_one_is() -> None:
    lines = [line("姓名"), line("成绩", 300)]
    for row, name in enumerate(["王芳", "赵建军", "钱小红"], 1):
        lines += [line(name, 100, 100 + 45 * row), line("90", 300, 100 + 45 * row)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳"), ("name", "赵建军"), ("name", "钱小红")]
    assert said(find_labelled(lines, Ask(Identity(names=("王芳",)))), lines) == [("name", "王芳")]


def test_a_stranger_read_surely_stays_and_one_read_badly_is_covered() -> None:
    ask = Ask(Identity(names=("王芳",), units=("松台市第三中学",)))
    sure = [line("姓名：赵建军"), line("学校名称：北疆理工大学", 100, 200)]
    assert find_labelled(sure, ask).findings == ()
    bad = [line("姓名：赵建军", score=0.6)]
    assert said(find_labelled(bad, ask), bad) == [("name", "赵建军")]


@pytest.mark.parametrize(
    ("own", "other", "score", "covered"),
    [
        ("松台市第一中学", "松台市第二中学", 0.99, False), ("松台市第一中学", "松台市第二十九中学", 0.99, False),
        ("松台市第一中学", "松台市第二中学", 0.85, True), ("松台市第十二中学", "松台市第二中学", 0.99, True),
        ("松台市第二十一小学", "松台市第二十小学", 0.99, True), ("松台市第12中学", "松台市第十二中学", 0.99, True),
    ],
)  # fmt: skip
def test_a_school_of_another_number_read_surely_stays_unless_a_stroke_may_be_lost(
    own: str, other: str, score: float, covered: bool
) -> None:
    lines = [line(f"工作单位：{other}", score=score)]
    found = find_labelled(lines, Ask(Identity(units=(own,))))
    assert said(found, lines) == ([("unit", other)] if covered else [])


def test_values_lean_with_the_page() -> None:
    angle = np.radians(4)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    level = [line("姓名"), line("王芳", 450), line("承担教研活动并撰写总结的有关情况说明", 100, 160), line("性别", 900)]
    leaning = [replace(one, polygon=(one.polygon @ turn).astype(np.float32)) for one in level]
    found = find_labelled(leaning, NOBODY)
    assert [finding.cls for finding in found.findings] == ["name"]
    assert np.allclose(found.findings[0].polygon, leaning[1].span(0, 2))


def column(text: str, x: float, y: float, pitch: float = 36) -> Line:
    """Characters one under the other, read as one line."""
    level = line(text, 0, 0)
    down = np.array([[x + 30, y], [x + 30, y + pitch * len(text)], [x, y + pitch * len(text)], [x, y]], np.float32)
    return replace(level, polygon=down)


def test_a_label_that_runs_down_its_cell_has_its_value_beside_it() -> None:
    lines = [column("服务处所", 100, 100), line("松台市第三中学", 160, 180), column("婚姻状况", 560, 100)]
    lines += [column("文化程度", 100, 300), line("本科", 160, 380), column("兵役状况", 560, 300), line("无", 620, 380)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "松台市第三中学")]


def test_a_label_whose_characters_stand_far_apart_is_one() -> None:
    lines = [line("姓", 100, 100), line("名", 100, 220), line("彭辉伟", 180, 160), line("民", 100, 400)]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "彭辉伟")]


@pytest.mark.parametrize(
    ("first", "second", "values"),
    [
        ("参训学员高春于二〇二三年培训合格，工作单位：松台", "市第三中学。于今年七月参加骨干教师培训，完成学时",
         [("unit", "市第三中学"), ("unit", "松台")]),
        ("参训教师于二〇二三年培训合格，现任职务：无，工作单", "位：松台市第三中学。于今年七月参加骨干教师培训，完",
         [("unit", "松台市第三中学")]),
        ("兹有一位老师参加培训，成绩合格，姓名：阿不都热依", "木买买提。于今年七月参加骨干教师培训，完成学时的",
         [("name", "木买买提"), ("name", "阿不都热依")]),
        ("各校要求教师如实填写本人姓名和工作单位，不得遗漏", "市第三中学。于今年七月参加骨干教师培训，完成学时", []),
    ],
)  # fmt: skip
def test_a_label_or_a_value_that_prose_breaks(first: str, second: str, values: list[tuple[str, str]]) -> None:
    lines = [line(first, 100, 100), line(second, 100, 150)]
    assert said(find_labelled(lines, NOBODY), lines) == values


def test_a_unit_that_a_seal_parts() -> None:
    lines = [line("甲方（盖章）：松台"), line("市第三中学", 100 + 30 * 9 + 20)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "市第三中学"), ("unit", "松台")]


def test_a_column_goes_on_under_a_cell_that_holds_no_value() -> None:
    lines = [line("单位", 400, 100), line("松台市第三中学", 400, 170), line("病假一年未参加考核", 400, 240)]
    lines += [line("松台市教育局教学研究室", 400, 310)]
    assert said(find_labelled(lines, NOBODY), lines) == [("unit", "松台市教育局教学研究室"), ("unit", "松台市第三中学")]


def test_neither_the_label_in_another_tongue_nor_another_label_is_the_value_below() -> None:
    lines = [
        line("姓名", 100, 100),
        line("·Full Name.", 100, 145),
        line("王芳", 100, 200),
        line("出生地点：", 100, 245),
    ]
    assert said(find_labelled(lines, NOBODY), lines) == [("name", "王芳")]
    assert find_labelled([line("姓名：", 100, 100), line("马上登记：", 100, 150)], NOBODY).findings == ()


def test_a_school_alone_in_a_line_is_the_page_s_own_where_no_other_stands_so() -> None:
    head, other = line("松台县第三中学"), line("松台县第五中学", 60, 300)
    assert said(find_labelled([head], NOBODY), [head]) == [("unit", "松台县第三中学")]
    assert said(find_labelled([head, other], NOBODY), [head, other]) == []
