# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at an exported file: Blender's USD exporter says that it has finished on a full disk too."""

import os
import struct
from pathlib import Path

from ..core.errors import MienError

_TAIL = 64
"""Bytes at the end of a file that are looked at for its end mark."""


def check_export(part: Path, path: Path) -> None:
    """Make sure that an exported file is whole, as far as its kind tells.

    Binary USD ends with the table of contents that its head points to, text with the closing brace of
    an outermost prim; glTF states its length. Blender's FBX exporter raises what goes wrong.

    Args:
        part: the file.
        path: where it is to go, for the message.

    Raises:
        MienError: it is not whole.
    """
    size = part.stat().st_size
    with part.open("rb") as file:
        start = file.read(24)
        if start[:8] == b"PXR-USDC":
            whole = _contents_end(file.fileno(), start, size) <= size
        elif start[:5] == b"#usda":
            file.seek(max(0, size - _TAIL))
            whole = file.read().endswith((b"\n}\n", b"\n}\n\n", b"\n}\r\n"))
        elif start[:4] == b"glTF":
            whole = struct.unpack_from("<I", start, 8)[0] == size
        else:
            whole = size > 0
    if not whole:
        raise MienError(
            f"{path} cannot be written (the file came out cut off); free some space or choose another "
            "folder."
        )


def _contents_end(descriptor: int, start: bytes, size: int) -> int:
    """Where the table of contents of a binary USD file ends: a count, and 32 bytes for each section."""
    offset = struct.unpack_from("<q", start, 16)[0]
    if not 24 <= offset <= size - 8:
        return size + 1
    os.lseek(descriptor, offset, os.SEEK_SET)
    count = struct.unpack("<Q", os.read(descriptor, 8))[0]
    return int(offset + 8 + 32 * count)
