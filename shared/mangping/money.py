"""Money is int fen. Reading and writing amounts, and never a float on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_FEN = 10**14  # a bound against garbage, far above any bill
_YUAN = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def fen(yuan: str) -> int:
    """ "380.00" -> 38000. ValueError for anything but plain yuan with up to two decimals."""
    if (read := _YUAN.fullmatch(yuan)) is None:
        raise ValueError("an amount is yuan with at most two decimals")
    return int(read[1]) * 100 + int((read[2] or "0").ljust(2, "0"))


def yuan(amount_fen: int) -> str:
    """38000 -> "380.00"."""
    sign, held = ("-", -amount_fen) if amount_fen < 0 else ("", amount_fen)
    return f"{sign}{held // 100}.{held % 100:02d}"


def total(amounts_fen: Iterable[int]) -> int:
    """The sum. TypeError when one of them is not an int: a float has no business here, nor has a bool."""
    held = 0
    for amount in amounts_fen:
        if type(amount) is not int:
            raise TypeError("money is int fen")
        held += amount
    return held


def capitals(amount_fen: int) -> str:
    """大写金额, as a notice and a receipt print it: 38000 -> "叁佰捌拾元整". Below one trillion yuan, not negative."""
    if not 0 <= amount_fen < 10**14:
        raise ValueError("cannot be written in capitals")
    whole, jiao, cents = amount_fen // 100, amount_fen // 10 % 10, amount_fen % 10
    text = f"{_whole(whole)}元" if whole else ""
    if not jiao and not cents:
        return (text or "零元") + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return text + (f"{_DIGITS[cents]}分" if cents else "整")


def _whole(number: int) -> str:
    groups = []
    while number:
        number, low = divmod(number, 10_000)
        groups.append(low)
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group:
            text += ("零" if text and group < 1000 else "") + _group(group) + _GROUPS[place]
        elif text and not text.endswith("零") and any(groups[:place]):
            text += "零"
    return text.replace("零零", "零")


def _group(number: int) -> str:
    text, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        elif text:
            zero = True
    return text
