# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Adjust" and its parts: what can be changed without capturing again."""

from bpy.types import Context, Panel

from ...core.modes import NeutralFace
from ..operators import adjust
from ..operators.presets import MIEN_PT_adjust_presets
from ..state.scene_lookup import active_rig, refusal
from ..state.settings import GAINS
from ..state.translation import OWN, iface, translate
from ..state.typed import head_settings, layout_of, registration_of
from .layout import Sidebar, aligned, message


class _OfHead(Sidebar):
    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a captured head."""
        return active_rig(context) is not None


class AdjustPanel(_OfHead, Panel):
    """Smoothing, head motion, and what went wrong."""

    bl_idname = "MIEN_PT_adjust"
    bl_label = "Adjust"
    bl_translation_context = OWN
    bl_order = 2

    def draw_header_preset(self, _: Context) -> None:
        """The list of presets."""
        MIEN_PT_adjust_presets.draw_panel_header(layout_of(self))

    def draw(self, context: Context) -> None:
        """Draw the settings of the active head."""
        layout = aligned(layout_of(self))
        rig = active_rig(context)
        assert rig is not None
        said = refusal(rig)
        column = layout.column()
        column.enabled = not said
        column.prop(head_settings(rig), "smoothing", slider=True)
        column.prop(head_settings(rig), "head_motion")
        column.prop(head_settings(rig), "hair")
        if said or adjust.problem(rig):
            message(layout, context, translate(said or adjust.problem(rig)))
        if adjust.changed(rig):
            text = iface("What kept the head still was changed: {}.")
            message(layout, context, text.format("; ".join(adjust.changed(rig))), icon="INFO")
        row = layout.row(align=True)
        row.operator("mien.reset", icon="LOOP_BACK")
        row.operator("mien.bake", text="Bake", icon="KEYFRAME_HLT")


class NeutralPanel(_OfHead, Panel):
    """The face at rest."""

    bl_idname = "MIEN_PT_neutral"
    bl_label = "Neutral Face"
    bl_parent_id = "MIEN_PT_adjust"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 0

    def draw(self, context: Context) -> None:
        """Draw where the face rests, and the buttons that set a range."""
        layout = aligned(layout_of(self))
        rig = active_rig(context)
        assert rig is not None
        layout.enabled = not refusal(rig)
        layout.prop(head_settings(rig), "neutral_face", text="At Rest")
        column = layout.column(align=True)
        column.active = head_settings(rig).neutral_face == NeutralFace.RANGE
        column.prop(head_settings(rig), "neutral", text="From", index=0)
        column.prop(head_settings(rig), "neutral", text="To", index=1)
        row = layout.row(align=True)
        row.operator("mien.neutral", text="This Frame").part = "FRAME"
        row.operator("mien.neutral", text="Playback Range").part = "RANGE"


class GainPanel(_OfHead, Panel):
    """How strongly each part moves."""

    bl_idname = "MIEN_PT_gain"
    bl_label = "Strength"
    bl_parent_id = "MIEN_PT_adjust"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 1

    def draw(self, context: Context) -> None:
        """Draw a slider for each part."""
        column = aligned(layout_of(self)).column(align=True)
        rig = active_rig(context)
        assert rig is not None
        column.enabled = not refusal(rig)
        for name in GAINS:
            column.prop(head_settings(rig), name, slider=True)


class KeysPanel(_OfHead, Panel):
    """Which keys act and where they lie."""

    bl_idname = "MIEN_PT_keys"
    bl_label = "Keys"
    bl_translation_context = OWN
    bl_parent_id = "MIEN_PT_adjust"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 2

    def draw(self, context: Context) -> None:
        """Draw which keys act, timing and thinning."""
        layout = aligned(layout_of(self))
        rig = active_rig(context)
        assert rig is not None
        layout.enabled = not refusal(rig)
        layout.prop(head_settings(rig), "keys")
        layout.prop(head_settings(rig), "timing")
        layout.prop(head_settings(rig), "first")
        layout.prop(head_settings(rig), "step")
        layout.prop(head_settings(rig), "tolerance")


CLASSES = (AdjustPanel, NeutralPanel, GainPanel, KeysPanel)

register, unregister = registration_of(CLASSES)
