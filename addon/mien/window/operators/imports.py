# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways for footage and takes to come in: File > Import, dropping a file."""

from pathlib import Path
from typing import Any, cast

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, FileHandler, Operator, OperatorFileListElement

from ...core.errors import MienError
from ...core.modes import Faces
from ...scene.typed import scene_of
from ..state import capture_session
from ..state.choices import FACES, MATCH
from ..state.translation import OWN, report, translate
from ..state.typed import ImportHelper, Result, capture_settings
from . import cameras

SUFFIXES = ".mp4;.mov;.m4v;.mkv;.avi;.webm;.mts;.mpg;.mpeg;.wmv"


class ImportFootage(Operator, ImportHelper):
    """Capture the face in a video file"""

    bl_idname = "mien.import_footage"
    bl_label = "Capture Face from Video"
    bl_options = {"REGISTER", "PRESET"}  # noqa: RUF012

    filter_glob: StringProperty(
        default=";".join(f"*{s}" for s in SUFFIXES.split(";")), options={"HIDDEN"}
    )
    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    files: CollectionProperty(type=OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    faces: EnumProperty(
        name="Face", items=[f for f in FACES if f[0] != Faces.AT], translation_context=OWN
    )
    match: BoolProperty(name="Match Scene", default=True, description=MATCH)

    @classmethod
    def poll(cls, context: Context) -> bool:
        return capture_session.may_begin(cls)

    def invoke(self, context: Context, event: Event) -> Result:
        """A dropped file is captured at once; otherwise the file browser opens."""
        if self.filepath and not self.filepath.endswith(("/", "\\")):
            return self.execute(context)
        return ImportHelper.invoke(self, context, event)

    def execute(self, context: Context) -> Result:
        settings = capture_settings(context)
        settings.footage = self.filepath
        if len(self.files) > 1:
            report(self, "WARNING", "Several files were chosen; only {} is captured", self.filepath)
        settings.faces, settings.match, settings.use_range = self.faces, self.match, False
        how = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
        try:
            answered: Result = cast(Any, bpy.ops).mien.capture(how)
            return answered
        except RuntimeError as error:  # it has said why
            self.report({"ERROR"}, str(error).removeprefix("Error: ").strip())
            return {"CANCELLED"}


class ImportTake(Operator, ImportHelper):
    """Build an animated head from a take that was captured before, or was cut off"""

    bl_idname = "mien.import_take"
    bl_label = "Head from Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default="*.npz;*.part", options={"HIDDEN"})
    match: BoolProperty(name="Match Scene", default=True, description=MATCH)

    footage: BoolProperty(
        name="Show Its Footage",
        description="Open the file that the take names and show it behind the head",
    )

    def execute(self, context: Context) -> Result:
        return _build(self, context, Path(self.filepath), self.match, self.footage)


class UseLeft(Operator):
    """Build an animated head from what was captured before the capture broke off"""

    bl_idname = "mien.use_left"
    bl_label = "Use What Was Captured"
    bl_options = {"UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        if capture_session.recoverable_journal() is None:
            cls.poll_message_set("No capture has broken off")
            return False
        return True

    def execute(self, context: Context) -> Result:
        left = capture_session.recoverable_journal()
        assert left is not None
        return _build(self, context, left, capture_settings(context).match, True)


def _build(operator: Operator, context: Context, path: Path, match: bool, show: bool) -> Result:
    """Build the head of a take and say so.

    A take may come from anybody, and the path in it may lead anywhere: footage is opened only where
    the user asks for it, or has just captured it.
    """
    from ...core.take.take_file import load_take
    from ..state import heads

    try:
        take = load_take(path)
        footage = Path(take.info.source)
        shown = footage if show and footage.exists() else None
        for _ in heads.build(scene_of(context), [path], shown, match):
            pass
    except MienError as error:
        operator.report({"ERROR"}, translate(str(error)))
        return {"CANCELLED"}
    capture_session.forget()
    if match:
        cameras.look_through(context)
    report(operator, "INFO", "A head was built from {} frames", len(take))
    return {"FINISHED"}


class DroppedFootage(FileHandler):
    """Videos that are dropped into a viewport."""

    bl_idname = "MIEN_FH_footage"
    bl_label = "Capture Face"
    bl_import_operator = ImportFootage.bl_idname
    bl_file_extensions = SUFFIXES

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


def _menu(menu: Any, _: Context) -> None:
    menu.layout.operator(ImportFootage.bl_idname, text="Face from Video (Mien)")
    menu.layout.operator(ImportTake.bl_idname, text="Face from Take (Mien)")


CLASSES = (ImportFootage, ImportTake, UseLeft, DroppedFootage)


def register() -> None:
    """Add operators, the file handler and the menu's rows."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(cast(Any, one))
