"""Likely rings looked for in one kind of ink after the other, until one of them proves each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mangping_redaction.finders.seal.blobs import Blob
from mangping_redaction.finders.seal.judge import CHOP
from mangping_redaction.finders.seal.look import Ink
from mangping_redaction.finders.seal.rings import Ring, proved

FEW_CHOPS = 2  # small rings in black ink: more are a diagram, or the icons of a leaflet
Patches = Callable[[], list[Blob]]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One kind of ink to look in: its map, what may lie on top of it, and `why` a ring in it is a seal's, if it is."""

    ink: Ink
    level: int
    hidden: Ink | None
    why: Callable[[Ring], str]
    patches: Patches = list  # of the ink about it, where they may belong to it
    rare: bool = True  # most places hold none of it, which costs less to see than to walk round


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A ring, why it is a seal, and the patches of its ink on the page."""

    ring: Ring
    why: str
    patches: Patches


def proofs(starts: Sequence[Ring], looks: Sequence[Look], mm: float) -> list[Proof]:
    """What proved itself, the surest first."""
    found: dict[int, Proof] = {}
    for look in looks:
        open_ = [n for n, start in enumerate(starts) if n not in found]
        if look.rare:
            open_ = [n for n in open_ if starts[n].holds(look.ink, look.level)]
        rings = proved(look.ink, [starts[n] for n in open_], look.level, mm, hidden=look.hidden)
        reasons = [(n, ring, look.why(ring)) for n, ring in zip(open_, rings, strict=True) if ring]
        found |= {n: Proof(ring, why, look.patches) for n, ring, why in reasons if why}
    chops = sum(proof.why == CHOP for proof in found.values())
    kept = [n for n in found if chops <= FEW_CHOPS or found[n].why != CHOP]
    return [found[n] for n in sorted(kept, key=lambda n: (-found[n].ring.coverage * found[n].ring.seen, n))]
