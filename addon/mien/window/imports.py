# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways for footage to come in: File > Import, dropping a file, footage that Blender has open."""

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Operator
from bpy_extras.io_utils import ImportHelper

from . import running
from .settings import FACES

SUFFIXES = ".mp4;.mov;.m4v;.mkv;.avi;.webm;.mts;.mpg;.mpeg;.wmv"


class ImportFootage(Operator, ImportHelper):  # type: ignore[misc]
    """Capture the face in a video file"""

    bl_idname = "mien.import_footage"
    bl_label = "Capture Face from Video"
    bl_options = {"REGISTER", "PRESET"}  # noqa: RUF012

    filter_glob: StringProperty(
        default=";".join(f"*{s}" for s in SUFFIXES.split(";")), options={"HIDDEN"}
    )
    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    faces: EnumProperty(name="Face", items=[f for f in FACES if f[0] != "at"])
    match: BoolProperty(
        name="Match Scene", default=True,
        description="Take frame rate, size and range from the footage and look through its camera",
    )  # fmt: skip

    @classmethod
    def poll(cls, context: Context) -> bool:
        if running.busy():
            cls.poll_message_set("A capture is running; wait for it or cancel it")
            return False
        return True

    def invoke(self, context: Context, event: Event) -> set[str]:
        """A dropped file is captured at once; otherwise the file browser opens."""
        if self.filepath and not self.filepath.endswith(("/", "\\")):
            return self.execute(context)
        return ImportHelper.invoke(self, context, event)

    def execute(self, context: Context) -> set[str]:
        context.scene.mien.footage = self.filepath
        how = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
        try:
            return bpy.ops.mien.capture(
                how, filepath=self.filepath, faces=self.faces, match=self.match
            )
        except RuntimeError as error:  # it has said why
            self.report({"ERROR"}, str(error).removeprefix("Error: ").strip())
            return {"CANCELLED"}


class DroppedFootage(FileHandler):  # type: ignore[misc]
    """Videos that are dropped into a viewport."""

    bl_idname = "MIEN_FH_footage"
    bl_label = "Capture Face"
    bl_import_operator = ImportFootage.bl_idname
    bl_file_extensions = SUFFIXES

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


def open_footage(context: Context) -> list[tuple[str, str]]:
    """Name and path of the footage in the clip and sequence editors."""
    found = [(c.name, c.filepath) for c in bpy.data.movieclips if c.filepath]
    editor = context.scene.sequence_editor
    strips: Any = ()
    if editor is not None:  # Blender 4.4 renamed sequences to strips
        strips = getattr(editor, "strips_all", None) or getattr(editor, "sequences_all", ())
    found += [(s.name, s.filepath) for s in strips if s.type == "MOVIE"]
    return found


_shown: list[tuple[str, str, str]] = []  # Blender does not keep strings that Python made


def _items(_: Operator, context: Context) -> list[tuple[str, str, str]]:
    _shown[:] = [(path, name, path) for name, path in open_footage(context)]
    return _shown


class UseOpenFootage(Operator):  # type: ignore[misc]
    """Take footage that is open in the Movie Clip or Video Sequence editor"""

    bl_idname = "mien.use_open_footage"
    bl_label = "Footage That Is Open"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012
    bl_property = "which"

    which: EnumProperty(name="Footage", items=_items)

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not open_footage(context):
            cls.poll_message_set("Open footage in the Movie Clip or Video Sequence editor first")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        context.scene.mien.footage = self.which
        return {"FINISHED"}


def _menu(menu: Any, _: Context) -> None:
    menu.layout.operator(ImportFootage.bl_idname, text="Face from Video (Mien)")


CLASSES = (ImportFootage, DroppedFootage, UseOpenFootage)


def register() -> None:
    """Add operators, the file handler and the menu's row."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
