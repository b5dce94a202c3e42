"""The page behind the QR code, in Chinese. No script, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape

from mangping.money import yuan

from deploy.simulators.bank.books import Bill

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
}  # fmt: skip

_STYLE = """
:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;background:#f3f5f8;color:#1c2733}
main{max-width:26rem;margin:0 auto;padding:1.5rem 1rem}
header{font-size:.9rem;color:#52606d;margin-bottom:.75rem}
section{background:#fff;border-radius:14px;padding:1.25rem;box-shadow:0 1px 3px #0002}
.amount{font-size:2.4rem;font-weight:600;margin:.25rem 0 1rem}.amount small{font-size:1rem;margin-right:.25rem}
dl{display:grid;grid-template-columns:5.5rem 1fr;gap:.35rem .5rem;margin:0 0 1.25rem;font-size:.95rem}
dt{color:#52606d}dd{margin:0;overflow-wrap:anywhere}
button{width:100%;padding:.8rem;border:0;border-radius:10px;font:inherit;cursor:pointer;margin-top:.6rem}
.go{background:#0b5fd6;color:#fff;font-weight:600}.no{background:transparent;color:#52606d;border:1px solid #c5ced8}
button:focus-visible{outline:3px solid #7fb2ff;outline-offset:2px}
p.state{font-size:1.15rem;font-weight:600;margin:0 0 .75rem}.paid{color:#0a7d36}.bad{color:#b42318}
footer{color:#52606d;font-size:.8rem;margin-top:1rem}
@media(prefers-color-scheme:dark){body{background:#12171d;color:#e6ebf0}section{background:#1c242d}
header,dt,footer,.no{color:#a9b6c3}.paid{color:#5bd08a}.bad{color:#ff8a7d}}
"""

_SAYINGS = {
    "paid": ("paid", "缴款成功"),
    "bill_paid": ("paid", "该缴款码已缴款，请勿重复缴款"),
    "failed": ("bad", "扣款不成功，未缴款。请查明原因后在规定时间内重新缴款"),
    "bill_void": ("bad", "该缴款通知书已作废，不能缴款"),
    "bill_expired": ("bad", "已超过缴款有效期，不能缴款"),
    "no_bill": ("bad", "查无此缴款码，请核对缴款通知书"),
}


def page(bill: Bill | None, saying: str | None = None) -> str:
    """The bill with its buttons, or with what became of it (`saying`, a key of what pages can say)."""
    parts = [f'<p class="state {_SAYINGS[saying][0]}" role="status">{_SAYINGS[saying][1]}</p>'] if saying else []
    if bill is not None:
        parts.append(_bill(bill))
        if saying in (None, "failed"):
            parts.append(
                '<form method="post"><button class="go" name="act" value="pay">确认缴款</button>'
                '<button class="no" name="act" value="fail">模拟扣款失败</button></form>'
            )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>非税收入缴款</title>'
        f"<style>{_STYLE}</style></head><body><main><header>非税收入聚合支付 · 模拟银行</header>"
        f"<section>{''.join(parts)}</section>"
        "<footer>本页由本地模拟银行提供，不发生真实扣款。</footer></main></body></html>"
    )


def _bill(bill: Bill) -> str:
    items = "、".join(item.split("|")[1] for item in bill.info.split("#") if "|" in item)
    rows = (("缴款码", bill.pay_code), ("执收单位", bill.unit_name), ("项目", items), ("通知书号", bill.bill_no))
    told = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return f'<div class="amount"><small>¥</small>{yuan(bill.amount_fen)}</div><dl>{told}</dl>'
