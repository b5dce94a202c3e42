"""Networks keep what they said, and memory only while the process is small."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction import runtime


def page(ink: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = np.full((1, 480, 640, 3), 250, np.uint8)
    pixels[:, 200:260, 300:380, :2] = ink
    return pixels


def test_what_a_network_said_stays_good_when_it_has_rested_and_is_asked_again() -> None:
    network = runtime.pixel_network("seal", size=(480, 640))
    (first,) = network(page(60))
    kept = first.copy()
    (other,) = network(page(250))
    assert np.array_equal(first, kept)
    assert not np.array_equal(first, other)
    (again,) = network(page(60))
    assert np.array_equal(again, kept)
    assert np.array_equal(network.look(page(60))[0], kept)


@pytest.mark.parametrize(("resident", "rested"), [(runtime.LIMIT - 1001, False), (runtime.LIMIT - 999, True)])
def test_networks_rest_only_where_what_comes_next_would_not_fit(
    resident: float, rested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, calls = runtime.pixel_network("seal", size=(480, 640)), list[runtime.Network]()
    monkeypatch.setattr(runtime.Network, "rest", lambda network: calls.append(network))
    monkeypatch.setattr(runtime, "_resident", lambda: resident)
    runtime.make_room(1000)
    assert (network in calls) is rested


def test_room_is_made_for_a_whole_page_when_its_network_wakes_and_not_while_it_is_awake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, asked = runtime.pixel_network("seal", size=(480, 640)), list[float]()
    network.rest()
    monkeypatch.setattr(runtime, "make_room", asked.append)
    network.look(page(60))
    network.look(page(60))
    assert asked == [runtime.NEEDED * 480 * 640]
    network.rest()
