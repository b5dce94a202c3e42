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


@pytest.mark.parametrize(("resident", "rested"), [(runtime.TIDY - 1, False), (runtime.TIDY + 1, True)])
def test_networks_rest_between_pages_only_in_a_process_that_has_grown(
    resident: float, rested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, calls = runtime.pixel_network("seal", size=(480, 640)), list[runtime.Network]()
    monkeypatch.setattr(runtime.Network, "rest", lambda network: calls.append(network))
    monkeypatch.setattr(runtime, "_resident", lambda: resident)
    runtime.give_back()
    assert (network in calls) is rested
