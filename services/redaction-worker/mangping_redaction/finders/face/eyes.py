"""Where the eyes of a found face are: MediaPipe's 468 face points, asked in four rotations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction import runtime
from mangping_redaction.finders.face.detect import Face
from mangping_redaction.page import Pixels, Polygon, quad

SIDE = 192  # input of the network
CROP = 1.5  # side of the crop over the longer side of the face box
BAR = (2.24, 0.84)  # along and across, in distances between the eyes
TIGHT = (1.8, 0.5)  # the same for the eyes alone, without room
LEAST = 0.33  # of the face: eyes seem closer together when the head is turned aside
GUESSED = 0.55  # the same where only the detector saw the eyes
SURE = 4.0  # logit of a face that lies the right way round in the crop
SEEN = 0.0  # logit under which the points mean nothing
MARGIN = 3.0  # logits by which another rotation must be worse to be ruled out
COARSE = 16.0  # px: the points of smaller faces are a guess
RIGHT_EYE = (33, 133)  # outer and inner corner
LEFT_EYE = (362, 263)
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
_NOTHING: Polygon = np.zeros((0, 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """`bar` covers both eyes; `oval` outlines the face, empty when only guessed; `pupils` (2, 2); `logit`: how sure."""

    bar: Polygon
    oval: Polygon
    pupils: NDArray[np.float32]
    logit: float


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """The surroundings of a face, shrunk so that the crops do not alias: page = patch / scale + origin."""

    pixels: Pixels
    scale: float
    origin: NDArray[np.float64]


def eyes(pixels: Pixels, face: Face) -> list[Eyes]:
    """One hypothesis, or several when the face could lie another way round; never none."""
    guess = _angle(face.eyes)
    if face.size < COARSE:
        return [_guessed(face)]
    patch, quarter = _patch(pixels, face), round(guess / 90) % 4 * 90
    first = _look(patch, face, quarter)
    if quarter == 0 and first.logit >= SURE and abs(_angle(first.pupils)) < 45:
        return [_again(patch, face, first)]
    looks = [first, *(_look(patch, face, quarter + turn) for turn in (90, 180, 270))]
    best = max(look.logit for look in looks)
    if best < SEEN:
        return [_guessed(face)] if quarter == 0 else [_guessed(face), _whole(face)]
    return [_again(patch, face, look) for look in looks if look.logit >= max(SEEN, best - MARGIN)]


def _guessed(face: Face) -> Eyes:
    """Only the detector saw it: its two eye points, with a wider bar."""
    return Eyes(_bar(face.eyes, GUESSED * face.size), _NOTHING, face.eyes, SEEN)


def _whole(face: Face) -> Eyes:
    """A turned face nobody can read: all of it may be eyes."""
    x0, y0, x1, y1 = face.box
    return Eyes(quad(x0, y0, x1, y1), _NOTHING, face.eyes, SEEN)


def _bar(pupils: NDArray[np.float32], least: float) -> Polygon:
    """The bar across two eye centres (x, y), turned with them, as for eyes at least `least` pixels apart."""
    along = pupils[1] - pupils[0]
    apart = float(np.hypot(*along))
    along = along / apart if apart > 1e-3 else np.array([1.0, 0.0])
    across = np.array([-along[1], along[0]])
    axes = np.stack([along, across]) * max(apart, least) / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    turned, (x, y) = (signs * BAR) @ axes, np.abs((signs * TIGHT) @ axes).max(axis=0)
    # eyes marked by an upright box reach out of a tilted bar: cover both
    hull = cv2.convexHull(np.concatenate([turned, signs * (x, y)]).astype(np.float32))[:, 0]
    placed: Polygon = (pupils.mean(axis=0) + hull).astype(np.float32)
    return placed


def _angle(pupils: NDArray[np.float32]) -> float:
    """Degrees, clockwise, by which the eye line is turned (0 for an upright face)."""
    x, y = pupils[1] - pupils[0]
    return math.degrees(math.atan2(y, x))


def _patch(pixels: Pixels, face: Face) -> _Patch:
    x0, y0, x1, y1 = face.box
    middle, reach = np.array([(x0 + x1) / 2, (y0 + y1) / 2]), CROP * face.size
    left, top = np.maximum(np.floor(middle - reach), 0).astype(int).tolist()
    right, bottom = np.ceil(middle + reach).astype(int).tolist()
    part = pixels[top:bottom, left:right]
    scale = min(1.0, SIDE / (CROP * face.size))
    if scale < 1:
        part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return _Patch(part, scale, np.array([left, top], np.float64))


def _look(patch: _Patch, face: Face, angle: float, centre: NDArray[np.float32] | None = None) -> Eyes:
    """The points in a crop in which a face whose eye line is turned by `angle` degrees lies upright."""
    middle = np.array([face.box[0] + face.box[2], face.box[1] + face.box[3]]) / 2 if centre is None else centre
    step = CROP * face.size * patch.scale / SIDE
    cosine, sine = math.cos(math.radians(angle)) * step, math.sin(math.radians(angle)) * step
    turn = np.array([[cosine, -sine], [sine, cosine]])
    shift = (middle - patch.origin) * patch.scale - turn @ np.array([SIDE / 2, SIDE / 2])
    crop = cv2.warpAffine(
        patch.pixels,
        np.column_stack([turn, shift]),
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    answer = runtime.network("face-landmarks")(crop[..., ::-1][None].astype(np.float32) / 255)
    points = answer[0].reshape(-1, 3)[:, :2] @ turn.T + shift
    points = (points / patch.scale + patch.origin).astype(np.float32)
    pupils = np.stack([points[list(RIGHT_EYE)].mean(axis=0), points[list(LEFT_EYE)].mean(axis=0)])
    return Eyes(_bar(pupils, LEAST * face.size), points[list(OVAL)], pupils, float(answer[1].ravel()[0]))


def _again(patch: _Patch, face: Face, look: Eyes) -> Eyes:
    """A second look, centred and turned by the first, is more exact on tilted faces."""
    second = _look(patch, face, _angle(look.pupils), look.oval.mean(axis=0))
    return second if second.logit >= look.logit - 1 else look
