# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: footage with two faces, one picked by a click, or both captured."""

import bpy
import numpy as np
from window_hands import (
    PAIR,
    Steps,
    area_of,
    captured,
    choose,
    fresh,
    heads,
    over,
    picture,
    press,
    region_of,
    room,
    until,
    use,
)


def wait_for_the_picture() -> Steps:
    """Until the first frame is shown."""
    open_ones = room("window.overlay.picture")._open
    yield from until(lambda: bool(open_ones), 20)
    yield 0.5


def place_of(rig: object) -> np.ndarray:
    """Where a head is in the footage in the first frame, as shares from the upper left."""
    take, _ = room("window.state.heads").take_of(rig)
    return take.boxes[0, :2] / [take.info.width, take.info.height]


def a_face_is_picked_by_a_click() -> Steps:
    yield from fresh()
    choose(PAIR)
    assert use(bpy.ops.mien.pick_face) == {"RUNNING_MODAL"}
    yield from wait_for_the_picture()
    press("LEFTMOUSE", 0.02, 0.02)  # beside the faces: nothing happens
    yield 0.3
    assert bpy.context.scene.mien.faces == "largest"
    drawn = room("window.overlay.picture")._open[0]
    region = region_of(area_of("VIEW_3D"))
    boxes = drawn._outlines(region)
    assert len(boxes) == 2
    left, low, right, high = max(boxes)
    across, up = (left + right) / 2 / region.width, (low + high) / 2 / region.height
    over(across, up)
    yield 0.4
    picture("picking")
    press("LEFTMOUSE", across, up)
    yield 0.4
    settings = bpy.context.scene.mien
    assert settings.faces == "at"
    assert settings.place[0] > 0.5
    assert not room("window.overlay.picture")._open
    yield from captured()
    (rig,) = heads()
    assert place_of(rig)[0] > 0.5


def esc_leaves_picking() -> Steps:
    before = bpy.context.scene.mien.faces
    use(bpy.ops.mien.pick_face)
    yield 0.2
    press("ESC")
    yield 0.5
    assert not room("window.state.capture_session").busy()
    assert bpy.context.scene.mien.faces == before


def all_faces_become_heads_before_one_camera() -> Steps:
    yield from fresh()
    choose(PAIR, faces="all")
    yield from captured()
    rigs = heads()
    assert len(rigs) == 2
    sides = sorted(place_of(r)[0] for r in rigs)
    assert sides[0] < 0.5 < sides[1]
    for rig in rigs:  # nobody becomes the other
        take, _ = room("window.state.heads").take_of(rig)
        across = take.boxes[take.found, 0] / take.info.width
        assert len(set(across > 0.5)) == 1
    assert len([o for o in bpy.data.objects if o.type == "CAMERA"]) == 1
    bpy.context.scene.frame_set(30)
    yield 0.8
    picture("two_faces")
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()


STEPS = (a_face_is_picked_by_a_click, esc_leaves_picking, all_faces_become_heads_before_one_camera)
