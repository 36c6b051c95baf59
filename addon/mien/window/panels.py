# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels in the sidebar of the 3D viewport, tab "Mien"."""

import bpy
from bpy.app.translations import pgettext_iface as iface
from bpy.types import Context, Panel, UILayout

from ..core.errors import MienError
from ..worker.job import RUNNING, Status
from . import adjusting, live, running
from .imports import UseOpenFootage
from .picking import PickFace
from .rigs import active_rig

THUMBNAIL_SCALE = 9.0
LOST_SHOWN = 12


class _Sidebar:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"


class CapturePanel(_Sidebar, Panel):  # type: ignore[misc]
    """Footage, range, face, and the capture that runs."""

    bl_idname = "MIEN_PT_capture"
    bl_label = "Capture from Video"

    def draw(self, context: Context) -> None:
        """Draw the settings, or the running capture."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        if running.busy():
            _draw_running(layout, running.status())
            return
        settings = context.scene.mien
        row = layout.row(align=True)
        row.prop(settings, "footage", text="")
        row.operator_menu_enum(UseOpenFootage.bl_idname, "which", text="", icon="DOWNARROW_HLT")
        column = layout.column(heading="Range")
        column.prop(settings, "use_range", text="")
        if settings.use_range:
            column.prop(settings, "start")
            column.prop(settings, "end")
        row = layout.row(align=True)
        row.prop(settings, "faces")
        row.operator(PickFace.bl_idname, text="", icon="EYEDROPPER")
        layout.prop(settings, "match")
        row = layout.row()
        row.scale_y = 1.4
        row.enabled = bool(settings.footage)
        operator = row.operator("mien.capture", icon="PLAY")
        operator.filepath = settings.footage
        operator.start = settings.start if settings.use_range else -1.0
        operator.end = settings.end if settings.use_range else -1.0
        operator.faces, operator.place, operator.match = (
            settings.faces, settings.place, settings.match,
        )  # fmt: skip


class LivePanel(_Sidebar, Panel):  # type: ignore[misc]
    """A camera that moves the head."""

    bl_idname = "MIEN_PT_live"
    bl_label = "Live"
    bl_parent_id = "MIEN_PT_capture"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: Context) -> None:
        """Draw the camera's number and the buttons."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.enabled = not running.busy()
        layout.prop(context.scene.mien, "camera")
        row = layout.row(align=True)
        for text, record, icon in (("Preview", False, "HIDE_OFF"), ("Record", True, "REC")):
            operator = row.operator("mien.live", text=text, icon=icon)
            operator.camera, operator.record = context.scene.mien.camera, record


class ReviewPanel(_Sidebar, Panel):  # type: ignore[misc]
    """What was captured and where it was lost."""

    bl_idname = "MIEN_PT_review"
    bl_label = "Review"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return active_rig(context) is not None

    def draw(self, context: Context) -> None:
        """Draw the switches and the lost stretches."""
        from ..core.export import lost_stretches
        from . import heads

        layout, manager = self.layout, context.window_manager
        rig = active_rig(context)
        try:
            take, _ = heads.take_of(rig) if rig else (None, None)
        except MienError as error:
            _wrapped(layout, str(error))
            return
        assert take is not None
        row = layout.row(align=True)
        row.prop(manager, "mien_strip", toggle=True)
        row.prop(manager, "mien_landmarks", toggle=True)
        row = layout.row(align=True)
        row.operator("mien.match_camera", icon="CAMERA_DATA")
        row.operator("mien.side_by_side", icon="WINDOW", text="")
        found = take.found
        layout.label(
            text=iface("{:d} frames, {:d} without a face").format(len(take), int((~found).sum()))
        )
        gaps = lost_stretches(take)
        for start, end in gaps[:LOST_SHOWN]:
            operator = layout.operator(
                "mien.go_to", text=iface("Lost from {:.2f} to {:.2f} s").format(start, end),
                icon="ERROR", translate=False,
            )  # fmt: skip
            operator.time = start
        if len(gaps) > LOST_SHOWN:
            layout.label(text=iface("and {:d} more").format(len(gaps) - LOST_SHOWN))


class AdjustPanel(_Sidebar, Panel):  # type: ignore[misc]
    """Changes that need no new capture."""

    bl_idname = "MIEN_PT_adjust"
    bl_label = "Adjust"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return active_rig(context) is not None

    def draw(self, context: Context) -> None:
        """Draw the settings of the active head."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        rig = active_rig(context)
        assert rig is not None
        settings = rig.mien
        layout.prop(settings, "smoothing")
        column = layout.column(heading="Neutral Face")
        column.prop(settings, "use_neutral", text="")
        if settings.use_neutral:
            column.prop(settings, "neutral", text="From", index=0)
            column.prop(settings, "neutral", text="To", index=1)
        layout.operator("mien.neutral_here")
        column = layout.column(align=True)
        for name in ("brows", "eyes", "mouth", "jaw", "head"):
            column.prop(settings, name)
        layout.prop(settings, "head_motion")
        column = layout.column()
        column.prop(settings, "timing")
        column.prop(settings, "step")
        column.prop(settings, "tolerance")
        layout.operator("mien.bake")
        if adjusting.problem():
            _wrapped(layout, adjusting.problem())


def _draw_running(layout: UILayout, status: Status) -> None:
    icon = running.icon()
    if icon:
        layout.template_icon(icon_value=icon, scale=THUMBNAIL_SCALE)
    factor = status.done / status.expected if status.expected else 0.0
    text = f"{status.done}/{status.expected}" if status.expected else f"{status.done}"
    layout.progress(factor=min(1.0, factor), text=text)
    row = layout.row()
    row.label(text=iface("{:.0f} frames a second").format(status.rate))
    left = status.left
    if left is not None and status.state == RUNNING:
        minutes, seconds = divmod(round(left), 60)
        row.label(text=iface("{:d}:{:02d} left").format(minutes, seconds))
    session = running.session()
    if session is not None and (session.job.played or session.job.camera >= 0):
        delay = 1000 * live.latency()
        layout.label(text=iface("{:.0f} ms behind the camera").format(delay))
    if status.lost:
        layout.label(text=iface("{:d} without a face").format(status.lost), icon="ERROR")
    layout.operator("mien.stop", icon="CANCEL")


def _wrapped(layout: UILayout, text: str, width: int = 38) -> None:
    line = ""
    column = layout.column(align=True)
    for word in text.split():
        if line and len(line) + len(word) >= width:
            column.label(text=line)
            line = word
        else:
            line = f"{line} {word}".strip()
    column.label(text=line)


CLASSES = (CapturePanel, LivePanel, ReviewPanel, AdjustPanel)


def register() -> None:
    """Add the panels."""
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister() -> None:
    """Take them away."""
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
