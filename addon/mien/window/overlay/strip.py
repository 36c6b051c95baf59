# SPDX-License-Identifier: GPL-3.0-or-later
"""The confidence of a take as a coloured strip: along the viewport's foot, and in the timeline."""

from typing import Any

import blf
import gpu
import numpy as np
from bpy.types import Context, Object
from numpy.typing import NDArray

from ...core.take.take import Take
from ...scene.typed import present, scene_of
from ..state.translation import iface
from ..state.typed import interface_scale
from . import shapes

HEIGHT, BOTTOM, MARGIN = 8.0, 26.0, 24.0
TIMELINE_HEIGHT = 5.0
"""Pixels at the usual size of the interface; the timeline's strip lies at its foot."""
SURE: shapes.Colour = (0.35, 0.75, 0.40, 0.85)
UNSURE: shapes.Colour = (0.90, 0.75, 0.25, 0.9)
LOST: shapes.Colour = (0.85, 0.25, 0.22, 0.95)
NOW: shapes.Colour = (1.0, 1.0, 1.0, 1.0)
"""Colours of frames that are surely seen, unsurely, not at all, and of the present one: a traffic light, chosen by
eye."""
DOUBT = 0.8
"""Below this confidence a frame is drawn as unsure."""


def kinds_of(take: Take) -> NDArray[np.intp]:
    """Of each frame ``(F,)``: 0 sure, 1 unsure, 2 lost."""
    return np.where(~take.found, 2, np.where(take.confidence < DOUBT, 1, 0))


def runs_of(kinds: NDArray[np.intp], kind: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First frame, and frame after the last, of each run of frames of one kind."""
    inside = np.concatenate([[False], kinds == kind, [False]]).astype(int)
    steps = np.diff(inside)
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def draw_in_viewport(context: Context, rig: Object, take: Take) -> None:
    """The whole take along the foot of a viewport, with the present frame and its confidence."""
    from ..state import heads

    scene, scale = scene_of(context), interface_scale()
    frames = heads.frames_of_take(rig, scene, take)
    width = shapes.free_width(context.area, context.region)
    left, right = MARGIN * scale, width - MARGIN * scale
    first, last = float(frames[0]), float(max(frames[-1], frames[0] + 1))

    def across(frame: Any) -> Any:
        return left + (frame - first) / (last - first) * (right - left)

    low, high = BOTTOM * scale, (BOTTOM + HEIGHT) * scale
    _strip(take, across(_edges(frames)), low, high)
    now = across(scene.frame_current_final)
    if left <= now <= right:
        shapes.bars(np.array([now - scale]), np.array([now + scale]), low - 4, high + 4, NOW)
    here = heads.row_now(rig, scene, take)
    sure = f"{take.confidence[here]:.2f}" if take.found[here] else "-"
    blf.size(0, 11.0 * scale)
    blf.color(0, 1, 1, 1, 0.9)
    blf.position(0, left, high + 6 * scale, 0)
    blf.draw(0, f"{iface('Confidence')} {sure}")


def draw_in_timeline(context: Context, rig: Object, take: Take) -> None:
    """The take on the time axis of a timeline or dope sheet, at its foot."""
    from ..state import heads

    region, scale = present(context.region), interface_scale()
    edges = _edges(heads.frames_of_take(rig, scene_of(context), take))
    zero = region.view2d.view_to_region(0, 0, clip=False)[0]
    unit = (region.view2d.view_to_region(1000, 0, clip=False)[0] - zero) / 1000
    _strip(take, zero + edges * unit, 0, TIMELINE_HEIGHT * scale)


def _edges(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each frame ends and the next begins, ``(F + 1,)``."""
    step = float(np.median(np.diff(frames))) if len(frames) > 1 else 1.0
    return np.concatenate([frames[:1] - step / 2, frames + step / 2])


def _strip(take: Take, edges: NDArray[np.float64], low: float, high: float) -> None:
    kinds = kinds_of(take)
    gpu.state.blend_set("ALPHA")
    for kind, colour in enumerate((SURE, UNSURE, LOST)):
        starts, ends = runs_of(kinds, kind)
        # A single lost frame of a long take is still to be seen.
        shapes.bars(edges[starts], np.maximum(edges[ends], edges[starts] + 1), low, high, colour)
    gpu.state.blend_set("NONE")
