# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender while it is enabled, and takes away again."""

import os
import sys
from typing import Any, cast

import bpy

from .window.operators import adjust as adjust_operators
from .window.operators import (
    cameras,
    cancel,
    characters,
    choose_file,
    exports,
    imports,
    live,
    navigate,
    open_footage,
    open_take,
    pick_face,
    presets,
    record,
)
from .window.operators import capture as capture_operators
from .window.overlay import drawing
from .window.panels import adjust, capture, character, progress, review
from .window.panels import live as live_panel
from .window.state import (
    avatar_report,
    capture_session,
    preferences,
    preload,
    settings,
    translation,
)
from .window.state import characters as character_state

COMMAND = "mien"
MODULES = (
    translation, preferences, settings, avatar_report, character_state, capture_session, preload, capture_operators,
    cancel, live, record, adjust_operators, characters, cameras, navigate, pick_face, imports, exports,
    open_footage, choose_file, open_take, presets, drawing, capture, live_panel, review, adjust, character,
    progress,
)  # fmt: skip
"""In the order in which they are registered; unregistering goes backward."""
_handles: list[Any] = []


def register() -> None:
    """Register the window's modules and the command ``mien`` for ``blender -b --command mien``."""
    for module in MODULES:
        module.register()
    register_command = cast(Any, bpy.utils).register_cli_command  # its stub returns None
    _handles.append(register_command(COMMAND, _run))


def unregister() -> None:
    """Undo :func:`register`."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
    for module in reversed(MODULES):
        module.unregister()


def _run(argv: list[str]) -> int:
    from .cli.__main__ import main

    prog = f"{os.path.basename(sys.argv[0])} --command {COMMAND}"  # noqa: PTH119
    return main(argv, prog, add=bool(bpy.data.filepath))
