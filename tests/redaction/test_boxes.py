"""Boxes from the detector's map, against PaddleOCR's own decoding; and PaddleOCR's word on its models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mangping_redaction.readers import boxes
from mangping_redaction.readers.recipe import READERS, Recipe, recipe

# (centre x, centre y, length, height, degrees)
LINES = [
    (200, 60, 240, 12, 0),
    (180, 140, 200, 10, 3),
    (420, 200, 120, 14, -4),
    (90, 260, 12, 90, 0),
    (470, 60, 30, 8, 0),
]
# Prints what upstream makes of the map that it is given: in a process of its own, as importing it takes 190 MB.
UPSTREAM = """
import json, sys
import numpy as np
from paddlex.inference.models.text_detection.processors import DBPostProcess
heat = np.load(sys.argv[1])
process = DBPostProcess(thresh=0.2, box_thresh=0.3, max_candidates=3000, unclip_ratio=1.4)
(found,), (scores,) = process([heat[None, None]], [(*heat.shape, 1.0, 1.0)])
print(json.dumps([box.tolist() for box in found]))
"""


def drawn(*lines: tuple[float, float, float, float, float], score: float = 0.9) -> np.ndarray:
    heat = np.zeros((320, 560), np.float32)
    for x, y, length, height, degrees in lines:
        corners = cv2.boxPoints(((x, y), (length, height), degrees))
        cv2.fillPoly(heat, [np.round(corners).astype(np.int32)], score)
    return heat


def find(heat: np.ndarray) -> list[np.ndarray]:
    return boxes.quads(heat, 0.2, 1.4, 3000)


def test_the_boxes_are_those_of_paddleocr_without_its_rounding(tmp_path: Path) -> None:
    heat = drawn(*LINES)
    np.save(tmp_path / "heat.npy", heat)
    told = subprocess.run(
        [sys.executable, "-c", UPSTREAM, tmp_path / "heat.npy"], capture_output=True, text=True, check=True
    )
    theirs = np.array(json.loads(told.stdout.splitlines()[-1]), np.float32)
    ours = np.array(find(heat))
    assert ours.shape == theirs.shape == (len(LINES), 4, 2)
    # Upstream counts pixels from their corner, cuts off fractions twice and rounds once: together within two pixels.
    assert np.abs(ours - 0.5 - theirs).max() <= 2.0


def test_a_box_grows_by_area_over_perimeter_around_its_own_middle() -> None:
    (box,) = find(drawn((200, 100, 240, 12, 0)))
    reach = 1.4 * 240 * 12 / (240 + 12)
    assert box.min(axis=0).tolist() == pytest.approx([200.5 - 120 - reach / 2, 100.5 - 6 - reach / 2], abs=0.01)
    assert box.max(axis=0).tolist() == pytest.approx([200.5 + 120 + reach / 2, 100.5 + 6 + reach / 2], abs=0.01)


@pytest.mark.parametrize("degrees", [0, 4, -4])
def test_a_box_begins_where_reading_starts_and_goes_round_clockwise(degrees: float) -> None:
    (box,) = find(drawn((280, 160, 200, 14, degrees)))
    assert box[0].sum() == box.sum(axis=1).min()
    along, across = box[1] - box[0], box[3] - box[0]
    assert along[0] * across[1] - along[1] * across[0] > 0
    assert np.linalg.norm(along) > np.linalg.norm(across)


def test_specks_and_faint_smears_are_no_lines() -> None:
    assert find(drawn((100, 100, 2, 2, 0))) == []
    assert find(drawn((280, 160, 200, 14, 0), score=0.25)) == []
    assert len(find(drawn((280, 160, 200, 14, 0), score=0.35))) == 1


def test_paddleocr_tells_settings_and_dictionaries_from_a_process_that_ends() -> None:
    told: Recipe = recipe()
    assert (told.threshold, told.unclip, told.most) == (0.2, 1.4, 3000)
    assert {name: len(told.characters[name]) for name in READERS} == {"text-rec-tiny": 6906, "text-rec-small": 18710}
    assert all(characters[0] == "blank" and characters[-1] == " " for characters in told.characters.values())
    assert {"姓", "名", "新", "疆"} <= set(told.characters["text-rec-tiny"])
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert {"paddleocr", "paddlex", "pandas"} & loaded == set()
