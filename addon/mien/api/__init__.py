# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien as a library: footage to take, take to motion, motion to performance, and to files.

Everything here is found as ``mien.NAME`` too and is loaded when it is first asked for. What needs
Blender (:mod:`.blender`) says so; the rest runs in any Python.
"""

from ..core.capture.capture import Progress
from ..core.errors import MienError
from ..core.modes import KeySet, Timing
from ..core.performance.performance import Performance
from ..core.solve.adjust import Adjustments
from ..core.solve.motion import Motion
from ..core.take.take import Take
from ..core.texture.sequence_folder import SkinSequence
from ..scene.timing import Keying
from .blender import build_scene, change_hair, retarget
from .files import load_take, read_live_link, save_take, write_live_link
from .footage import capture, write_texture_sequence
from .motion import performance, solve

__all__ = [
    "Adjustments",
    "KeySet",
    "Keying",
    "MienError",
    "Motion",
    "Performance",
    "Progress",
    "SkinSequence",
    "Take",
    "Timing",
    "build_scene",
    "capture",
    "change_hair",
    "load_take",
    "performance",
    "read_live_link",
    "retarget",
    "save_take",
    "solve",
    "write_live_link",
    "write_texture_sequence",
]
