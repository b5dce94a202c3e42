"""From a recogniser's columns to characters, their candidates and their places. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels

Floats = NDArray[np.float32]
Places = NDArray[np.floating]
CANDIDATES = 5
SURE = 0.97  # a character read this surely needs no candidates
LIKELY = (1e-5, 1e-8)  # what is no likelier is no candidate, if there are enough others


def decode(columns: Floats, characters: Sequence[str]) -> tuple[str, tuple[float, ...], Floats, tuple[str, ...]]:
    """(text, confidence of each character, its centre as a fraction of the input width, its candidates).

    `columns` is (steps, classes) of probabilities, class 0 the blank.
    """
    best = columns.argmax(axis=1)
    edges = np.flatnonzero(np.concatenate(([True], best[1:] != best[:-1], [True])))
    keep = best[edges[:-1]] != 0
    starts, ends = edges[:-1][keep], edges[1:][keep]
    if not len(starts):
        return "", (), np.zeros(0, np.float32), ()
    classes = best[starts]
    peaks = _peaks(columns[np.arange(len(best)), best], starts, ends)
    confidence = columns[peaks, classes]
    centres = (starts + ends) / 2 / len(columns)
    text = "".join([characters[k] for k in classes.tolist()])
    return (
        text,
        tuple(confidence.tolist()),
        centres.astype(np.float32),
        _candidates(columns, peaks, text, confidence, characters),
    )


def _peaks(sure: Floats, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each run of steps [start, end) is surest; the first place of several."""
    peaks = starts.copy()
    for run in np.flatnonzero(ends - starts > 1):
        peaks[run] += sure[starts[run] : ends[run]].argmax()
    return peaks


def _candidates(
    columns: Floats, peaks: NDArray[np.intp], text: str, confidence: Floats, characters: Sequence[str]
) -> tuple[str, ...]:
    found = list(text)
    for i in np.flatnonzero(confidence < SURE).tolist():
        row = columns[peaks[i]]
        few = (np.flatnonzero(row > least) for least in LIKELY)  # of many thousand, and with luck all that are wanted
        top = next((likely for likely in few if len(likely) > CANDIDATES), None)
        top = np.arange(len(row)) if top is None else top
        if len(top) > CANDIDATES + 1:
            top = top[np.argpartition(row[top], -CANDIDATES - 1)[-CANDIDATES - 1 :]]
        order = top[np.argsort(-row[top])].tolist()
        others = "".join([characters[k] for k in order if k and characters[k] != text[i] and len(characters[k]) == 1])
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
    pitch = median((centres[1:] - centres[:-1]).tolist()) if len(centres) > 1 else level.shape[0] * 0.8
    half = max(0.75 * pitch, 0.3 * level.shape[0])
    middle = (centres[1:] + centres[:-1]) / 2
    before, after = centres[1:] - half, centres[:-1] + half
    empty = _emptiest(ink, centres, middle)
    found = np.empty((len(centres), 2))
    found[0, 0], found[-1, 1] = max(0.0, centres[0] - half), min(width, centres[-1] + half)
    found[1:, 0] = np.minimum(np.maximum(middle, before), np.maximum(empty, before))
    found[:-1, 1] = np.maximum(np.minimum(middle, after), np.minimum(empty, after))
    return np.asarray(found / width, np.float32)


def _emptiest(ink: Floats, centres: Floats, middle: Places) -> Places:
    """The emptiest column of ink between every two neighbours, off their centres by a quarter of the way at least; the
    middle where there is no room."""
    quarter = np.diff(centres) / 4
    begin, end = (centres[:-1] + quarter).astype(int), np.ceil(centres[1:] - quarter).astype(int) + 1
    steps = np.arange(max(1, int((end - begin).max(initial=1))))
    windows = ink[np.minimum(begin[:, None] + steps, len(ink) - 1)]
    windows[steps >= (end - begin)[:, None]] = np.inf
    fits = (end > begin) & (end <= len(ink))
    return np.where(fits, begin + windows.argmin(axis=1) + 0.5, middle)


def darkness(level: Pixels) -> Pixels:
    """How much darker each pixel is than the lightest of the picture, in levels."""
    blue, green, red = cv2.split(level)
    dark = cv2.min(cv2.min(blue, green), red)
    paper = np.array(percentile(np.asarray(dark[::4, ::4], np.uint8), 90)).astype(np.uint8)
    return np.asarray(cv2.subtract(paper, dark), np.uint8)


def _ink(level: Pixels) -> Floats:
    """Darkness of each column against the lightest of the crop."""
    return np.asarray(cv2.reduce(darkness(level), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)[0], np.float32)
