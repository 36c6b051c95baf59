# SPDX-License-Identifier: GPL-3.0-or-later
"""File browsers that show what can be chosen: footage, or a mapping table."""

from bpy.props import StringProperty
from bpy.types import Context, Operator

from ..state.typed import (
    ImportHelper,
    Result,
    capture_settings,
    character_settings,
    registration_of,
)
from .imports import SUFFIXES

IMAGES = ".jpg;.jpeg;.png;.bmp;.tif;.tiff;.webp;.ppm"
"""As the core reads them, without loading it."""
FOOTAGE = ";".join(f"*{s}" for s in f"{SUFFIXES};{IMAGES}".split(";"))


class ChooseFootage(Operator, ImportHelper):
    """Choose a video, an image, or a folder of images with a face in it"""

    bl_idname = "mien.choose_footage"
    bl_label = "Choose Footage"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default=FOOTAGE, options={"HIDDEN"})

    def execute(self, context: Context) -> Result:
        capture_settings(context).footage = self.filepath
        return {"FINISHED"}


class ChooseMap(Operator, ImportHelper):
    """Choose a table of what moves the character"""

    bl_idname = "mien.choose_map"
    bl_label = "Choose Mapping"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default="*.toml", options={"HIDDEN"})

    def execute(self, context: Context) -> Result:
        character_settings(context).map = self.filepath
        return {"FINISHED"}


register, unregister = registration_of((ChooseFootage, ChooseMap))
