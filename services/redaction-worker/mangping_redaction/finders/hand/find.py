"""Signatures: words tell where they stand. The ink behind 签名, 承诺人, 校长： and their kin is covered, and names unlike the print.

Work is done in a frame (`pen.Frame`) laid along the anchor's line, whose origin is the end of the anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from mangping_redaction.area import holds, middle
from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.apart import hand_apart
from mangping_redaction.finders.hand.hands import DOUBTED, GUESSED, NAME, behind, is_hand, is_name, is_written
from mangping_redaction.finders.hand.pen import FIRST, ROOM, Box, Frame, at_start, outline, strokes, union
from mangping_redaction.finders.hand.sheets import find_signed_sheets
from mangping_redaction.finders.hand.signed import signed_cell, signed_column
from mangping_redaction.finders.hand.unlike import says_a_name, unlike_print
from mangping_redaction.finders.seal.judge import GREY
from mangping_redaction.finders.text.values import is_value
from mangping_redaction.page import Finding, Found, Page
from mangping_redaction.readers.line import Line

PRINTED = 0.98  # score of each character: print behind 审核：, not a pen
MISREAD = 4  # behind a semicolon that is a colon's misreading: 班主任；辅导学生 goes on
PROSE = 14  # characters behind an anchor: a sentence, not a signature
NEXT, NEXT_APART = 1.2, 2.6  # line heights from what was written to what goes on with it; to a character or two alone
UNDER = 4.5  # line heights from a signing word that stands alone down to the hand under it
ROW_LONG = 24  # characters of a row of hands that was read as one line
REACH = 11.0  # line heights, about 70 mm behind twelve-point print
TALL, TALLER = 3.2, 5.0  # line heights of a hand that was surely read; of one that was not
AT_ONCE = 0.05  # line heights that a cover takes of the anchor
EARLY = 0.45  # line heights before the end of a word with which a pen's strokes were read as one
LEFT = 2.5  # of a hand, behind what was read of it
HAN = re.compile(r"[\u4e00-\u9fff·]{2,4}")  # 买买提 has no surname to tell it
LABELLED = re.compile("[:：]")  # 监票人：赵丽娜 is no hand of the row above
ASIDE = 4.0  # line heights by which hands of one column may stand beside one another
COLUMN = 3  # hands of which most may be names: fewer are no column, and what stands below is something else


def find_signatures(page: Page, among: Sequence[Line] | None = None) -> Found:
    """One finding for each anchor with ink behind it, in these lines (all of the page, unless told)."""
    asked = page.lines if among is None else among
    outside = _outside_seals(page)
    columns = _columns(page, asked, outside)
    findings = [_under(hand, page, alone=True) for line in asked if (hand := hand_apart(line, outside))]
    findings += chain.from_iterable(columns.values())
    for head in (e for e in asked if words.DOCTOR.fullmatch(e.text) and not columns[id(e)]):
        hands = _hands_below(head, outside)
        findings += [_under(hand, page, alone=False) for hand in hands if len(hands) >= COLUMN]
    for line, end, stop in _anchors(asked):
        if not columns.get(id(line)):
            findings += _at(line, end, stop, page, outside)
    known = [finding.polygon for finding in (*page.findings, *findings) if finding.covered]
    names = [e for e in asked if says_a_name(e) and not any(holds(place, middle(e.polygon)) for place in known)]
    findings += [_unlike(hand, page) for hand in unlike_print(page, names, page.lines)]
    return Found(tuple(findings)) + find_signed_sheets(page, [head for head, hands in columns.items() if hands])


def _columns(page: Page, asked: Sequence[Line], outside: Sequence[Line]) -> dict[int, list[Finding]]:
    """By the id of each line that may head a column of a ruled table: the hands below it. Below a title (审核人) a form prints
    names as well."""
    titles = {id(line) for line in asked if words.TITLE.fullmatch(line.text)}
    heads = [e for e in asked if id(e) in titles or words.DOCTOR.fullmatch(e.text) or _heads_a_column(e)]
    return {id(head): signed_column(page, head, outside, read=id(head) not in titles) for head in heads}


def _at(line: Line, end: int, stop: int | None, page: Page, outside: Sequence[Line]) -> Iterator[Finding]:
    """The hands behind an anchor that ends at character `end`, in its row, below it, or elsewhere in its cell."""
    if stop is None and (words.ROW.search(line.text[:end]) or words.SEVERAL.search(line.text[:end])):
        yield from (_beside(hand, page) for hand in _with_others_beside([line], page.lines, ROW_LONG)[1:])
    inked = _ink_behind(line, end, stop, page, outside)
    if inked is not None:
        yield inked
    hands = _hands_below(line, outside)
    if inked is not None and len(hands) < COLUMN:  # a second one signs below; print there is something else
        hands = [hand for hand in hands if is_written(hand, line)]
    yield from (_under(hand, page, alone=not _is_column(hands)) for hand in hands)
    if inked is None and not hands and words.WAITS.search(line.text):
        yield from signed_cell(page, line, outside)


def _heads_a_column(line: Line) -> bool:
    """Whether hands may stand below it in a table: no colon points beside it."""
    return bool(words.WAITS.search(line.text)) and not LABELLED.search(line.text)


def _ink_behind(line: Line, end: int, stop: int | None, page: Page, lines: Sequence[Line]) -> Finding | None:
    """What stands behind an anchor that ends at character `end`, from there to `stop`: strokes, and which of the `lines` were
    read in them."""
    frame = behind(line, end)
    reach, written = _room(frame, line, end, stop, lines)
    area = strokes(page.pixels, frame, reach, [f.polygon for f in page.findings if f.covered and f.why in GREY])
    if written is not None:
        area = written if area is None else union(area, written)
    if area is None:
        return None
    said = line.scores[end:stop]
    at_once = not said or min(said) >= DOUBTED  # or a pen's first strokes are in the place of the colon
    area = (ROOM - (AT_ONCE if at_once else EARLY), *area[1:])
    return Finding("signature", outline(page.pixels, frame, area), 0.9, "signature", "ink behind a signing word")


def _outside_seals(page: Page) -> list[Line]:
    """The lines but for what a seal says: that is no hand, though it stands where one may run on. Print that a seal was set
    on (a date) ends a hand as it does elsewhere."""
    seals = [finding.polygon for finding in page.findings if finding.cls == "seal"]
    return [e for e in page.lines if _ends_a_hand(e) or not any(holds(seal, middle(e.polygon)) for seal in seals)]


def _ends_a_hand(line: Line) -> bool:
    """Whether it surely says something that is no name."""
    return line.score > DOUBTED and not is_hand(line)


def _under(hand: Line, page: Page, *, alone: bool) -> Finding:
    """The hand with what the reader left of it: its strokes go on without a wide gap. In a column the next ink is the
    table's and its neighbours'."""
    frame = at_start(hand)
    read = frame.of(hand.polygon)
    inked = strokes(page.pixels, frame, read[2] + LEFT) if alone else None
    box = read if inked is None else union(read, inked)
    return Finding("signature", outline(page.pixels, frame, box), 0.8, "signature", "a hand under a signing word")


def _unlike(hand: Line, page: Page) -> Finding:
    """A name that looks like a pen's, as it was read."""
    frame = at_start(hand)
    return Finding(
        "signature", outline(page.pixels, frame, frame.of(hand.polygon)), 0.7, "signature", "a name in a hand"
    )


