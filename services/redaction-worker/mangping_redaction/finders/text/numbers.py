"""Numbers that lead to a person whoever they belong to: ID numbers of 18 and 15 digits, starred or grouped, and
mobiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from mangping.identity import Kind

from mangping_redaction.page import Ask, Finding, Found
from mangping_redaction.readers.layout import Joint, joints
from mangping_redaction.readers.line import Line

_LOOKS = {
    **dict.fromkeys("OoQD〇○", "0"), **dict.fromkeys("Il|", "1"), **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ss", "5"), "b": "6", "B": "8",
    **dict.fromkeys("gq", "9"), **dict.fromkeys("×✕ＸxX", "x"), **dict.fromkeys("＊●•※★☆✱∗*", "*"),
        **{chr(0xFF10 + d): str(d) for d in range(10)},
}  # fmt: skip
# A run starts with a digit; look-alikes count only among digits, groups are parted by a blank or a hyphen.
_RUN = re.compile(
    r"(?<![A-Za-z0-9])[0-9０-９OIl](?:[ 　\-–—.]{0,2}[0-9０-９OoQDIlZSBbgq|〇○×✕ＸxX＊●•※★☆✱∗*]|"
    r"[ .,·\-]{0,2}\n(?=[0-9*Xx])){6,}(?![A-Za-z])"
)
_AREAS = frozenset(
    int(code)
    for code in [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}\Z")
_STARRED = re.compile(r"(\d{3,14})\*{3,}(\d{2,5}[\dx]?|\d?x)?\Z")
_UNSURE = 0.9
MOST_OF_IT = 9  # digits of a mobile's eleven behind a break
LAST_YEAR = 2049  # of birth; a bound for plausibility, not today's date
_PREFIX = re.compile(
    r"(编号|证书号|账号|帐号|识别号|代码|卡号|条码|流水号|订单号|发票号码?|批准文号|统一社会信用代码|"
    r"学籍号|注册号)[\s:：]*\Z"
)


def find_numbers(lines: Sequence[Line], ask: Ask) -> Found:
    """Every ID number and mobile number on the page; dates, amounts, certificate numbers and serials are none."""
    found: dict[tuple[int, int, int], Finding] = {}
    for joint in joints(lines):
        if len(joint.lines) > 2 or (len(joint.lines) == 2 and not _may_run_on(joint)):
            continue
        for kind, start, end, confidence in numbers_in(joint):
            for line, a, b in joint.pieces(start, end):
                found.setdefault(
                    (id(line), a, b),
                    Finding(kind, line.span(a, b), confidence, "number", "a number that leads to a person"),
                )
    return Found(tuple(found.values()))


def _may_run_on(joint: Joint) -> bool:
    """Whether a number may run from the end of one line to the beginning of the next; a speck behind it reads as a dot."""
    first, second = (line.text.strip() for line in joint.lines)
    ends, begins = re.search(r"(?:\d{3}|\d|\*{2})[\s.,·\-]{0,2}\Z", first), re.match(r"[\dXx*]{2,}", second)
    # One or two digits end a line everywhere: those of a number have the most of it after them.
    return bool(ends and begins and (re.match(r"\d{3}|\*", ends.group()) or begins.end() >= MOST_OF_IT))


def numbers_in(joint: Joint) -> Iterator[tuple[Kind, int, int, float]]:
    """(kind, start, end, confidence) of the numbers in the text of these lines."""
    text = joint.text
    scores = joint.scores
    for run in _RUN.finditer(text):
        if len(joint.lines) > 1 and "\n" not in run.group():
            continue
        at = [i for i in range(*run.span()) if text[i] in _LOOKS or text[i].isdigit()]
        if sum(text[i].isdigit() for i in at) * 2 < len(at) and "*" not in run.group():
            continue
        plain = "".join(_LOOKS.get(text[i], text[i]) for i in at)
        unsure = {n: joint.candidates[i] for n, i in enumerate(at) if scores[i] < _UNSURE}
        for begin, finish, kind, confidence in _split(plain, at, unsure):
            if kind == "phone" and _PREFIX.search(text[: at[begin]]):
                continue
            yield kind, at[begin], at[finish - 1] + 1, confidence


def _split(plain: str, at: Sequence[int], unsure: dict[int, str]) -> Iterator[tuple[int, int, Kind, float]]:
    """The run as one number or, where blanks part it, as several."""
    whole = _kind(plain, unsure)
    if whole:
        yield 0, len(plain), *whole
        return
    groups = [0, *(n for n in range(1, len(at)) if at[n] - at[n - 1] > 1), len(plain)]
    for i, begin in enumerate(groups):
        for finish in reversed(groups[i + 1 :]):
            part = _kind(plain[begin:finish], {n - begin: c for n, c in unsure.items() if begin <= n < finish})
            if part and (begin, finish) != (0, len(plain)):
                yield begin, finish, *part
                break


def _kind(plain: str, unsure: dict[int, str]) -> tuple[Kind, float] | None:
    if "*" in plain:
        # One star behind a whole number is a speck.
        return _starred(plain) or (_kind(plain[:-1], unsure) if plain.find("*") == len(plain) - 1 else None)
    if _MOBILE.match(plain):
        return "phone", 0.9
    if len(plain) == 18 and plain[:17].isdigit() and "x" not in plain[:17]:
        return (
            ("id_number", 0.95)
            if _born(plain[6:14])
            else ("id_number", 0.6)
            if _born_if_misread(plain, unsure)
            else None
        )
    if len(plain) == 15 and plain.isdigit() and int(plain[:2]) in _AREAS and _born("19" + plain[6:12]):
        return "id_number", 0.8
    if (
        len(plain) in {17, 19}
        and plain[:-1].isdigit()
        and int(plain[:2]) in _AREAS
        and (unsure or (len(plain) == 19 and plain[-1] == "x"))
    ):
        # One digit lost or made up: the date stands within one place of where it belongs.
        return ("id_number", 0.6) if any(_born(plain[i : i + 8]) for i in (5, 6, 7)) else None
    return None


def _starred(plain: str) -> tuple[Kind, float] | None:
    found = _STARRED.match(plain)
    if not found:
        return None
    if len(plain) in {10, 11, 12} and re.match(r"1[3-9]\d\*", plain):
        return "phone", 0.9
    return ("id_number", 0.9) if len(found.group(1)) >= 3 and len(plain) >= 8 else None


def _born(digits: str) -> bool:
    """Whether eight digits are a day on which somebody living may have been born."""
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= LAST_YEAR
    except ValueError:
        return False


def _born_if_misread(plain: str, unsure: dict[int, str]) -> bool:
    """Whether at most two digits of the date, each badly read, can be put right by what else the reader saw."""
    doubted = [n for n in range(6, 14) if n in unsure]
    for n in doubted:
        for other in unsure[n]:
            once = plain[:n] + other + plain[n + 1 :]
            if _born(once[6:14]):
                return True
            for m in doubted:
                if m > n and any(_born((once[:m] + second + once[m + 1 :])[6:14]) for second in unsure[m]):
                    return True
    return False
