# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the extension: where takes are kept, threads, which network."""

import os
from pathlib import Path

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import AddonPreferences, Context

from ...core.assets import regressor_path
from ...core.errors import MienError
from ...scene.typed import present
from .translation import translate
from .typed import layout_of

PACKAGE = (__package__ or "").removesuffix(".window.state")
OWN, FASTER = "OWN", "FASTER"
TAKES = "takes"
"""Folder beside a saved file in which its takes are kept."""
_problem = ""
_shipped = regressor_path()


def _models() -> list[tuple[str, str, str]]:
    found = sorted(_shipped.parent.glob("*.onnx"), key=lambda p: (p != _shipped, p.name))
    items = [(p.name, p.stem, "A network that ships with Mien") for p in found]
    faster = "Of the networks that ship with Mien the one that this processor runs faster"
    return [
        (FASTER, "Faster", faster),
        *items,
        (OWN, "My Own", "A network of your own, trained with Mien's training code"),
    ]


def _own_chosen(chosen: "Preferences", _: Context) -> None:
    """Check a model as soon as it is chosen; one that is none is not used."""
    global _problem
    _problem = ""
    if not chosen.own_model:
        return
    from ...worker.model_check import check_model

    try:
        check_model(Path(bpy.path.abspath(chosen.own_model)))
    except MienError as error:
        _problem = str(error)
        chosen.property_unset("own_model")


class Preferences(AddonPreferences):
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
    model: EnumProperty(
        name="Network", items=_models(), description="What turns pictures into faces"
    )
    own_model: StringProperty(
        name="File", subtype="FILE_PATH", update=_own_chosen,
        description="An ONNX file with Mien's inputs and outputs; it is checked when it is chosen",
    )  # fmt: skip

    def draw(self, _: Context) -> None:
        """Draw them in Blender's preferences."""
        layout = layout_of(self)
        layout.use_property_split = True
        layout.prop(self, "takes")
        layout.prop(self, "threads")
        layout.prop(self, "model")
        if self.model == OWN:
            layout.prop(self, "own_model")
        if _problem:
            layout.label(text=translate(_problem), icon="ERROR", translate=False)


class _Defaults:
    """What holds where Mien runs without being an installed extension."""

    takes, threads, model, own_model = "", 1, FASTER, ""


def preferences(context: Context) -> "Preferences | _Defaults":
    """The preferences, or their defaults where Mien is not an installed extension."""
    addon = present(context.preferences).addons.get(PACKAGE)
    return addon.preferences if addon is not None and addon.preferences else _Defaults()


def model_file(context: Context) -> str:
    """File of the network that is to be used; empty for the faster of the shipped ones.

    Raises:
        MienError: an own one is wanted and none is chosen.
    """
    chosen = preferences(context)
    if chosen.model == FASTER:
        return ""
    if chosen.model != OWN:
        return str(_shipped.with_name(chosen.model))
    if not chosen.own_model:
        raise MienError("No network of your own is chosen; choose its file in Mien's preferences.")
    return str(bpy.path.abspath(chosen.own_model))


def takes_folder(context: Context) -> Path:
    """Where the next take goes; made if need be.

    Raises:
        MienError: it cannot be made or written.
    """
    chosen = preferences(context).takes
    if chosen:
        folder = Path(bpy.path.abspath(chosen))
    elif bpy.data.filepath:
        folder = Path(bpy.data.filepath).parent / TAKES
    elif present(context.preferences).addons.get(PACKAGE) is not None:
        folder = Path(bpy.utils.extension_path_user(PACKAGE, path=TAKES, create=True))
    else:
        folder = Path(bpy.app.tempdir) / TAKES
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MienError(
            f"Takes cannot be kept in {folder} ({error.strerror}); choose another folder in Mien's preferences."
        ) from error
    return folder


def new_take(stem: str, context: Context) -> Path:
    """A free name for a take in the folder where takes are kept.

    Raises:
        MienError: the folder cannot be made.
    """
    folder = takes_folder(context)
    number = 1
    while any(f.name.startswith(f"{stem}_{number:03d}.") for f in folder.iterdir()):
        number += 1
    return folder / f"{stem}_{number:03d}.take.npz"


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(Preferences)


def unregister() -> None:
    """Take them away."""
    bpy.utils.unregister_class(Preferences)
