"""Every reason for refusing a scan or a source: stable code, what is wrong, what to do. No such text elsewhere."""

from __future__ import annotations

import errno

from mangping.errors import Refused

REFUSALS: dict[str, tuple[str, str]] = {
    # What the bytes are.
    "SCAN_EMPTY": ("文件是空的（0 字节）。", "请重新扫描或重新导出后再上传。"),
    "SCAN_TOO_LARGE": ("文件超过 512 MB。", "请拆成几个文件，或降低扫描分辨率（200 至 300 dpi 即可）。"),
    "SCAN_TYPE_UNKNOWN": (
        "文件内容不是图片也不是 PDF，与后缀名无关。",
        "请用 JPEG、PNG、TIFF、BMP、WebP 或 PDF 重新保存；只改后缀名无效。",
    ),
    "SCAN_TYPE_UNSUPPORTED": (
        "不支持这种文件格式（如 GIF、HEIC、OFD、Word）。",
        "请导出为 JPEG、PNG、TIFF、BMP、WebP 或 PDF。",
    ),
    "SCAN_TRUNCATED": ("文件不完整，后半部分缺失。", "可能是上传或拷贝中断，请重新上传原文件。"),
    "SCAN_BROKEN": ("文件已损坏，无法读出完整的页面。", "请用看图软件打开后另存一份，或重新扫描。"),
    "SCAN_ENCRYPTED": ("PDF 设有打开密码。", "请去除密码后重新导出。"),
    "SCAN_ANIMATED": ("这是动图，不是扫描件。", "请只保存需要的那一帧为静态图片。"),
    "SCAN_PIXELS_UNSUPPORTED": (
        "像素格式特殊（如浮点或 Lab 色彩），无法保证转换后所见一致。",
        "请另存为 8 位 RGB 或灰度图片。",
    ),
    # How much of it there is.
    "SCAN_TOO_MANY_PIXELS": ("一页超过 1 亿像素。", "请用 300 dpi 或更低的分辨率重新扫描。"),
    "SCAN_SIDE_TOO_LONG": ("一页的边长超过 20000 像素。", "长图请按页截开后分别上传。"),
    "SCAN_TOO_SMALL": ("图片太小（边长不足 32 像素），没有可读的内容。", "请上传原始扫描件，不要上传缩略图。"),
    "SCAN_TOO_MANY_PAGES": ("页数超过 500 页。", "请拆成每份不超过 500 页的文件。"),
    # What happened while handling it.
    "SCAN_DECODER_DIED": ("解码这份文件时内存超限或解码器崩溃。", "请用看图软件另存为普通 JPEG 或 PDF 后再上传。"),
    "SCAN_DECODER_TIMEOUT": ("解码这份文件用时过长，已停止。", "请另存为普通 JPEG 或 PDF，或降低分辨率后再上传。"),
    "SCAN_KILLED_WORKER": ("处理这份文件时工作进程两次意外退出。", "请单独重试；仍然失败时请交管理员查看。"),
    "WORKER_FAULT": ("处理这份文件时程序出错，这是系统的问题。", "请把错误码和时间告知管理员。"),
    # Where it lies and how it is named.
    "SOURCE_OUTSIDE": ("这是指向来源文件夹之外的链接。", "请把文件本身复制到来源文件夹内。"),
    "SOURCE_NAME_UNSAFE": (
        "文件名含有控制字符、换行、上级目录或无法识别的编码。",
        "请改用普通的汉字、字母、数字作文件名。",
    ),
    "SOURCE_NAME_TOO_LONG": ("文件名太长。", "请把文件名缩短到 60 个汉字以内。"),
    "SOURCE_NAME_CLASH": (
        "输出文件夹里已有同名的文件夹或别的文件，没有覆盖它。",
        "请换一个空的输出文件夹重试。",
    ),
    "SOURCE_NOT_A_FILE": ("这不是普通文件。", "请只放入扫描件文件。"),
    "SOURCE_UNREADABLE": (
        "文件读不出来（没有权限、已被移走或存储出错）。",
        "请检查文件权限和存储后，换一个输出文件夹重试。",
    ),
}

# Why the system would not write or read, as a person at a shell is told.
_SYSTEM = {
    errno.ENOSPC: "磁盘已满", errno.EDQUOT: "超出磁盘配额", errno.EFBIG: "文件太大", errno.EIO: "磁盘读写出错",
    errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "磁盘是只读的", errno.ENOENT: "路径不存在",
    errno.ENOTDIR: "路径中有一段不是文件夹", errno.ENAMETOOLONG: "路径太长", errno.EMFILE: "打开的文件太多",
    errno.ENOMEM: "内存不足",
}  # fmt: skip


def refused(code: str) -> Refused:
    """The refusal of a code in the table. KeyError for any other: codes are promised to callers."""
    message, remedy = REFUSALS[code]
    return Refused(code, message, remedy)


def of_system(error: OSError) -> str:
    """The reason of an operating system's error in Chinese; its name where there is no word for it."""
    number = error.errno or 0
    return _SYSTEM.get(number, f"系统错误 {errno.errorcode.get(number, number)}")
