# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage of any size and length, made out of the test clip."""

from pathlib import Path

import cv2
from mien.cli.commands import demo_clip


def enlarge(path: Path, height: int, count: int) -> Path:
    """Write ``count`` frames of the clip, forth and back, at 16:9 and ``height`` pixels high."""
    capture = cv2.VideoCapture(str(demo_clip()))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    width = height * 16 // 9
    face = height * frames[0].shape[1] // frames[0].shape[0]
    margin = (width - face) // 2
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (width, height))
    order = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    for index in range(count):
        image = cv2.resize(frames[order[index % len(order)]], (face, height))
        writer.write(
            cv2.copyMakeBorder(
                image, 0, 0, margin, width - face - margin, cv2.BORDER_CONSTANT, value=(90, 90, 90)
            )
        )
    writer.release()
    return path


def cut(path: Path, first: int, count: int) -> Path:
    """Write ``count`` frames of the clip, from its frame ``first`` on."""
    capture = cv2.VideoCapture(str(demo_clip()))
    size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
    rate = capture.get(cv2.CAP_PROP_FPS)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
    for index in range(first + count):
        image = capture.read()[1]
        if index >= first:
            writer.write(image)
    writer.release()
    return path
