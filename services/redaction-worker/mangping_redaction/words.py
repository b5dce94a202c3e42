"""What people read in place of the codes and phrases of a record, in Chinese; every report takes its words from here.

A test finds every code that the worker can say, so that none is shown raw.
"""

from __future__ import annotations

CLASSES = {
    "name": "姓名", "unit": "单位", "id_number": "证件号码", "phone": "电话", "seal": "印章", "face": "人脸",
    "eyes": "眼部", "qrcode": "二维码", "barcode": "条形码", "signature": "签名", "fingerprint": "指印",
    "unreadable": "无法识读的文字",
}  # fmt: skip
COLOURS = {
    "name": "#d4380d", "unit": "#d46b08", "id_number": "#c41d7f", "phone": "#7c3aed", "seal": "#cf1322",
    "face": "#0958d9", "eyes": "#0958d9", "qrcode": "#08979c", "barcode": "#08979c", "signature": "#389e0d",
    "fingerprint": "#a8071a", "unreadable": "#595959",
}  # fmt: skip
FINDERS = {
    "identity": "申报信息比对", "label": "栏目标签", "number": "号码规则", "seal": "印章检测", "face": "人脸检测",
    "code": "码制检测", "signature": "签字位置", "fingerprint": "指印检测", "thirdparty": "人名单位识别",
    "unreadable": "未读文字", "verify": "遮盖后复读", "applicant": "申报人", "echo": "页内互证",
}  # fmt: skip
STAGES = {
    "decode": "解码", "straighten": "摆正", "read": "识读", "clarity": "清晰度", "find": "查找", "by_hand": "手工框",
    "verify": "遮盖并复核",
}  # fmt: skip
DOUBTS = {
    "identity_still_readable": "遮盖后仍可读出身份信息", "orientation_unsure": "页面方向不能确定",
    "nothing_readable": "整页没有读出文字", "unreadable_text": "有文字无法识读", "photo_without_face": "照片中未找到人脸",
    "not_clear": "页面不清晰", "seal_suspect": "疑有未遮盖的印章", "mask_removed": "申报人取消了遮盖",
    "hardly_read": "多为手写或字迹难辨，识读没有把握",
}  # fmt: skip
CLARITY = {
    "blurred": "模糊", "motion": "抖动", "low_contrast": "对比度低", "low_resolution": "文字太小", "glare": "反光",
    "cut_off": "页面不完整", "blank": "空白页",
}  # fmt: skip
MEASURES = {
    "blur_ratio": "模糊度", "motion_ratio": "抖动度", "contrast_levels": "对比度（级）",
    "page_contrast_levels": "整页对比度（级）", "page_blur_ratio": "整页模糊度", "character_px": "字高（像素）",
    "glare_share": "反光占比", "cut_lines": "截断行数", "fading_lines": "渐隐行数", "blank_levels": "空白度（级）",
}  # fmt: skip
WHYS = {
    "name": "姓名", "unit": "单位全称", "short form of the unit": "单位简称",
    "short form that the page gives the unit": "页面自称的单位简称", "given part of the name": "名字",
    "surname and initials": "姓氏和首字母", "name in Latin letters": "字母拼写的姓名", "the number itself": "号码",
    "the number with few characters off": "号码（个别字符有出入）", "the number, partly starred": "号码（部分打星）",
    "a number that leads to a person": "能对应到个人的号码", "unit cut short by a seal": "被印章截断的单位名称",
    "unit parted by a seal": "被印章从中遮断的单位名称",
    "name, misread alike elsewhere": "姓名（别处同样误读）", "a name in a list": "名单中的人名",
    "named elsewhere on the page": "页上别处已指明的人或单位",
    "a person or a unit named in the text": "文中提到的人名或单位", "a mark that nobody could read": "无法识读的笔迹",
    "drawn by the applicant": "申报人所画", "face detector": "人脸", "face detector, several ways round": "人脸（方向不定）",
    "ink behind a signing word": "签字处的笔迹", "a hand under a signing word": "签字处下方的笔迹",
    "a hand in a row behind a signing word": "签字处同一行的笔迹", "a hand on a sheet for signing": "签到表上的签名",
    "a name in a hand": "手写的人名", "a hand in a ruled cell": "表格签名格内的笔迹",
    "print, where one is asked for": "要求按印处的指印", "doubtful shape seen by the network": "神经网络认同的疑似印章",
    "red print": "红色指印", "red ink under a signature": "签名下的红色印迹",
    "read": "已识读的码", "texture of a 2-D code": "二维码图案", "stripes of a barcode": "条形码条纹",
    "ring": "印章圆环", "coloured ring": "彩色圆环", "ring cut off by the edge of its sheet": "页边截断的圆环",
    "ink under a portrait": "压在照片下的印迹", "coloured frame": "彩色印框", "red frame": "红色印框", "words of a stamp": "戳记文字",
    "red block": "红色印块", "coloured block": "彩色印块", "square frame": "方形印框", "strip frame": "条形印框",
    "written triangle": "三角形印章",
    "red oval": "红色椭圆印", "dense red patch": "红色印迹", "red shape at the edge": "页边的红色印迹",
    "a printed box or a strip": "疑似印框", "ink that runs on from a signature": "签名延伸出的印迹",
    "seen by the network": "神经网络识别的印章", "part of a coloured ring": "彩色圆环的一部分",
    "coloured ring about a mark": "围着图案的彩色圆环", "ring of a name chop": "圆形名章", "ink under a seal": "压在印章下的彩色印迹",
    "pale ring": "浅色印章圆环",
}  # fmt: skip
_LABELLED, _MISREAD = "value behind a label: ", ", misread"


def word(table: dict[str, str], code: str) -> str:
    """The table's word, or the code itself."""
    return table.get(code, code)


def reason(why: str) -> str:
    """A finding's `why` in Chinese."""
    if why.startswith(_LABELLED):
        return f"“{word(CLASSES, why.removeprefix(_LABELLED))}”一栏的内容"
    plain = why.removesuffix(_MISREAD)
    return word(WHYS, plain) + ("（识读有出入）" if plain != why else "")
