# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the odd videos that tests need, by rewriting boxes of MP4 files that OpenCV wrote."""

import struct
from pathlib import Path

import cv2
import numpy as np

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
QUARTER_TURN = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
"""The matrix of a phone held upright: the player turns the picture clockwise by 90 degrees."""


def write_video(
    path: Path, count: int = 30, size: tuple[int, int] = (64, 48), fps: float = 25
) -> Path:
    """A video whose picture is lighter frame by frame, its upper left quarter white."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    assert writer.isOpened()
    for index in range(count):
        image = np.full((size[1], size[0], 3), index * 5, np.uint8)
        image[: size[1] // 2, : size[0] // 2] = 255
        writer.write(image)
    writer.release()
    return path


def rotate(path: Path) -> None:
    """Write a quarter turn into the track's header."""
    data = path.read_bytes()
    at = data.index(b"tkhd") + 4 + 40
    path.write_bytes(data[:at] + QUARTER_TURN + data[at + len(QUARTER_TURN) :])


def retime(path: Path, durations: list[tuple[int, int]]) -> None:
    """Give frames other durations, as (how many frames, ticks each)."""
    table = struct.pack(">II", 0, len(durations))
    table += b"".join(struct.pack(">II", count, ticks) for count, ticks in durations)
    path.write_bytes(_replaced(path.read_bytes(), b"stts", table))


def ticks_per_second(path: Path) -> int:
    """Time scale of the track."""
    data = path.read_bytes()
    at = data.index(b"mdhd") + 4 + 12
    return int(struct.unpack(">I", data[at : at + 4])[0])


def _replaced(data: bytes, wanted: bytes, payload: bytes) -> bytes:
    """Boxes with the payload of one of them replaced; sizes of those around it follow."""
    out, at = b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + size]
        at += size
        if kind == b"edts":
            continue  # a list of edits would cut the new times off
        if kind == wanted:
            body = payload
        elif kind in CONTAINERS:
            body = _replaced(body, wanted, payload)
        out += struct.pack(">I4s", len(body) + 8, kind) + body
    return out
