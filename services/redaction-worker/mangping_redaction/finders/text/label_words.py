"""The words of labels, and one expression that finds any of them however they are spaced."""

from __future__ import annotations

import re

from mangping.identity import Kind

# (kind, unmistakable words that need no colon, words that need a colon or a cell of their own)
WORDS: tuple[tuple[Kind, str, str], ...] = (
    ("name",
     "姓名|教师姓名|学生姓名|学员姓名|申报人姓名|申请人姓名|作者姓名|第一作者|通讯作者|本人姓名|持证人姓名|获奖者姓名|校长姓名|"
     "纳税人姓名|纳税人名称|法定代表人|法人代表|曾用名|户名|付款人户名|收款人户名|考生姓名",
     "申报人|申请人|持证人|被评教师|被评价教师|被测评教师|被考核教师|被评人|被测评人|学员|被考核人|被聘人|受聘人|被推荐人|述职人|汇报人|总结人|报告人|获奖人|获奖者|获奖教师|"
     "作者|执教人?|执教教师|授课人|授课教师|任课教师|主讲人?|"
     "家访教师|参赛教师|参评教师|上课教师|开课教师|展示教师|送教教师|主备教师|主备人|辅导教师|带教教师|被听课教师|指导老师|授课老师|任课老师|"
     "上课人|开课人|执教者|参赛者|参评人|获奖选手|师傅|徒弟|课题负责人|课题组长|"
     "主持人|联系人|负责人|经办人|收款员|收款人|开票人|复核人?|填表人|承诺人|当事人|户主|所有人|名字|指导教师|教师|"
     "发言人|中心发言人|记录人|听课人|评课人|点评人|主编|副主编|编著|编著者|编者|责任编辑|撰稿人?|撰写人|执笔人?|供稿人?|通讯员|班主任|教研组长|备课组长|"
     "经手人|收件人|寄件人|领款人|候选人|竞聘人|紧急联系人|家长姓名|署名|课题主持人|参与人|"
     "证明人|参训学员|参训教师|乙方|付款人|持卡人|考生|Name|Full Name|Applicant|Holder"),
    ("unit",
     "工作单位|单位名称|所在单位|单位全称|任职单位|任教学校|所在学校|学校名称|工作学校|聘用单位|用人单位|申报单位|"
     "单位及职务|工作单位及职务|单位和职务|单位（学校）|学校（单位）|承担单位|完成单位|选送单位|参赛单位|报送单位|所属单位|所属学校|"
     "派出学校|受援学校|支教学校|交流学校|原任教学校|"
     "推荐单位|服务单位|就职单位|原单位|现单位|"
     "扣缴义务人|扣缴义务人名称|扣缴单位|缴费单位|参保单位|参保单位名称|现参保单位名称|作者单位|第一作者单位|作者机构|服务处所|任教单位|现任教单位|供职单位|就读学校|"
     "现工作单位|毕业院校|毕业学校|学校全称|公司名称|企业名称|购买方名称|销售方名称|销货单位名称|购货单位|销货单位|"
     "建设单位|施工单位|培训单位|派出单位|现任教学校",
     "单位|机构|学校|甲方|发证对象|名称|院校|公司|机构名称|Company|Employer|Work Unit|School|Organization"),
    ("id_number",
     "公民身份号码|公民身份证号码?|居民身份证号码?|身份证号码?|身份证件号码?|身份证明号码|身份号码|证件号码?|证号|社会保障号码?|社会保障卡号码?",
     "身份证|身份证明|ID No|ID Number|ID Card No|ID"),
    ("phone",
     "联系电话|手机号码?|移动电话|办公电话|联系方式|电话号码|家庭电话|本人电话|联系手机",
     "电话|手机|Tel|Phone|Mobile|Telephone"),
)  # fmt: skip
# Other labels: where they begin, the value before them ends.
OTHERS = (
    "性别|民族|出生年月|出生日期|出生|年龄|籍贯|学历|学位|职务|职称|政治面貌|专业技术职务|专业|任教学科|学科|任教年级|"
    "学段|住址|地址|邮编|邮政编码|参加工作时间|参加工作|入党时间|健康状况|"
    "部门|科室|处室|岗位工资|薪级工资|绩效工资|公积金|个税|应发|实发|签收|"
    "实用新型名称|发明名称|外观设计名称|软件名称|产品名称|设备名称|商品名称|"
    "查询电话|监督电话|举报电话|投诉电话|客服电话|服务热线|客服热线|"  # an office's own: nobody's mobile stands there
    "课题名称|项目名称|论文名称|作品名称|证书名称|奖项名称|成果名称|课程名称|活动名称|文件名称|刊物名称|期刊名称|专业名称|教材名称|"
    "论文题目|日期|时间|证书编号|证书号|编号|有效期|发证机关|发证单位|发证日期|签发机关|层次|学制|学习形式|入学日期|毕业日期|"
    "文化程度|婚姻状况|兵役状况|宗教信仰|血型|身高|出生地|培训时间|学号|考号|准考证号|考生号|工号|卡号|学时|成绩|备注|班级|课题|题目|国籍|类型|开户行|账号|"
    "纳税人识别号|邮箱|照片|所学专业|起止时间|主要职责|任职时间|任职年限|现任职务|申报职称|申报级别|手机|Sex|Gender|"
    "Nationality|Address|Date|Title|Email|E-mail"
)


