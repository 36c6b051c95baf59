# SPDX-License-Identifier: GPL-3.0-or-later
"""File browsers that show what can be chosen: footage, or a mapping table."""

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator
from bpy_extras.io_utils import ImportHelper

from .imports import SUFFIXES

IMAGES = ".jpg;.jpeg;.png;.bmp;.tif;.tiff;.webp;.ppm"
"""As the core reads them, without loading it."""
FOOTAGE = ";".join(f"*{s}" for s in f"{SUFFIXES};{IMAGES}".split(";"))


class ChooseFootage(Operator, ImportHelper):  # type: ignore[misc]
    """Choose a video, an image, or a folder of images with a face in it"""

    bl_idname = "mien.choose_footage"
    bl_label = "Choose Footage"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default=FOOTAGE, options={"HIDDEN"})

    def execute(self, context: Context) -> set[str]:
        context.scene.mien.footage = self.filepath
        return {"FINISHED"}


class ChooseMap(Operator, ImportHelper):  # type: ignore[misc]
    """Choose a table of what moves the character"""

    bl_idname = "mien.choose_map"
    bl_label = "Choose Mapping"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default="*.toml", options={"HIDDEN"})

    def execute(self, context: Context) -> set[str]:
        context.scene.mien_character.map = self.filepath
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((ChooseFootage, ChooseMap))
