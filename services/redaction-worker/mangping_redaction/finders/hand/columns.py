"""Hands that stand one under the other below a column's head (领款人签字): from the one under the head, down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mangping_redaction.readers.line import Line

LEAST = 3  # hands of which most may be names: fewer are no column, and what stands below is something else


def whole_column(
    under: Sequence[Line], beneath: Callable[[Line], Iterable[Line]], is_name: Callable[[Line], bool]
) -> list[Line]:
    """The hands right under a head with all that follow below them; without those where too few of them may be names.

    `beneath` tells what may be a hand right under a line.
    """
    found = list(under)
    known = {id(line) for line in found}
    for hand in found:
        further = [line for line in beneath(hand) if id(line) not in known]
        known |= {id(line) for line in further}
        found += further
    names = sum(map(is_name, found))
    return found if names >= LEAST and 2 * names > len(found) else list(under)
