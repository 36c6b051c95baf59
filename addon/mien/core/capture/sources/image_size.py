# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture's head says of its size, read before the picture is decoded.

A PNG of 100 kB can unpack to gigabytes. Kinds that are not known here are not decoded at all: the
decoders of OpenCV for some of them (JPEG 2000) crash on damaged files.
"""

import struct
from collections.abc import Callable

MOST_PIXELS = 2**27
"""134 megapixels, 400 MB once decoded; no camera that films has a tenth of them."""
_PNG = b"\x89PNG\r\n\x1a\n"
"""The eight bytes that every PNG begins with."""
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame, which holds the size."""


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, WebP, BMP, TIFF or PPM picture; None for anything else."""
    for start, size in _KINDS:
        if data.startswith(start):
            try:
                width, height = size(data)
            except (struct.error, IndexError, ValueError):
                return None
            return (width, height) if width > 0 and height > 0 else None
    return None


def is_whole(data: bytes) -> bool:
    """Whether the pieces of a PNG lie within it; a decoder makes room for what a piece says of its length.

    Other kinds have no such pieces.
    """
    if not data.startswith(_PNG):
        return True
    at = len(_PNG)
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND":
            return at <= len(data)
    return False


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while data[at] != 0xFF or data[at + 1] in (0x00, 0xFF):  # fill bytes
            at += 1
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 if 0xD0 <= marker <= 0xD8 or marker == 0x01 else 2 + length


def _webp(data: bytes) -> tuple[int, int]:
    if data[8:12] != b"WEBP":
        raise ValueError("not WebP")
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _bmp(data: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)


def _tiff(data: bytes) -> tuple[int, int]:
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(f"{order}I", data, 4)[0]
    sizes: dict[int, int] = {}
    for entry in range(struct.unpack_from(f"{order}H", data, at)[0]):
        tag, kind, _ = struct.unpack_from(f"{order}HHI", data, at + 2 + 12 * entry)
        if tag in (256, 257):
            form = "H" if kind == 3 else "I"
            sizes[tag] = struct.unpack_from(order + form, data, at + 10 + 12 * entry)[0]
    return sizes.get(256, 0), sizes.get(257, 0)


def _ppm(data: bytes) -> tuple[int, int]:
    words: list[bytes] = []
    for line in data[:4096].splitlines():
        words += line.partition(b"#")[0].split()
    if int(words[3]) < 1:  # the last number of the head: the others are whole if it is there
        raise ValueError("no greatest value")
    return int(words[1]), int(words[2])


_KINDS: tuple[tuple[bytes, Callable[[bytes], tuple[int, int]]], ...] = (
    (_PNG, _png), (b"\xff\xd8\xff", _jpeg), (b"RIFF", _webp), (b"BM", _bmp),
    (b"II*\x00", _tiff), (b"MM\x00*", _tiff), (b"P6", _ppm), (b"P5", _ppm), (b"P3", _ppm),
    (b"P2", _ppm),
)  # fmt: skip
"""First bytes of each kind of picture, and what reads its width and height."""
