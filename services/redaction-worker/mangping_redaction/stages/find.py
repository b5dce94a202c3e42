"""Ask every finder what on the page could tell who the applicant is, and settle what of it is covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mangping_redaction.area import Extent, around, overlap
from mangping_redaction.finders.code.find import find_codes
from mangping_redaction.finders.face.find import find_faces
from mangping_redaction.finders.hand.find import find_signatures
from mangping_redaction.finders.hand.fingerprint import find_under_signatures
from mangping_redaction.finders.stamps import find_stamps
from mangping_redaction.finders.text.echoes import find_echoed
from mangping_redaction.finders.text.identity import find_identity
from mangping_redaction.finders.text.labels import find_labelled
from mangping_redaction.finders.text.numbers import find_numbers
from mangping_redaction.finders.text.stamped import find_stamped
from mangping_redaction.finders.text.thirdparty import find_third_parties
from mangping_redaction.finders.text.through import seen_through
from mangping_redaction.finders.text.unreadable import find_hardly_read, find_unreadable
from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.read import read_through_seals

Finder = Callable[[Page, Ask], Found]
SAME_PLACE = 0.85  # intersection over union

# What the words of a page tell; verification asks these again of the finished rendition.
TEXT_FINDERS: tuple[Finder, ...] = (
    find_identity,
    lambda page, ask: find_stamped(page, ask.identity.units),
    lambda page, ask: find_labelled(page.lines, ask),
    lambda page, ask: find_numbers(page.lines, ask),
    find_third_parties,
    find_echoed,
)
WRITTEN = frozenset({"name", "unit", "id_number", "phone"})
# What its pictures tell: (classes that are asked for, classes besides that make it worth asking, finder). Seals last: one
# half on a portrait is half seen, and the blocks of a code have much of a chop. What stands under a seal is read through it.
PICTURE_FINDERS: tuple[tuple[frozenset[str], frozenset[str], Callable[[Page], Found]], ...] = (
    (frozenset({"face", "eyes"}), frozenset({"seal"}), find_faces),
    (frozenset({"qrcode", "barcode"}), frozenset(), find_codes),
    (frozenset({"seal", "signature", "fingerprint"}), WRITTEN, find_stamps),
)


def find(page: Page, ask: Ask) -> Page:
    """The page with all findings and doubts; classes that were not asked for are reported, not covered."""
    for classes, besides, find_pictures in PICTURE_FINDERS:
        if classes & ask.classes:
            page = page.add(find_pictures(page))
        elif besides & ask.classes:
            page = page.add(Found(find_pictures(page).findings))  # nobody asked whether it is one
    page = read_through_seals(page, ask)
    page = page.add(find_text(page, ask))
    page = _settled(page, ask)  # a pen's strokes are not looked for under what is covered
    if "signature" in ask.classes:
        page = page.add(find_signatures(page))
        page = page.add(find_under_signatures(page))
    page = _settled(page, ask)
    return page.add(_find_unread(page, page.lines, ask) + find_hardly_read(page))


def _settled(page: Page, ask: Ask) -> Page:
    return replace(page, findings=tuple(settle(finding, ask) for finding in page.findings))


def find_text(page: Page, ask: Ask, unseen: Sequence[Line] = ()) -> Found:
    """What the lines of the page tell, settled; of the `unseen` among them, which `find` did not have, all that can be
    told."""
    found = Found()
    for finder in TEXT_FINDERS:
        found += finder(page, ask)
    if unseen:
        found += _find_unread(page, unseen, ask)
        if "signature" in ask.classes:
            found += find_signatures(page, unseen)
    return Found(distinct([settle(finding, ask) for finding in found.findings]), found.doubts)


def _find_unread(page: Page, among: Sequence[Line], ask: Ask) -> Found:
    """What nobody could read among these lines, and what those say that were read in a mirror."""
    mirrored, settled = seen_through(page, among)
    found = find_unreadable(page, [line for line in among if id(line) not in settled])
    if mirrored:
        behind = replace(page, lines=mirrored)
        for finder in TEXT_FINDERS:
            found += finder(behind, ask)
    return Found(tuple(settle(finding, ask) for finding in found.findings), found.doubts)


def distinct(findings: list[Finding]) -> tuple[Finding, ...]:
    """One finding a place and class: several finders often name the same characters; the surest speaks."""
    kept: list[tuple[Finding, Extent]] = []
    for finding in sorted(findings, key=lambda f: (-f.covered, -f.confidence)):
        box = around(finding.polygon)
        if not any(finding.cls == other.cls and overlap(box, taken) > SAME_PLACE for other, taken in kept):
            kept.append((finding, box))
    return tuple(finding for finding, _ in kept)


def settle(finding: Finding, ask: Ask) -> Finding:
    """The finding, covered only where its class was asked for; a fingerprint is a signature's twin."""
    asked = ask.classes | ({"fingerprint", "unreadable"} if "signature" in ask.classes else {"unreadable"})
    return finding if finding.cls in asked else replace(finding, covered=False)
