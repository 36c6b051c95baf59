# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage of any size and length, made out of the test clip."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from mien.cli.commands import demo_clip
from numpy.typing import NDArray

Frames = list[NDArray[np.uint8]]


def _clip() -> Frames:
    capture = cv2.VideoCapture(str(demo_clip()))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return frames


def _write(path: Path, frames: Iterator[NDArray[np.uint8]]) -> Path:
    writer = None
    for image in frames:
        if writer is None:
            size = (image.shape[1], image.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, size)
        writer.write(image)
    if writer is not None:
        writer.release()
    return path


def _forth_and_back(count: int) -> Iterator[int]:
    length = len(_clip())
    order = [*range(length), *range(length - 2, 0, -1)]
    return (order[index % len(order)] for index in range(count))


def enlarge(path: Path, height: int, count: int) -> Path:
    """Write ``count`` frames of the clip, forth and back, at 16:9 and ``height`` pixels high."""
    frames = _clip()
    width = height * 16 // 9
    face = height * frames[0].shape[1] // frames[0].shape[0]
    margin = (width - face) // 2
    sides = (0, 0, margin, width - face - margin)

    def images() -> Iterator[NDArray[np.uint8]]:
        for index in _forth_and_back(count):
            image = cv2.resize(frames[index], (face, height))
            yield cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=(90, 90, 90))

    return _write(path, images())


def pair(path: Path, count: int) -> Path:
    """Write ``count`` frames with the clip twice, its mirror image beside it and half a second later."""
    frames = [cv2.resize(f, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for f in _clip()]
    order = list(_forth_and_back(count + 15))
    both = zip(order, order[15:], strict=False)
    return _write(path, (np.hstack([frames[a], frames[b][:, ::-1]]) for a, b in both))


def gap(path: Path, count: int, first: int, last: int) -> Path:
    """Write ``count`` frames of the clip in which frames from ``first`` to ``last`` show nothing."""
    frames = [cv2.resize(f, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for f in _clip()]
    numbered = enumerate(_forth_and_back(count))
    nothing = np.full_like(frames[0], 90)
    return _write(path, (nothing if first <= n <= last else frames[i] for n, i in numbered))


def cut(path: Path, first: int, count: int) -> Path:
    """Write ``count`` frames of the clip, from its frame ``first`` on."""
    return _write(path, iter(_clip()[first : first + count]))
