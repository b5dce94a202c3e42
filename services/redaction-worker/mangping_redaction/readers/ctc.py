"""From a recogniser's columns to characters, their candidates and their places. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels

Floats = NDArray[np.float32]
CANDIDATES = 5
SURE = 0.97  # a character read this surely needs no candidates


def decode(columns: Floats, characters: Sequence[str]) -> tuple[str, tuple[float, ...], Floats, tuple[str, ...]]:
    """(text, confidence of each character, its centre as a fraction of the input width, its candidates).

    `columns` is (steps, classes) of probabilities, class 0 the blank.
    """
    best = columns.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(best)]
    keep = best[starts] != 0
    starts, ends = starts[keep], ends[keep]
    if not len(starts):
        return "", (), np.zeros(0, np.float32), ()
    classes = best[starts]
    peaks = np.array([s + columns[s:e, k].argmax() for s, e, k in zip(starts, ends, classes, strict=True)])
    confidence = columns[peaks, classes]
    centres = (starts + ends) / 2 / len(columns)
    text = "".join(characters[k] for k in classes)
    return (
        text,
        tuple(confidence.tolist()),
        centres.astype(np.float32),
        _candidates(columns, peaks, text, confidence, characters),
    )


def _candidates(
    columns: Floats, peaks: NDArray[np.intp], text: str, confidence: Floats, characters: Sequence[str]
) -> tuple[str, ...]:
    found = list(text)
    for i in np.flatnonzero(confidence < SURE):
        row = columns[peaks[i]]
        top = (
            np.argpartition(row, -CANDIDATES - 1)[-CANDIDATES - 1 :]
            if len(row) > CANDIDATES + 1
            else np.arange(len(row))
        )
        order = top[np.argsort(-row[top])]
        others = "".join(characters[k] for k in order if k and characters[k] != text[i] and len(characters[k]) == 1)
        found[i] = (text[i] + others)[:CANDIDATES]
    return tuple(found)


def cells(centres: Floats, level: Pixels) -> Floats:
    """(n, 2) begin and end of each character as fractions of the crop's width; neighbours overlap where they touch.

    A border lies at the midpoint between centres and at the emptiest ink column near by: each cell takes the outer of both.
    `centres` are pixels along `level`.
    """
    width = level.shape[1]
    if not len(centres):
        return np.zeros((0, 2), np.float32)
    ink = _ink(level)
    pitch = float(np.median(np.diff(centres))) if len(centres) > 1 else level.shape[0] * 0.8
    half = max(0.75 * pitch, 0.3 * level.shape[0])
    middle = (centres[1:] + centres[:-1]) / 2
    left = np.r_[max(0.0, centres[0] - half), np.maximum(middle, centres[1:] - half)]
    right = np.r_[np.minimum(middle, centres[:-1] + half), min(width, centres[-1] + half)]
    for i, (a, b) in enumerate(pairwise(centres)):
        quarter = (b - a) / 4
        begin, end = int(a + quarter), int(np.ceil(b - quarter)) + 1
        empty = begin + float(np.argmin(ink[begin:end])) + 0.5 if end > begin and end <= width else middle[i]
        right[i] = max(right[i], min(empty, centres[i] + half))
        left[i + 1] = min(left[i + 1], max(empty, centres[i + 1] - half))
    return np.asarray(np.stack([left, right], axis=1) / width, np.float32)


def darkness(level: Pixels) -> Pixels:
    """How much darker each pixel is than the lightest of the picture, in levels."""
    blue, green, red = cv2.split(level)
    dark = cv2.min(cv2.min(blue, green), red)
    paper = np.full_like(dark, int(*percentile(np.asarray(dark[::4, ::4], np.uint8), 90)))
    return np.asarray(cv2.subtract(paper, dark), np.uint8)


def _ink(level: Pixels) -> Floats:
    """Darkness of each column against the lightest of the crop."""
    return np.asarray(cv2.reduce(darkness(level), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[0], np.float32)
