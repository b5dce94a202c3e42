"""The network that looks for seals, and where it meets the rules of shape: it adds, and takes nothing away."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from mangping_redaction.finders.seal.agree import LEAST, SUSPECT, agreed
from mangping_redaction.finders.seal.likely import LONGER, Likely, likely
from mangping_redaction.page import Finding, Found, Page, Polygon, quad

from tests.redaction.print_shop import printed

PROVED = Finding("seal", quad(100, 100, 180, 180), 0.9, "seal", "coloured ring")
Share = np.ndarray[Any, np.dtype[np.float32]]


def seen(*places: tuple[int, int, int, int], likely: float = 0.99) -> Likely:
    """A network's answer for a page of 400 x 600 pixels at half its size, 2 pixels a millimetre."""
    share: Share = np.full((300, 200), 0.01, np.float32)
    for x0, y0, x1, y1 in places:
        share[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2] = likely
    return Likely(share, 0.5, 2.0)


def search(*found: Finding, doubts: tuple[Polygon, ...] = (), **more: Any) -> Any:
    """What the rules of shape found on that page, at its own size."""
    nothing = {
        "codes": [],
        "faces": [],
        "beside": [],
        "is_group": False,
        "lines": (),
        "drawings": [],
        "weak": [],
        "large": [],
        "photos": np.zeros((600, 400), np.uint8),
        "inks": SimpleNamespace(scale=1.0),
    }
    return SimpleNamespace(found=list(found), doubts=list(doubts), **(nothing | more))


def box(polygon: Polygon) -> list[float]:
    return [*polygon.min(axis=0).tolist(), *polygon.max(axis=0).tolist()]


def test_what_only_the_network_sees_is_covered_beyond_its_rim() -> None:
    found = agreed(search(PROVED), seen((240, 400, 320, 480)))
    assert found.findings[0] is PROVED
    [added] = found.findings[1:]
    assert added.cls == "seal"
    assert box(added.polygon) == [238, 398, 322, 482]
    assert found.doubts == ()


def test_a_proved_seal_stays_though_the_network_sees_nothing() -> None:
    assert agreed(search(PROVED), seen()).findings == (PROVED,)


@pytest.mark.parametrize(
    ("why", "likely", "found"),
    [
        *((why, likely, found) for why in LEAST for likely, found in ((0.05, 0), (0.07, 1))),
        ("red frame", 0.01, 1),
    ],
)
def test_a_ring_without_colour_or_cut_off_goes_where_the_network_is_sure_that_no_seal_is(
    why: str, likely: float, found: int
) -> None:
    proved = replace(PROVED, why=why)
    assert len(agreed(search(proved), seen((100, 100, 180, 180), likely=likely)).findings) == found


def test_what_is_proved_keeps_its_own_outline() -> None:
    assert agreed(search(PROVED), seen((96, 96, 184, 184))).findings == (PROVED,)


@pytest.mark.parametrize(
    ("places", "doubts"),
    [((), (SUSPECT,)), (((20, 20, 80, 80),), ()), (((200, 20, 260, 80),), (SUSPECT,))],
    ids=["nothing seen", "seen and covered", "seen elsewhere"],
)
def test_a_doubt_stands_unless_what_is_there_is_covered(
    places: tuple[tuple[int, int, int, int], ...], doubts: tuple[str, ...]
) -> None:
    assert agreed(search(doubts=(quad(22, 22, 78, 78),)), seen(*places)).doubts == doubts


def test_a_weak_doubt_stands_unless_the_network_is_sure_that_no_seal_is() -> None:
    place = quad(100, 100, 180, 180)
    assert agreed(search(weak=[place]), seen()).doubts == ()
    assert agreed(search(weak=[place]), seen((100, 100, 180, 180), likely=0.2)).doubts == (SUSPECT,)
    assert agreed(search(PROVED, weak=[place]), seen((100, 100, 180, 180), likely=0.2)).doubts == ()


def test_a_weak_doubt_that_the_network_shares_is_covered_in_the_outline_of_the_rules() -> None:
    place = quad(98, 98, 188, 188)
    found = agreed(search(weak=[place, place]), seen((100, 100, 180, 180), likely=0.9))
    assert [(box(finding.polygon), finding.confidence) for finding in found.findings] == [([98, 98, 188, 188], 0.9)]
    assert found.doubts == ()
    small = seen((100, 100, 140, 180), likely=0.9)
    assert agreed(search(weak=[place]), small) == Found((), (SUSPECT,))


@pytest.mark.parametrize(("traces", "doubts"), [((), ()), (((184, 120, 190, 160),), (SUSPECT,))])
def test_what_shows_of_a_seal_under_another_is_asked_about_where_it_goes_on_beside_its_cover(
    traces: tuple[tuple[int, int, int, int], ...], doubts: tuple[str, ...]
) -> None:
    under = replace(PROVED, why="ink under a seal")
    assert agreed(search(under), seen((100, 100, 180, 180), *traces, likely=0.4)).doubts == doubts


def test_what_is_larger_than_a_seal_is_asked_about_where_the_network_sees_one() -> None:
    place = quad(20, 20, 380, 300)
    assert agreed(search(large=[place]), seen()).doubts == ()
    assert agreed(search(large=[place]), seen((100, 100, 180, 180), likely=0.6)).doubts == (SUSPECT,)


