"""Order statistics of 8-bit pictures by counting their 256 levels: the same answers as numpy's, many times faster."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.page import Pixels


def percentile(values: Pixels, *shares: float) -> tuple[float, ...]:
    """np.percentile(values, share) for each share (0..100) of a picture of one channel that is not empty."""
    flat = np.ascontiguousarray(values).reshape(-1, 1)
    below = cv2.calcHist([flat], [0], None, [256], [0, 256])[:, 0].astype(np.int64).cumsum()
    found = []
    for share in shares:
        place = share / 100 * (flat.size - 1)
        low, high = (
            int(below.searchsorted(at, side="right")) for at in (int(place), min(int(place) + 1, flat.size - 1))
        )
        found.append(low + (high - low) * (place - int(place)))
    return tuple(found)
