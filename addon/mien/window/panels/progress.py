# SPDX-License-Identifier: GPL-3.0-or-later
"""How the capture that runs stands: in the panel, and short in the viewport's header."""

from typing import Any

import bpy
from bpy.types import Context, UILayout

from ...core.modes import Faces, State
from ...worker.job import Status
from ..operators import live
from ..state import capture_session
from ..state.translation import iface

THUMBNAIL_SCALE = 9.0
"""Of an icon, to about a sidebar's width (chosen by eye)."""


def draw(layout: UILayout) -> None:
    """Thumbnail, bar, rates and Cancel of the capture that runs."""
    icon, status = capture_session.icon(), capture_session.status()
    if icon:
        layout.template_icon(icon_value=icon, scale=THUMBNAIL_SCALE)
    session = capture_session.session()
    if session is not None and session.job.live:
        _draw_live(layout, status)
        return
    layout.progress(factor=_share(status), text=_frames(status))
    if status.captured:
        layout.operator("mien.stop", icon="CANCEL")
        return
    row = layout.row()
    row.label(text=iface("{:.0f} frames a second").format(status.rate), translate=False)
    if (left := _left(status)) is not None:
        end = row.row()
        end.alignment = "RIGHT"
        end.label(text=left, translate=False)
    _draw_lost(layout, status)
    layout.operator("mien.stop", icon="CANCEL")


def _draw_live(layout: UILayout, status: Status) -> None:
    head = live.state.head
    if head is None:
        layout.label(text="Looking for a face" if status.done else "Starting the camera")
    else:
        row = layout.row()
        row.label(text=iface("{:.0f} heads a second").format(head.rate), translate=False)
        if head.latency is not None:
            end = row.row()
            end.alignment = "RIGHT"
            late = iface("{:.0f} ms behind").format(1000 * head.latency)
            end.label(text=late, translate=False)
    _draw_lost(layout, status)
    recording = live.state.recording
    row = layout.row(align=True)
    row.scale_y = 1.4
    if recording is None:
        row.operator("mien.record", icon="REC")
    else:
        seconds = iface("Stop Recording ({:.1f} s)").format(live.state.now() - recording)
        row.alert = True
        row.operator("mien.record", text=seconds, icon="SNAP_FACE", translate=False)
    row.operator("mien.stop", text="", icon="X")


def _draw_lost(layout: UILayout, status: Status) -> None:
    if status.lost:
        text = iface("{:d} frames without a face").format(status.lost)
        layout.label(text=text, icon="ERROR", translate=False)


def _share(status: Status) -> float:
    if status.captured:
        return status.refining if status.painting < 0 else status.painting
    return min(1.0, status.done / status.expected) if status.expected else 0.0


def _frames(status: Status) -> str:
    if status.painting >= 0:
        return iface("Painting the skin of every frame")
    if status.refining >= 0:
        return iface("Refining on the footage")
    if not status.done:
        return iface("Starting")
    return f"{status.done} / {status.expected}" if status.expected else f"{status.done}"


def _left(status: Status) -> str | None:
    if status.left is None or status.state != State.RUNNING:
        return None
    minutes, seconds = divmod(round(status.left), 60)
    return iface("{:d}:{:02d} left").format(minutes, seconds)


def _in_header(header: Any, _: Context) -> None:
    session = capture_session.session()
    if session is None or session.job.faces == Faces.LOOK:
        return
    row = header.layout.row(align=True)
    status = capture_session.status()
    if not session.job.live:
        row.progress(factor=_share(status), text=_frames(status))
    row.operator("mien.stop", text="", icon="X")


def register() -> None:
    """Show it in the header as well."""
    bpy.types.VIEW3D_HT_header.append(_in_header)


def unregister() -> None:
    """Take it away."""
    bpy.types.VIEW3D_HT_header.remove(_in_header)