def _beside(hand: Line, page: Page) -> Finding:
    """One of a row of hands: the line as it was read, and the strokes that the reader left of it."""
    frame = at_start(hand)
    read = frame.of(hand.polygon)
    inked = strokes(page.pixels, frame, read[2] + LEFT)
    box = read if inked is None else union(read, inked)
    return Finding(
        "signature", outline(page.pixels, frame, box), 0.8, "signature", "a hand in a row behind a signing word"
    )


def _is_column(hands: Sequence[Line]) -> bool:
    """Whether several stand below one another; in rows their neighbours are hands as well."""
    across = [middle(hand.polygon)[0] for hand in hands]
    return len(hands) >= COLUMN and max(across) - min(across) < ASIDE * max(hand.height for hand in hands)


def _hands_below(line: Line, lines: Sequence[Line]) -> list[Line]:
    """The hand under a signing word with nothing behind it, those beside it, or the column of them."""
    waits = words.WAITS.search(line.text) or words.DOCTOR.fullmatch(line.text)
    if waits is None:
        return []
    many = words.MANY.search(line.text)
    hands = [h for h in _hands_under(line, lines) if many or waits.group() in words.BARE or is_name(h)]
    if many:
        hands = _with_others_beside(hands, lines)
    return _whole_column(hands, lines, many=bool(many))


def _whole_column(under: list[Line], lines: Sequence[Line], *, many: bool) -> list[Line]:
    """The hands right under a column's head (领款人签字) with all that follow below them; without those where fewer than
    half of them may be names; where `many` sign, any two to four characters may."""
    found = list(under)
    known = {id(line) for line in found}
    for hand in found:
        further = [
            line for line in _hands_under(hand, lines) if id(line) not in known and not LABELLED.search(line.text)
        ]
        known |= {id(line) for line in further}
        found += further
    names = sum(is_name(hand) or bool(many and HAN.fullmatch(hand.text)) for hand in found)
    return found if names >= COLUMN and 2 * names >= len(found) else under


def _hands_under(line: Line, lines: Sequence[Line]) -> Iterator[Line]:
    """What may be a name right under a signing word that stands alone (持证人签名), with its gloss between or without."""
    frame = behind(line, len(line.text))
    width = line.length / line.height
    for other in lines:
        u0, v0, u1, v1 = frame.of(other.polygon)
        middle = (u0 + u1) / 2
        near = -width - 1 < middle < 1 and 1 <= (v0 + v1) / 2 - 0.5 <= UNDER
        if near and other is not line and is_hand(other) and not other.text.isascii():
            yield other


