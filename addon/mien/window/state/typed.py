# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of what the window hangs onto Blender's own: its settings, its answers, its classes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import bpy
from bpy.types import (
    AddonPreferences,
    Context,
    Object,
    Operator,
    Panel,
    Scene,
    UILayout,
    WindowManager,
)

from ...scene.typed import present, scene_of

if TYPE_CHECKING:

    class FileHelper:
        """What Blender's helpers for files give an operator; their stubs leave it out."""

        filepath: str

        def invoke(self, context: Context, event: bpy.types.Event) -> "Result": ...

    class ExportHelper(FileHelper): ...

    class ImportHelper(FileHelper): ...

    from .characters import CharacterSettings
    from .settings import CaptureSettings, HeadSettings
else:
    from bpy_extras.io_utils import ExportHelper as ExportHelper
    from bpy_extras.io_utils import ImportHelper as ImportHelper

BoolProperty: Callable[..., Any] = bpy.props.BoolProperty
CollectionProperty: Callable[..., Any] = bpy.props.CollectionProperty
FloatProperty: Callable[..., Any] = bpy.props.FloatProperty
IntProperty: Callable[..., Any] = bpy.props.IntProperty
PointerProperty: Callable[..., Any] = bpy.props.PointerProperty
"""As values; their stubs say that they return None."""
Result: TypeAlias = set[
    Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]
]
"""What an operator answers to Blender."""


def capture_settings(where: Context | Scene) -> "CaptureSettings":
    """Of the next capture in a scene, or in the scene at hand."""
    scene = where if isinstance(where, Scene) else scene_of(where)
    found: CaptureSettings = cast(Any, scene).mien
    return found


def head_settings(rig: Object) -> "HeadSettings":
    """Of a captured head."""
    found: HeadSettings = cast(Any, rig).mien
    return found


def character_settings(context: Context) -> "CharacterSettings":
    """Of the character that is to move, in the scene at hand."""
    found: CharacterSettings = cast(Any, scene_of(context)).mien_character
    return found


def layout_of(panel: Panel | AddonPreferences) -> UILayout:
    """Where a panel, or the preferences of an add-on, draws."""
    return present(panel.layout)


def windows_of(context: Context) -> WindowManager:
    """The windows."""
    return present(context.window_manager)


def space_in(area: bpy.types.Area) -> Any:
    """What an area shows, with the properties of its own kind of editor."""
    return cast(Any, present(area.spaces.active))


def switches(windows: type[WindowManager] | WindowManager | None) -> Any:
    """Where the window's own switches are kept."""
    return cast(Any, windows)


def answer(operator: Operator | object) -> Operator:
    """A part of an operator as the whole that it will be."""
    return cast(Operator, operator)


def interface_scale() -> float:
    """Pixels of Blender's interface to one of its own units."""
    return present(bpy.context.preferences).system.ui_scale


def registration_of(classes: Sequence[type]) -> tuple[Callable[[], None], Callable[[], None]]:
    """The functions that tell Blender of classes and take them back."""
    factory = cast(Any, bpy.utils.register_classes_factory)  # its stub says that it returns None
    pair: tuple[Callable[[], None], Callable[[], None]] = factory(classes)
    return pair
