# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields a job of a jobs file may have, and what they may hold."""

import os
from pathlib import Path

from .job import EXPORTS

PATHS = ("output", "footage", "take", "avatar", "map", "preview", "model")
NUMBERS = ("start", "end", "fps", "smoothing", "start_frame", "tolerance")
COUNTS = ("key_every",)
TEXTS = ("name", "target", "neutral", "timing", "keys", "hair", "faces")
FLAGS = ("refine", "texture", "texture_sequence", "head_motion")
LISTS = {"export": "paths", "gains": "texts such as brows=1.5"}
KNOWN = {*PATHS, *NUMBERS, *COUNTS, *TEXTS, *FLAGS, *LISTS}
SUFFIXES: dict[str, tuple[str, ...]] = {
    "output": (".blend",),
    "avatar": (".blend",),
    "preview": (".png", ".jpg", ".jpeg", ".mp4"),
    "model": (".onnx",),
    "export": EXPORTS,
}
RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
RESERVED |= {f"{n}{i}" for n in ("COM", "LPT") for i in "0123456789\u00b9\u00b2\u00b3"}
"""What Windows takes for a device, whatever its ending; superscript digits too."""
LONGEST = 200
"""Bytes of a job's name, which becomes that of its log."""


def kind(name: str) -> str:
    """What a field holds, in words."""
    if name in NUMBERS:
        return "a number"
    if name in COUNTS:
        return "a whole number above 0"
    if name in FLAGS:
        return "true or false"
    if name in LISTS:
        return f"a list of {LISTS[name]}"
    return "a path" if name in PATHS else "a text"


def is_kind(name: str, value: object) -> bool:
    """Whether a value is of the kind that a field holds."""
    if name in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name in COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    if name in FLAGS:
        return isinstance(value, bool)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(v, str) and v for v in value)
    return isinstance(value, str) and bool(value)


def can_be_a_name(name: str) -> bool:
    """Whether a text can be the name of a file on every system."""
    return bool(
        name
        and Path(name).name == name
        and not name.startswith(".")
        and not any(c in '<>:"|?*\\' or c.isspace() or ord(c) < 32 for c in name)
        and name.rstrip(".") == name
        and name.partition(".")[0].upper() not in RESERVED
        and len(os.fsencode(name)) <= LONGEST
    )
