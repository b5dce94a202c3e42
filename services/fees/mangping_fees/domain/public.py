"""What integrators may hear of: the public events of this service, and what each tells."""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC: Mapping[str, str] = {
    "fee.notice.issued": "缴款通知书已开具，有缴款码",
    "fee.notice.notified": "缴款人已收到通知书，缴款期限开始计算",
    "fee.notice.paid": "已足额按时缴款",
    "fee.notice.expired": "逾期未缴款",
    "fee.notice.refunded": "已退付",
    "fee.notice.declined": "通知书未能开具，需要人工处理",
}
