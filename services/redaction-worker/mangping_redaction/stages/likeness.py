"""A page's likeness: the same picture, scanned or saved again, has nearly the same one."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.page import Pixels
from mangping_redaction.stages.straighten import reduced

SIDE = 16
FINE = 16  # pixels a cell of the copy that is averaged


def likeness(pixels: Pixels) -> str:
    """64 hexadecimal digits: for each of 16 x 16 cells whether the next one to the right is brighter (difference hash)."""
    coarse = cv2.cvtColor(reduced(pixels, FINE * SIDE), cv2.COLOR_BGR2GRAY)
    small = cv2.resize(coarse, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex()
