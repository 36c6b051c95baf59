# SPDX-License-Identifier: GPL-3.0-or-later
"""File > Export of an animated face, and File > Import of a recording of Live Link Face."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import FloatProperty, StringProperty
from bpy.types import Context, Operator

from ...core.errors import MienError
from ...scene.typed import scene_of
from ..state.translation import report, translate
from ..state.typed import ExportHelper, ImportHelper, Result

SCENES = ("glb", "fbx", "usd", "usda", "usdc")


class ExportFace(Operator, ExportHelper):
    """Write the active face with its rig and every key, those between frames too; the ending says the format"""

    bl_idname = "mien.export_face"
    bl_label = "Export Face"

    filename_ext = ".glb"
    check_extension = None  # any of the endings may be typed
    filter_glob: StringProperty(default=";".join(f"*.{s}" for s in SCENES), options={"HIDDEN"})

    def execute(self, context: Context) -> Result:
        from ...scene.exporting import export_things, family, find_thing

        active = context.active_object
        try:
            face = active if active and active.select_get() else find_thing(scene_of(context))
            said = export_things(Path(self.filepath), scene_of(context), family(face))
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        for line in said:
            self.report({"INFO"}, line)
        report(self, "INFO", "{} was exported", face.name)
        return {"FINISHED"}


class ImportRecording(Operator, ImportHelper):
    """Build a head that plays a recording of Live Link Face, the app for iPhones"""

    bl_idname = "mien.import_recording"
    bl_label = "Head from Live Link Face"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default="*.csv", options={"HIDDEN"})
    rate: FloatProperty(
        name="Frame Rate", min=0, soft_max=120,
        description="Rate of the recording; 0 reads it off the timecode",
    )  # fmt: skip

    def execute(self, context: Context) -> Result:
        from ...core.formats.live_link import read_live_link
        from ...core.performance.performance_to_motion import performance_to_motion
        from ...scene.build import build_scene
        from ..state.heads import loaded_head

        try:
            warnings: list[str] = []
            performance = read_live_link(Path(self.filepath), self.rate or None, warnings)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        head = loaded_head()
        build_scene(scene_of(context), performance_to_motion(performance, head), head, match=False)
        for warning in warnings:
            self.report({"WARNING"}, translate(warning))
        report(self, "INFO", "A head was built from {} frames", len(performance))
        return {"FINISHED"}


def _export_menu(menu: Any, _: Context) -> None:
    menu.layout.operator(ExportFace.bl_idname, text="Face as glTF, FBX or USD (Mien)")


def _import_menu(menu: Any, _: Context) -> None:
    menu.layout.operator(ImportRecording.bl_idname, text="Face from Live Link Face (Mien)")


CLASSES = (ExportFace, ImportRecording)


def register() -> None:
    """Add the operators and the menus' rows."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.TOPBAR_MT_file_export.append(_export_menu)
    bpy.types.TOPBAR_MT_file_import.append(_import_menu)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_import.remove(_import_menu)
    bpy.types.TOPBAR_MT_file_export.remove(_export_menu)
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
