"""The words beside which, under which and over which people sign, and what beside them is no hand."""

from __future__ import annotations

import re

SIGNED = (
    r"签\s*(?:[名字章阅批]|[子宇](?=\s*[:：]))"  # 签字, misread
    r"|签到(?![表册时单地处率簿])|承诺人|签署人|签收人|(?:签[收领]|领取)(?=\s*(?:[:：;；]|\Z))"
)
ROLE = (
    r"申请人|申报人|述职人|报告人|汇报人|总结人|被考核人|被聘人|受聘人|负责人|校长|园长|院长|所长|馆长|局长|书记|主任|组长|主管"
    r"|[校院园所]\s?[（(][校院园所][)）]\s?长|领导|(?<![\u4e00-\u9fff])代表|经办人|审核人|填表人|鉴定人|证明人|推荐人|监督人|评议人|考核人|法人|法定代表人|指导教师|(?:企业|实践|实习)?(?:指导)?师傅|审批人"
    r"|(?:学校|单位|甲方|乙方|校方|家长|教师)代表|(?:组长|主任|[校园院处科]长|[处科室部]|学校|单位|校方)\s*(?:审核|审查|审阅|审批)"
)
# What stands between a role and its colon: 法定代表人（委托代理人）：, 经办人 Handled by：
ASIDE = r"(?:[（(][^（()）:：]{1,8}[)）])?(?:[/（(\s]*[A-Za-z][A-Za-z .']{1,24}[)）]?)?"
# What stands with a signing word: 签字并按手印, 签字）, 签名（盖章）.
BESIDES = r"(?:[并及和、/或]*[按捺盖]?(?:手印|指印|指模|盖章|公章|按印|捺印))?\s*[)）]?(?:[（(][^（()）]{0,8}[)）])?"
LATIN = (
    r"(?<![A-Za-z])(?:(?:Signature|Signed(?:\s*by)?|Nota?r?y(?:\s*Public)?)(?:\s*[:：;；]|(?!\s*[A-Za-z]))"
    r"|(?:Director|Principal|President|Dean|Chair(?:man|woman|person)|Headmaster|Registrar|Witness|Approved\s*by|Authori[sz]ed\s*by)"
    r"\s*[:：;；])"
)
# Who compared a copy with what it was made of signs behind that: 与原件核对一致. In a sentence the words mean nobody.
# So does who confirms: 情况属实.
COPY = r"(?:原件\s*(?:核对|审核|核验|比对)?\s*(?:一致|相符|无误)|情况属实)(?!\s*[，,。；、的并后才方且])"
# Those who judge sign in a row; a printed list of them has 、 between the names.
JUDGES = (
    r"(?:考核|考评|评审|评议|评选|评估|专家|验收|审核|审查|推荐|测评|监督|工作|领导)(?:小?组|委员会)(?:全体)?成员"
    r"|评委|(?:评审|推荐|鉴定|评议|考核|考评|论证|验收)专家|监考教师|监考员|见证人|参会人员|与会人员"
)
# Who signs what they did, in a cell of its own: the form asks for a hand beside it without a colon, or with one.
TITLES = (
    r"(?:主检|体检|检查|检验|检测|诊断|审核|复核|报告|主治|接诊|评估|化验)(?:医师|医生|技师|[师者员])"
    r"|(?:填表|制表|经办|审核|审批|复核|校对|核对|初审|复审|查验|受理|承办|鉴定|监考|主考|巡考|测试|测评|考评|评审|阅卷|评阅|记录|登记"
    r"|录入|统计|验收|监督|签发|批准|检索|查新|计票|监票|唱票|办理|保管|移交|接收|见证|承诺|声明|保证|签署|签收)[人员者]"
)
TITLE = re.compile(rf"\s*(?:{TITLES})\s*")
ANCHOR = re.compile(
    rf"(?:(?:{SIGNED}){BESIDES}\s*[:：;；]?|{LATIN}|{COPY}\s*[:：]?|(?:{ROLE}|{JUDGES}|{TITLES})\s*{ASIDE}\s*[:：;；])"
)
# The foot of a table says who made it and who looked it over; a form's cells who took part. Print behind the word is a byline's.
FOOT = re.compile(
    r"(?:审核|审阅|复核|校核|制表|填表|制单|校对|核对|签发|核准|批准|主管|会计|出纳|记账|稽核|经办|初审|复审|拟稿|核稿|会签|验收"
    r"|(?<![\u4e00-\u9fff])(?:学生|教师|导师|徒弟|家属|邻居|(?:指导|带教|辅导|评课|听课)(?:教师|老师)|考官|面试官|监考|主考|巡视员|督导员|督学|教研员"
    r"|组员|副?主任委员|(?:组织|宣传|纪检)?委员|(?:工会)?主席|(?:学生|职工|群众|工会|纪委)代表|总经理|法人代表))\s*[:：]"
)
MONEY = re.compile("会计|出纳|制单")  # who signs a voucher, however well the hand is read
# An office alone on its line: a hand may stand beside it, as on certificates, or a printed name, as in tables.
OFFICES = (
    r"(?:年级|教导|教务|政教|德育|总务|科研|教研室?|教科室|办公室|工会|支部)?副?(?:[校园院所馆局厅司署社]\s*长|主\s*任|书\s*记|会\s*长|理\s*事\s*长|主\s*编|总\s*编"
    r"|[校院园所]\s?[（(][校院园所][)）]\s?长|[\u4e00-\u9fff]{0,10}委员会\s*主\s*[席任])"
)
OFFICE = re.compile(rf"\s*{OFFICES}\s*")
# A leader who agrees signs behind that: 同意。
CONSENT = r"(?:同[意言]|情况属实|属实|已阅|照准)\s*[。.．，,]"
# The holder of an office, or who agrees, read as one line with it.
HOLDER = re.compile(rf"\s*(?:{OFFICES}|{CONSENT})\s*(?=[\u4e00-\u9fff·]{{2,4}}\s*\Z)")
BARE = ("签名", "签字", "签到", "签收", "签领", "领取")
WAITS = re.compile(
    r"(?:签名|签字|签章|签到|签收|签领|领取)\s*[)）]?\s*[:：;；]?\s*\Z"
)  # nothing behind: the hand may stand below
SEVERAL = re.compile(r"人员|成员|专家|评委|代表|全体|与会|参会|各方|双方")  # of those: who sign in a row beside it
# A table's column of hands may have no other head.
DOCTOR = re.compile(r"\s*(?:检查|体检|主检)?医\s*[师生]\s*")
MANY = re.compile(r"人员|成员|专家|评委|代表|家长|教师|老师|全体|与会|参会|各方|双方")  # 参会人员签字: a row of hands
# A short line that ends in a name behind "…人：" or "…长：" is a signing line even when the word itself was misread; so is
# what a hand ran into of 乙方签字：.
SIGNING_LINE = re.compile(
    r"^(?!联[系络]|收[款件]|付款)[^，。,、]{1,6}[人长]\s*[:：](?=\s*[\u4e00-\u9fff·•.]{0,9}\s*$)"
    r"|^[^，。,、:：]{0,12}(?<![名汉文数键题错别刻笔写识])字\s*[:：](?=\s*[\u4e00-\u9fff·•.]{2,9}\s*$)"
)
DOTTED = re.compile(r"[\u4e00-\u9fff]{1,9}(?:\s*[·•・‧.．]\s*[\u4e00-\u9fff]{1,9})+")
ROW = re.compile(rf"(?:{JUDGES})\s*(?:[（(][^（()）]{{0,6}}[)）])?\s*[:：;；]\Z")
# A letter in English ends so, and its hand stands below.
CLOSING = re.compile(
    r"\s*(?:(?:yours|very)\s*)*(?:sincerely|faithfully|truly|respectfully|cordially)(?:\s*yours)?\s*[,，.]?\s*"
    r"|\s*(?:(?:with|best|kind|warm)(?:est)?\s*)*(?:regards|wishes)\s*[,，.]?\s*",
    re.IGNORECASE,
)
# On certificates in two languages the office stands below the line that is signed: 项目主任 Programme Director.
BENEATH = re.compile(
    r"\s*[\u4e00-\u9fff（）()]{0,8}\s*[/（(]?\s*(?:(?:[A-Z][a-z]+\s*){0,3}"
    r"(?:Director|Dean|President|Principal|Chair(?:man|woman|person)?|Headmaster|Registrar|Coordinator|Provost|Rector|Secretary)"
    r"|(?:Authori[sz]ed\s*)?Signature)(?:\s*of(?:\s*[A-Z]?[a-z]+){1,4})?\s*[)）]?\s*"
)
# What stands in the cell of somebody who did not sign.
ABSENT = re.compile(r"[\s请病事产公休缺旷假席课迟早退到出差学习勤√✓○×xX\d./-]*")
LISTED = re.compile(r"[、，,]")
PROSE_GOES_ON = re.compile(r"\s*[之后时前的起均即]")  # 自双方签字之日起
SALUTATION = re.compile(r"\s*(?:尊敬|敬爱|亲爱|各位)")  # 尊敬的校领导：
# 月 and 年 stand in names (覃月兰, 江月): of a date they stand beside digits, blanks or one another.
DATE = r"[12][09]\d\d|\d\s*[年月日]|[年月]\s*[\d月日]|(?<![\u4e00-\u9fff])[年月](?![\u4e00-\u9fff])|日期"
STOP = re.compile(DATE + r"|时间|电话|盖章|公章|单位|\d{2,}|姓名|职务|职称|结论|结果|意见|备注|[。；]")
