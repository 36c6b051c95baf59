# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of the pictures as the stream itself says it, which OpenCV does not tell when it changes.

After a change in mid-stream OpenCV goes on with the old size and hands out what lies in memory. The
packets are therefore looked at beside the pictures: a change comes with a packet that begins anew, and
such a packet says its size in its head (MPEG-1 and 2, H.264, HEVC, VP8).
"""

import re

import cv2

_START = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)
"""The start code of MPEG's streams, with the byte that says what follows."""
_MPEG, _H264, _HEVC, _VP8 = "mpeg", "h264", "hevc", "vp8"
"""How streams write their size; the codes of a file's codec are brought to these."""
_KINDS = {
    b"mpg1": _MPEG, b"mpg2": _MPEG, b"mpgv": _MPEG, b"h264": _H264, b"avc1": _H264, b"x264": _H264,
    b"hevc": _HEVC, b"hev1": _HEVC, b"hvc1": _HEVC, b"vp80": _VP8,
}  # fmt: skip
"""By the four letters with which a file names its codec, in lower case."""
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles of H.264 whose head says how colours are stored."""


class StreamSize:
    """Goes through the packets of a video in step with its pictures."""

    def __init__(self, path: str, fourcc: float) -> None:
        """Open the video once more, for its packets; nothing is watched if its kind is not known."""
        kind = (
            _KINDS.get(int(fourcc).to_bytes(4, "little", signed=False).lower())
            if fourcc > 0
            else None
        )
        self._kind = kind or ""
        self._packets = None
        self._size: tuple[int, int] | None = None
        if kind is not None:
            self._packets = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])

    def changes(self) -> bool:
        """Step to the next packet; whether pictures are of another size from it on."""
        if self._packets is None or not self._packets.grab():
            return False
        if not self._packets.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME):
            return False
        got, packet = self._packets.retrieve()
        size = picture_size(packet.tobytes(), self._kind) if got and packet is not None else None
        if size is None:
            return False
        before, self._size = self._size, size
        return before is not None and before != size

    def close(self) -> None:
        """Close the file."""
        if self._packets is not None:
            self._packets.release()


def picture_size(packet: bytes, kind: str) -> tuple[int, int] | None:
    """What a packet says of its picture's size, in the stream's own coded pixels; None if nothing."""
    try:
        if kind == _VP8:
            whole = not packet[0] & 1 and packet[3:6] == b"\x9d\x01\x2a" and len(packet) >= 10
            return _pair(packet[6:10]) if whole else None
        found = None
        for match in _START.finditer(packet):
            code, body = match[1][0], packet[match.end() :]
            if kind == _MPEG and code == 0xB3 and len(body) >= 3:
                bits = int.from_bytes(body[:3], "big")
                found = bits >> 12, bits & 0xFFF
            elif kind == _H264 and code & 0x1F == 7:
                found = _h264(_Bits(body))
            elif kind == _HEVC and code >> 1 & 0x3F == 33:
                found = _hevc(_Bits(body[1:]))
        return found
    except (IndexError, ValueError):
        return None


def _pair(data: bytes) -> tuple[int, int]:
    return (
        int.from_bytes(data[:2], "little") & 0x3FFF, int.from_bytes(data[2:4], "little") & 0x3FFF
    )  # fmt: skip


class _Bits:
    """Reads a head bit by bit; numbers of any size are in Exponential-Golomb code."""

    def __init__(self, data: bytes) -> None:
        plain = data[:256].replace(
            b"\x00\x00\x03", b"\x00\x00"
        )  # put in so that no start code arises
        self._text = "".join(f"{byte:08b}" for byte in plain)
        self._at = 0

    def take(self, count: int) -> int:
        self._at += count
        return int(self._text[self._at - count : self._at], 2) if count else 0

    def number(self) -> int:
        zeros = self._text.index("1", self._at) - self._at
        self._at += zeros
        return self.take(zeros + 1) - 1


def _h264(bits: _Bits) -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)
    bits.number()
    if profile in _WITH_CHROMA:
        if bits.number() == 3:
            bits.take(1)
        bits.number()
        bits.number()
        bits.take(1)
        if bits.take(1):  # scaling matrices: such streams are not followed
            raise ValueError("scaling matrices")
    bits.number()
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1)
        for _ in range(2):
            bits.number()
        for _ in range(bits.number()):
            bits.number()
    bits.number()
    bits.take(1)
    width = bits.number() + 1
    height = bits.number() + 1
    return 16 * width, 16 * height * (2 - bits.take(1))


def _hevc(bits: _Bits) -> tuple[int, int]:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 96)
    flags = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in flags:
        bits.take(88 * profile + 8 * level)
    bits.number()
    if bits.number() == 3:
        bits.take(1)
    return bits.number(), bits.number()