def _with_others_beside(hands: Sequence[Line], lines: Sequence[Line], long: int = 0) -> list[Line]:
    """The hands with those that go on to the right of them in their rows, several read as one of up to `long` characters."""
    found = list(hands)
    for hand in found:
        frame = behind(hand, len(hand.text))
        for other in lines:
            u0, v0, _, v1 = frame.of(other.polygon)
            beside = -0.5 < u0 < REACH and 0.0 < (v0 + v1) / 2 < 1.0 and 0.4 < v1 - v0 < 2.5
            if not beside or other.text.isascii() or any(other is known for known in found):
                continue
            several = len(other.text) <= long and not (words.STOP.search(other.text) or words.LISTED.search(other.text))
            if several or is_hand(other):
                found.append(other)
    return found


def _anchors(lines: Sequence[Line]) -> Iterator[tuple[Line, int, int | None]]:
    """(line, position after the anchor, position where something else begins or None)."""
    for line in lines:
        if words.TITLE.fullmatch(line.text):
            yield line, len(line.text), None
            continue
        if holder := words.HOLDER.match(line.text):
            said = line.text[holder.end() :].strip()
            if min(line.scores[holder.end() :]) < DOUBTED or is_value("name", said, False, alone=True) == len(said):
                yield line, holder.end(), None
        yield from _at_the_foot(line)
        for match in (*words.ANCHOR.finditer(line.text), *_signing_line(line.text)):
            after = line.text[match.end() :]
            if words.PROSE_GOES_ON.match(after) or words.SALUTATION.match(line.text):
                continue
            following = words.ANCHOR.search(after) or words.FOOT.search(after)
            stop = min((found.start() for found in (words.STOP.search(after), following) if found), default=None)
            length = stop if stop is not None else len(after)
            row = words.ROW.search(match.group()) and length <= ROW_LONG and not words.LISTED.search(after)
            colon = match.group()[-1]
            beside = (colon in ":：" and length <= NAME) or (colon in ";；" and length <= MISREAD)
            if (_signs(match.group()) and length <= PROSE) or beside or (colon in ":：;；" and row):
                yield line, match.end(), None if stop is None else match.end() + stop


def _at_the_foot(line: Line) -> Iterator[tuple[Line, int, int | None]]:
    """The same for 制表：, 审核： and their kin: with nothing behind them, or something that was not surely read."""
    for match in words.FOOT.finditer(line.text):
        before = line.text[: match.start()]
        opens = not before or before[-1].isspace() or words.ANCHOR.search(before) or words.FOOT.search(before)
        following = words.FOOT.search(line.text, match.end()) or words.ANCHOR.search(line.text, match.end())
        stop = following.start() if following else None
        said = line.scores[match.end() : stop]
        hand = words.MONEY.search(match.group()) or min(said, default=0.0) < PRINTED
        if opens and len(said) <= PROSE and hand:
            yield line, match.end(), stop


def _signs(anchor: str) -> bool:
    """Whether the word itself says that somebody signs, colon or not."""
    return any(word in anchor for word in ("签", "印", "原件", "属实", "领取")) or anchor[0].isascii()


def _signing_line(text: str) -> list[re.Match[str]]:
    match = words.SIGNING_LINE.match(text)
    return [match] if match and not words.ANCHOR.search(text) else []


def _room(frame: Frame, line: Line, end: int, stop: int | None, lines: Sequence[Line]) -> tuple[float, Box | None]:
    """(how far ink may belong to the signature, the box of what was read there as if it were text)."""
    end_of_line = frame.of(line.polygon)[2]
    said = any(c.isalnum() for c in line.text[end:])
    written = (0.0, 0.0, end_of_line, 1.0) if stop is None and end_of_line > 0.5 and said else None
    reach = REACH
    if stop is not None:
        reach = max(frame.of(line.span(stop, stop + 1))[0] - 0.1, 0.0)
        if reach > 0.6:
            written = (0.0, 0.0, reach, 1.0)
    others, longest = [(frame.of(other.polygon), other) for other in lines if other is not line], REACH
    for (u0, v0, u1, v1), other in sorted(others, key=lambda pair: pair[0][0]):
        away = u0 < -0.3 or u0 > reach or min(v1, 1.0) - max(v0, 0.0) < 0.4 * min(v1 - v0, 1.0)
        if away or not any(c.isalnum() for c in other.text):  # the word's own colon, read apart, ends nothing
            continue
        gap = NEXT_APART if len(other.text) <= 2 else NEXT
        tallest = TALL if other.score > DOUBTED else TALLER
        if is_hand(other) and v1 - v0 < tallest and u0 < (written[2] + gap if written else FIRST):
            written, longest = union(written or (0.0, 0.0, 0.0, 1.0), (u0, v0, u1, v1)), max(longest, u1)
        elif other.score >= GUESSED:  # a blot says nothing: a seal may stand there
            reach = min(reach, u0 - 0.1)
    return reach, written and (*written[:2], min(written[2], longest), written[3])
