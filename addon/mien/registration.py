# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender while it is enabled, and takes away again."""

import os
import sys
from typing import Any

import bpy

from .window import (
    adjusting,
    cameras,
    capturing,
    characters,
    exports,
    going,
    imports,
    live,
    open_footage,
    picking,
    preferences,
    presets,
    recording,
    running,
    settings,
    stopping,
    translating,
    warming,
)
from .window.overlay import drawing
from .window.panels import adjust, capture, character, progress, review
from .window.panels import live as live_panel

COMMAND = "mien"
ROOMS = (
    translating, preferences, settings, running, warming, capturing, stopping, live, recording, adjusting,
    characters, cameras, going, picking, imports, exports, open_footage, presets, drawing, capture,
    live_panel, review, adjust, character, progress,
)  # fmt: skip
"""In the order in which they are registered; unregistering goes backward."""
_handles: list[Any] = []


def register() -> None:
    """Register the window's rooms and the command ``mien`` for ``blender -b --command mien``."""
    for room in ROOMS:
        room.register()
    _handles.append(bpy.utils.register_cli_command(COMMAND, _run))


def unregister() -> None:
    """Undo :func:`register`."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
    for room in reversed(ROOMS):
        room.unregister()


def _run(argv: list[str]) -> int:
    from .cli.__main__ import main

    prog = f"{os.path.basename(sys.argv[0])} --command {COMMAND}"  # noqa: PTH119
    return main(argv, prog, add=bool(bpy.data.filepath))
