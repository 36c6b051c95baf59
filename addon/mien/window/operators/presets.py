# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of the adjustments, kept where Blender keeps all presets."""

from typing import TYPE_CHECKING

from bpy.types import Operator, Panel, UILayout

from ..state.scene_lookup import OnHead
from ..state.settings import HeadSettings
from ..state.typed import registration_of

if TYPE_CHECKING:

    class AddPresetBase: ...

    class PresetPanel:
        @classmethod
        def draw_panel_header(cls, layout: UILayout) -> None: ...
else:  # Blender's own are no panels and operators to their stubs, and clash with them
    from bl_operators.presets import AddPresetBase
    from bl_ui.utils import PresetPanel


class MIEN_PT_adjust_presets(PresetPanel, Panel):  # noqa: N801
    """The list of presets in the head of the panel; Blender finds it by its class's name."""

    bl_label = "Adjustments"
    preset_subdir = "mien/adjust"
    preset_operator = "script.execute_preset"
    preset_add_operator = "mien.adjust_preset_add"


class AddAdjustPreset(OnHead, AddPresetBase, Operator):
    """Add or remove a preset of the adjustments"""

    bl_idname = "mien.adjust_preset_add"
    bl_label = "Add Preset of Adjustments"
    preset_menu = "MIEN_PT_adjust_presets"
    preset_subdir = "mien/adjust"
    preset_defines = ("settings = bpy.context.scene.mien.active_head",)
    preset_values = tuple(
        f"settings.{name}"
        for name in HeadSettings.adjustable()
        if name not in {"neutral_face", "neutral"}  # those belong to one take
    )


CLASSES = (MIEN_PT_adjust_presets, AddAdjustPreset)

register, unregister = registration_of(CLASSES)
