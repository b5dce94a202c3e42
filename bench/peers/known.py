"""The known strings of an identity, as the peers look for them: every separator and space folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.lane import Json

SEPARATORS = r"[\s·•・‧.．]*"


def strings(identity: Json) -> list[str]:
    """All known strings of at least two characters without separators, longest first."""
    folded = (re.sub(SEPARATORS, "", value) for values in identity.values() for value in values)
    return sorted({value for value in folded if len(value) >= 2}, key=len, reverse=True)


def pattern(identity: Json) -> str | None:
    """A regular expression that finds any of them whatever stands between their characters, or None."""
    loose = [SEPARATORS.join(map(re.escape, value)) for value in strings(identity)]
    return "|".join(loose) or None


def spans(text: str, identity: Json) -> Iterator[tuple[int, int]]:
    """Where they stand in a text, letter case ignored."""
    wanted = pattern(identity)
    for found in re.finditer(wanted, text, re.IGNORECASE) if wanted else ():
        yield found.span()