def _spaced(words: str) -> str:
    """The words longest first, with room between Han characters (姓　　名), in words of two for a speck too (姓，名).
    号码? stands for 号码 and 号."""
    plain = {way for word in words.split("|") for way in (word.replace("?", ""), re.sub(r".\?", "", word))}
    listed = sorted(plain, key=lambda word: (-len(word), word))
    return "|".join(
        r"(?<![A-Za-z])" + word.replace(" ", r"\s*") + r"(?![A-Za-z])"
        if word.isascii()
        else (r"\s*[，,.·、。'‘’`]?\s*" if len(word) == 2 else r"\s*").join(word)
        for word in listed
    )


KINDS: dict[str, Kind] = {f"{kind}_{i}": kind for kind, *_ in WORDS for i in (0, 1)}
LABEL = re.compile(
    "|".join(f"(?P<{kind}_0>{_spaced(sure)})|(?P<{kind}_1>{_spaced(weak)})" for kind, sure, weak in WORDS)
    + f"|(?P<other>{_spaced(OTHERS)})",
    re.IGNORECASE,
)


# Words nobody listed, alone in a cell or before a colon, over or beside what plainly is a name, or a school: 受训教师,
# 拟聘人选, 调入单位.
_RANKS = "[一二三正副特高初中]+级|员级|助理|优秀|骨干|先进|模范|名|全体|其他|[我本]校|在[职编岗]|民办|代课|专任|兼职|退休|双师型?|学科"
UNLISTED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("name", re.compile(
        rf"(?!(?:{_RANKS})(?:教师|老师))[\u3400-\u9fff]{{0,7}}"
        r"(?:姓名|(?<=[^核证票计对批阅签发管法])人|(?<=.)者|教师|老师|导师|学员|选手|(?<=[主参发讲])讲|第[一二三]作者|户名|账户名称?|客户名称|毕业生|学徒"
        r"|(?:评审|参评|考核|推荐|表彰|培养|考察|培训)对象|(?:推荐|拟聘)人选|(?:拟聘|参评|申报|推荐|受训)人员|课题组长|储户|记者|责任校对)"
    )),
    ("unit", re.compile(
        r"(?:(?!发证|颁证?|批准|主办|协办|审批|监制|计量|货币|金额|长度|主管)[\u3400-\u9fff]{0,8}单位"
        r"|(?:任职|申报|派出|支教|交流|受援|接收|帮扶|选送|参赛|推荐|开课|执教|送教|实习|见习|服务|调[入出]|供稿|[原现])学校|教师所在学校|园名"
        r"|[所现]?[属在]?幼儿园名称|园所名称|(?:所[属在]|工作)(?:园所|幼儿园)|(?:支教|任教|授课|活动|上课|开课)地点)(?:名称|全称|简称)?"
        r"(?:[（(](?:盖章|公章|签章|印章|全称)[)）])?"
    )),
)  # fmt: skip
