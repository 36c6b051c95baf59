# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the extension: where takes are kept, threads, an own model."""

import os
from pathlib import Path

import bpy
from bpy.props import IntProperty, StringProperty
from bpy.types import AddonPreferences, Context

from ..core.errors import MienError

PACKAGE = (__package__ or "").rpartition(".")[0]
_problem = ""


def _model_chosen(chosen: "Preferences", _: Context) -> None:
    """Check a model as soon as it is chosen, and go back to the shipped one if it is none."""
    global _problem
    _problem = ""
    if not chosen.model:
        return
    from ..core.capture import load_models

    try:
        load_models(regressor=Path(bpy.path.abspath(chosen.model)))
    except MienError as error:
        _problem = str(error)
        chosen["model"] = ""


class Preferences(AddonPreferences):  # type: ignore[misc]
    """What is set once for all files."""

    bl_idname = PACKAGE

    takes: StringProperty(
        name="Takes", subtype="DIR_PATH",
        description="Where takes are kept; empty for a folder beside the saved file, or Mien's own",
    )  # fmt: skip
    threads: IntProperty(
        name="Threads", default=1, min=1, max=max(1, os.cpu_count() or 1),
        description="Threads of the network; one is enough, because crops come one by one",
    )  # fmt: skip
    model: StringProperty(
        name="Own Model", subtype="FILE_PATH", update=_model_chosen,
        description="Another network than the one that ships; empty for that one",
    )  # fmt: skip

    def draw(self, _: Context) -> None:
        """Draw them in Blender's preferences."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "takes")
        layout.prop(self, "threads")
        layout.prop(self, "model")
        if _problem:
            layout.label(text=_problem, icon="ERROR")


class _Defaults:
    """What holds where Mien runs without being an installed extension."""

    takes, threads, model = "", 1, ""


def preferences(context: Context) -> "Preferences | _Defaults":
    """The preferences, or their defaults where Mien is not an installed extension."""
    addon = context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon is not None and addon.preferences else _Defaults()


def takes_folder(context: Context) -> Path:
    """Where the next take goes; made if need be.

    Raises:
        MienError: it cannot be made or written.
    """
    chosen = preferences(context).takes
    if chosen:
        folder = Path(bpy.path.abspath(chosen))
    elif bpy.data.filepath:
        folder = Path(bpy.data.filepath).parent / "takes"
    elif context.preferences.addons.get(PACKAGE) is not None:
        folder = Path(bpy.utils.extension_path_user(PACKAGE, path="takes", create=True))
    else:
        folder = Path(bpy.app.tempdir) / "takes"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MienError(
            f"Takes cannot be kept in {folder} ({error.strerror}); choose another folder in Mien's preferences."
        ) from error
    return folder


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(Preferences)


def unregister() -> None:
    """Take them away."""
    bpy.utils.unregister_class(Preferences)