@pytest.mark.parametrize(
    ("is_group", "likely", "doubts"),
    [(False, 0.005, ()), (False, 0.02, (SUSPECT,)), (True, 0.02, ()), (True, 0.25, ()), (True, 0.35, (SUSPECT,))],
)
def test_what_runs_out_from_under_a_picture_is_asked_about_where_the_network_sees_more_than_clothes(
    is_group: bool, likely: float, doubts: tuple[str, ...]
) -> None:
    said = seen((100, 100, 180, 180), likely=likely)
    said.share[said.share == np.float32(0.01)] = 0.0
    assert agreed(search(beside=[PROVED.polygon], is_group=is_group), said).doubts == doubts


def test_a_doubt_about_the_bars_of_a_code_is_none() -> None:
    bars = quad(22, 22, 78, 78)
    assert agreed(search(doubts=(bars,)), seen()).doubts == (SUSPECT,)
    assert agreed(search(doubts=(bars,), codes=[quad(10, 10, 200, 90)]), seen()).doubts == ()


def test_a_doubt_about_a_seal_of_which_a_part_shows_is_not_settled_by_the_cover_of_that_part() -> None:
    shown = Finding("seal", quad(20, 20, 80, 80), 0.6, "seal", "ink under a portrait")
    assert agreed(search(shown), seen()).doubts == (SUSPECT,)
    assert agreed(search(replace(shown, why="coloured ring")), seen()).doubts == ()
    assert agreed(search(shown, PROVED, doubts=(PROVED.polygon,), codes=[shown.polygon]), seen()).doubts == ()


def test_a_doubt_stands_where_traces_run_out_of_the_cover() -> None:
    said = seen((20, 20, 80, 80))
    said.share[10:40, 40:50] = 0.4
    assert agreed(search(doubts=(quad(22, 22, 86, 78),)), said).doubts == (SUSPECT,)


def test_codes_and_portraits_need_more_than_a_guess() -> None:
    portrait = np.zeros((600, 400), np.uint8)
    portrait[380:520, 220:340] = 255
    place = (240, 400, 320, 480)
    assert agreed(search(codes=[quad(236, 396, 324, 484)]), seen(place)).findings == ()
    face = quad(250, 400, 310, 470)
    assert agreed(search(photos=portrait, faces=[face]), seen(place, likely=0.97)).findings == ()
    assert len(agreed(search(photos=portrait, faces=[face]), seen(place, likely=0.99)).findings) == 1


def test_beside_the_face_on_a_portrait_a_seal_is_seen_as_elsewhere() -> None:
    portrait = np.full((600, 400), 255, np.uint8)
    beside, across = quad(180, 340, 260, 420), quad(240, 400, 320, 440)
    said = seen((240, 400, 320, 480), likely=0.97)
    assert len(agreed(search(photos=portrait, faces=[beside]), said).findings) == 1
    assert agreed(search(photos=portrait, faces=[across]), said).findings == ()


def test_what_was_drawn_and_has_nothing_written_in_it_is_no_seal() -> None:
    assert agreed(search(drawings=[quad(240, 400, 320, 480)]), seen((240, 400, 320, 480))).findings == ()


def test_of_seals_that_run_into_each_other_only_what_is_not_known_is_added() -> None:
    """A chain from corner to corner, of which the first is proved: the hull of all would take half of the page."""
    chain = seen((100, 100, 180, 180), (170, 170, 250, 250), (240, 240, 320, 320))
    found = agreed(search(PROVED), chain)
    [added] = found.findings[1:]
    assert box(added.polygon) == [168, 168, 322, 322]


def test_what_is_half_known_is_covered_whole() -> None:
    found = agreed(search(PROVED), seen((100, 100, 180, 260)))
    assert box(found.findings[1].polygon) == [98, 98, 182, 262]


def test_specks_are_no_seals() -> None:
    assert agreed(search(), seen((240, 400, 248, 408))).findings == ()


@pytest.mark.parametrize("size", [(30, 2000), (2000, 30), (16, 16), (827, 1169), (1169, 827), (640, 640)])
def test_pages_of_any_shape_are_taken(size: tuple[int, int]) -> None:
    width, height = size
    said = likely(Page(np.full((height, width, 3), 250, np.uint8), dpi=100))
    scale = LONGER / max(size)
    assert said.scale == scale
    assert said.share.shape == (max(16, round(height * scale)), max(16, round(width * scale)))
    assert said.share.max() < 0.5


def test_a_page_of_print_has_none() -> None:
    said = likely(Page(printed(columns=20)[0], dpi=100))
    assert list(said.places(np.zeros(said.share.shape, np.uint8))) == []


def test_many_coloured_frames_of_one_size_are_a_printed_plan_unless_the_network_sees_a_seal() -> None:
    frames = [
        replace(PROVED, why="coloured frame", polygon=quad(20 + 60 * k, 100, 60 + 60 * k, 140 + k % 2))
        for k in range(6)
    ]
    assert agreed(search(*frames), seen()).findings == ()
    assert agreed(search(*frames[:5]), seen()).findings == tuple(frames[:5])
    chop = agreed(search(*frames), seen((20, 100, 60, 140))).findings
    assert len(chop) == 6  # one is likely, and five boxes are no plan
