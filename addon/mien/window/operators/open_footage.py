# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that the Movie Clip or the Video Sequence editor has open already, as it lies in time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Operator, Scene

from ...scene.timing import rate_of
from ...scene.typed import scene_of
from ..state.typed import Result, capture_settings


@dataclass(frozen=True)
class OpenFootage:
    """Footage as another editor shows it.

    Attributes:
        name: of the clip or strip.
        path: file, or folder of images.
        first: scene frame of the footage's first picture.
        span: part in seconds that a trimmed strip shows, or None for all.
    """

    name: str
    path: str
    first: float
    span: tuple[float, float] | None = None


def open_footage(scene: Scene) -> list[OpenFootage]:
    """All footage that is open: clips first, then the strips of the scene."""
    found = [_clip(c) for c in bpy.data.movieclips if c.filepath]
    editor = scene.sequence_editor
    strips: Any = ()
    if editor is not None:  # Blender 4.4 renamed sequences to strips
        strips = getattr(editor, "strips_all", None) or getattr(editor, "sequences_all", ())
    return found + [_strip(s, scene) for s in strips if s.type in {"MOVIE", "IMAGE"}]


def _clip(clip: Any) -> OpenFootage:
    path = Path(bpy.path.abspath(clip.filepath))
    if clip.source == "SEQUENCE":
        path = path.parent
    return OpenFootage(clip.name, str(path), float(clip.frame_start))


def _strip(strip: Any, scene: Scene) -> OpenFootage:
    rate = rate_of(scene)
    if strip.type == "IMAGE":
        images = Path(bpy.path.abspath(strip.directory))
        path = images if len(strip.elements) > 1 else images / strip.elements[0].filename
    else:
        path, rate = Path(bpy.path.abspath(strip.filepath)), strip.fps or rate
    # A strip plays its pictures one a frame; half a picture early, so that none is missed.
    cut = strip.frame_final_start - strip.frame_start
    start = max(0.0, (float(cut) - 0.5) / rate)
    span = (start, start + strip.frame_final_duration / rate)
    trimmed = cut > 0 or strip.frame_final_duration < strip.frame_duration
    return OpenFootage(strip.name, str(path), float(strip.frame_start), span if trimmed else None)


_shown: list[tuple[str, str, str]] = []  # Blender does not keep strings that Python made


def _items(_: Operator, context: Context) -> list[tuple[str, str, str]]:
    found = open_footage(scene_of(context))
    _shown[:] = [(str(i), one.name, one.path) for i, one in enumerate(found)]
    return _shown


class UseOpenFootage(Operator):
    """Take footage that is open in the Movie Clip or Video Sequence editor, trimmed as it is there"""

    bl_idname = "mien.use_open_footage"
    bl_label = "Footage That Is Open"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012
    bl_property = "which"

    which: EnumProperty(name="Footage", items=_items)

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not open_footage(scene_of(context)):
            cls.poll_message_set("Open footage in the Movie Clip or Video Sequence editor first")
            return False
        return True

    def execute(self, context: Context) -> Result:
        chosen = open_footage(scene_of(context))[int(self.which)]
        settings = capture_settings(context)
        settings.footage = chosen.path
        settings.use_first, settings.first = True, round(chosen.first)
        settings.use_range = chosen.span is not None
        if chosen.span:
            settings.start, settings.end = chosen.span
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(UseOpenFootage)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(UseOpenFootage)
