"""The states of an application as an SVG, the way that one of them took drawn over it. No script, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mangping.machine import Machine
from markupsafe import Markup, escape

from deploy.local.words import ACTS, STATES, word

# Where each state stands (column, row): the way to acceptance on top, what ends it below.
PLACES = {
    "draft": (0, 0), "submitted": (1, 0), "accepted": (3, 0), "returned": (2, 1), "lapsed": (0, 2),
    "abandoned": (1, 2), "not_accepted": (2, 2), "disqualified": (3, 1), "void": (3, 2),
}  # fmt: skip
_WIDE, _HIGH, _BOX, _TALL, _EDGE = 250, 120, 116, 40, 30
_GREY, _INK, _GOOD = "#c3cad4", "#1f2733", "#237804"
Step = tuple[str, str, str]  # from, act, to


def walked(machine: Machine[Any, Any, Any], events: Iterable[str]) -> list[Step]:
    """The edges of the table that these events name, from its start; events of other things lie between them.

    ValueError when a table's event does not leave from where the walk then is.
    """
    state, steps = machine.start, list[Step]()
    known = {edge.event for edge in machine.edges.values()}
    for event in events:
        if event in known:
            edges = ((act, edge.to) for (at, act), edge in machine.edges.items() if (at, edge.event) == (state, event))
            if (taken := next(edges, None)) is None:
                raise ValueError(f"{event} does not leave from {state}")
            steps.append((str(state), str(taken[0]), str(taken[1])))
            state = taken[1]
    return steps


def drawn(machine: Machine[Any, Any, Any], steps: Sequence[Step]) -> Markup:
    """The whole table in grey, the walked edges in green with the numbers of their steps."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for (at, act), edge in machine.edges.items():
        pairs.setdefault((str(at), str(edge.to)), []).append(str(act))
    seen = {state for at, _, to in steps for state in (at, to)}
    # What was walked is drawn last, over the rest.
    order = sorted(pairs, key=lambda pair: any((at, to) == pair for at, _, to in steps))
    parts = [_arrow(pair, pairs[pair], steps) for pair in order]
    parts += [_state(state, state in seen) for state in PLACES]
    width, height = 3 * _WIDE + _BOX + 2 * _EDGE, 2 * _HIGH + _TALL + 2 * _EDGE + 40
    ends = "".join(
        f'<marker id="end-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
        for name, colour in (("grey", _GREY), ("good", _GOOD))
    )
    return Markup(
        f'<svg class="states" viewBox="0 0 {width} {height}" role="img" aria-label="申报状态图" font-size="13">'
        f"<defs>{ends}</defs>{''.join(parts)}</svg>"
    )


def _middle(state: str) -> tuple[float, float]:
    column, row = PLACES[state]
    return _EDGE + column * _WIDE + _BOX / 2, _EDGE + 40 + row * _HIGH + _TALL / 2


def _state(state: str, seen: bool) -> str:
    x, y = _middle(state)
    colour, ground = (_GOOD, "#f6ffed") if seen else (_GREY, "#fff")
    return (
        f'<rect x="{x - _BOX / 2}" y="{y - _TALL / 2}" width="{_BOX}" height="{_TALL}" rx="8" fill="{ground}"'
        f' stroke="{colour}" stroke-width="{2 if seen else 1}"/><text x="{x}" y="{y + 5}" text-anchor="middle"'
        f' fill="{_INK if seen else "#8a94a3"}">{escape(word(STATES, state))}</text>'
    )


def _arrow(pair: tuple[str, str], acts: Sequence[str], steps: Sequence[Step]) -> str:
    """One arrow for all acts between two states; only walked ones are named."""
    taken = [(number, act) for number, (at, act, to) in enumerate(steps, 1) if (at, to) == pair]
    colour, name, wide = (_GOOD, "good", 2) if taken else (_GREY, "grey", 1)
    path, (x, y) = _path(*pair)
    by_act = {act: [number for number, other in taken if other == act] for act in dict.fromkeys(a for _, a in taken)}
    told = "　".join(f"{','.join(map(str, numbers))} {word(ACTS, act)}" for act, numbers in by_act.items())
    title = "、".join(word(ACTS, act) for act in acts)
    label = (
        f'<text x="{x}" y="{y}" text-anchor="middle" fill="{_GOOD}" stroke="#fff" stroke-width="4"'
        f' paint-order="stroke">{escape(told)}</text>'
    )
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{wide}" marker-end="url(#end-{name})">'
        f"<title>{escape(title)}</title></path>{label if told else ''}"
    )


def _path(at: str, to: str) -> tuple[str, tuple[float, float]]:
    """An arrow from edge to edge of two boxes, bent to its left so that the way back does not lie on it; where to write."""
    (x, y), (a, b) = _middle(at), _middle(to)
    if at == to:
        top = y - _TALL / 2
        return f"M{x - 30} {top} C{x - 50} {top - 46} {x + 50} {top - 46} {x + 30} {top}", (x, top - 40)
    (x, y), (a, b) = _border((x, y), (a, b)), _border((a, b), (x, y))
    far = ((a - x) ** 2 + (b - y) ** 2) ** 0.5
    bend = min(26.0, far / 6)
    mid = (x + a) / 2 + bend * (b - y) / far, (y + b) / 2 - bend * (a - x) / far
    return f"M{x:.0f} {y:.0f} Q{mid[0]:.0f} {mid[1]:.0f} {a:.0f} {b:.0f}", (round(mid[0]), round(mid[1]))


def _border(inside: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line leaves the box around `inside`."""
    (x, y), (a, b) = inside, towards
    across, down = a - x, b - y
    share = min(_BOX / 2 / abs(across) if across else 9.0, _TALL / 2 / abs(down) if down else 9.0)
    return x + across * share, y + down * share
