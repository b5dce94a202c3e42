"""Finding an identity in text: rare characters of each form point to where it may stand, an alignment decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from mangping.identity import names, schools, units
from mangping.identity.align import Alignment, align, lacking, resembling, rigid
from mangping.identity.alike import lookalikes
from mangping.identity.fold import Folded, fold
from mangping.identity.form import Form, form
from mangping.identity.latin import Spellings, find_latin
from mangping.identity.numbers import find_numbers
from mangping.identity.whose import Hit, Identity

NEAR = 0.45  # confidence of a resemblance that is to be read again


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for, by the characters that point to it: seed character -> (form, place in its pattern)."""

    seeds: dict[str, tuple[tuple[Form, int], ...]]
    latin: Spellings


@lru_cache(maxsize=64)
def plan(person: tuple[str, ...], work: tuple[str, ...]) -> Plan:
    """Work out every form once per identity."""
    found: list[Form] = [f for name in person for f in names.forms(name)]
    for unit in work:
        found += [_unit_form(short) for short in units.forms(unit)]
    seeds: dict[str, list[tuple[Form, int]]] = {}
    seen: set[tuple[str, str, str]] = set()
    for one in found:
        key = (one.cls, one.pattern.chars, one.why)
        if key in seen:
            continue
        seen.add(key)
        for place in one.seeds:
            seeds.setdefault(one.pattern.chars[place], []).append((one, place))
    return Plan({char: tuple(pointing) for char, pointing in seeds.items()}, names.spelt(person))


def _unit_form(short: units.Short) -> Form:
    size = len(short.chars)
    edits = 0 if short.bare or size < 5 else 2 if size >= 9 else 1
    why = "short form of the unit" if short.bare else "unit"
    return form("unit", short.chars, why, schools.judge(short), edits=edits, hard=True)


def find(identity: Identity, text: str, candidates: Sequence[str] = ()) -> tuple[Hit, ...]:
    """Where `text` names the applicant, in order of their start.

    `candidates[i]` are the reader's alternatives for character i, best first; one alone (or the character itself) says
    that it was read surely. An empty sequence says nothing is known about the reading.
    """
    if not text or not identity:
        return ()
    hits: list[Hit] = []
    if identity.names or identity.units:
        folded = fold(text, candidates)
        looked_for = plan(identity.names, identity.units)
        hits += _forms_in(looked_for, folded)
        hits += find_latin(looked_for.latin, text)
    hits += find_numbers("id_number", identity.id_numbers, text, candidates)
    hits += find_numbers("phone", identity.phones, text, candidates)
    return tuple(sorted(_strongest(hits), key=lambda hit: (hit.start, hit.end, hit.cls)))


def _forms_in(looked_for: Plan, text: Folded) -> list[Hit]:
    """Hits of every form: where its characters stand as they are first, then, elsewhere, with errors."""
    hits: list[Hit] = []
    loose: list[tuple[Form, int]] = []
    taken: list[tuple[str, int, int]] = []
    for one, absent, wanted in _starts(looked_for, text):
        for start in wanted:
            found = None if absent else rigid(one.pattern, text, start)
            if found is None:
                if one.pattern.edits:
                    loose.append((one, start))
            elif (confidence := one.judge(text, found)) is not None and (hit := _hit(one, text, found, confidence)):
                hits.append(hit)
                taken.append((one.cls, found.start, found.end))
    for one, start in loose:
        end = start + len(one.pattern.chars)
        if not any(cls == one.cls and a <= start + 2 and end <= b + 2 for cls, a, b in taken) and (
            hit := _misread(one, text, start)
        ):
            hits.append(hit)
    return hits


def _starts(looked_for: Plan, text: Folded) -> Iterator[tuple[Form, int, set[int]]]:
    """Each form that may stand in the text, how many of its letters nothing there resembles, and where it may begin."""
    read = {*text.chars, *"".join(text.others.values())}
    if looked_for.seeds.keys().isdisjoint(read):
        return
    there = read.union(*map(lookalikes, text.chars))
    starts: dict[int, tuple[Form, int, set[int]]] = {}
    for char, places in _pointers(looked_for, text):
        for one, place in looked_for.seeds[char]:
            about = starts.get(id(one))
            if about is None:
                about = starts[id(one)] = one, len(one.letters - there), set()
            if about[1] <= one.pattern.edits:  # each absent letter is an error wherever the form is laid
                about[2].update([at - place for at in places])
    yield from (about for about in starts.values() if about[2])


def _pointers(looked_for: Plan, text: Folded) -> Iterator[tuple[str, list[int]]]:
    """Each seed character that the text holds or may hold, with its places."""
    places: dict[str, list[int]] = {}
    seeds = looked_for.seeds
    for i, char in enumerate(text.chars):
        if char in seeds:
            places.setdefault(char, []).append(i)
    for i, others in text.others.items():
        for char in others:
            if char in seeds and char != text.chars[i]:
                places.setdefault(char, []).append(i)
    yield from places.items()


def _misread(one: Form, text: Folded, start: int) -> Hit | None:
    pattern = one.pattern
    size = len(pattern.chars)
    low, high = max(0, start - pattern.edits), start + size + pattern.edits + len(pattern.dots)
    about = text.chars[low:high]
    least = max(0, size - resembling(size) - pattern.edits)
    if LCSseq.similarity(pattern.chars, about, score_cutoff=least) < least or lacking(pattern, text, low, high):
        return None  # too few of its characters stand about there: no alignment can come out of it
    found = align(pattern, text, start)
    if found is None or (confidence := one.judge(text, found)) is None:
        return None
    return _hit(one, text, found, confidence)


def _hit(one: Form, text: Folded, found: Alignment, confidence: float) -> Hit | None:
    """Grade the alignment: what is to be covered, and what is to be read again first."""
    size = len(one.pattern.chars)
    grade = confidence - 0.06 * found.resembling - 0.12 * found.edits
    if found.resembling > resembling(size):
        return None
    near = found.sure > 0 or (found.hard > 0 and size < 7) or found.hard > 1
    if size == 2 and found.edits:
        if found.wrong != 1 or found.resembling or found.sure:
            return None
        near = True
    if size <= 3 and found.resembling > 1:
        # Two doubts in three characters count where the reader itself named the right ones, and are read again in two.
        if one.cls == "unit" or not text.read or found.edits:
            return None
        near = near or size == 2
    if size == 3 and (found.missing or (found.edits and found.resembling)):
        near = True
    if one.cls == "unit" and (found.edits > 1 or (size < 9 and found.missing + found.extra)):
        near = True
    start, end = text.at[found.start], text.at[found.end - 1] + 1
    why = one.why if not (found.edits or found.resembling) else f"{one.why}, misread"
    return Hit(one.cls, start, end, round(max(NEAR if near else 0.5, grade), 2), near, why)


def _strongest(hits: Sequence[Hit]) -> list[Hit]:
    """Drop what another hit of its class already says: shorter inside longer, near under certain."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.near, -(h.end - h.start), -h.confidence)):
        if not any(
            k.cls == hit.cls and k.start <= hit.start and hit.end <= k.end and (not k.near or hit.near) for k in kept
        ):
            kept.append(hit)
    return kept
