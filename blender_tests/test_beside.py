# SPDX-License-Identifier: GPL-3.0-or-later
"""Several heads before one camera, and keys that stay where the footage was put."""

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mien.core.model.head import Head
from mien.core.solve.motion import Motion, solve_take
from mien.scene.action import curves_of
from mien.scene.build import build_scene
from mien.scene.keying import key_motion
from mien.scene.timing import Keying

from tests.conftest import made_take


def moved(head: Head, right: float) -> Motion:
    """Motion of a face that is further right in the picture by so many pixels."""
    take = made_take(head, 12)
    take.boxes[:, 0] += right
    return solve_take(take)


def test_two_heads_stand_before_one_camera_where_the_footage_shows_them(
    scene: bpy.types.Scene, head: Head
) -> None:
    first = build_scene(scene, moved(head, 0), head)
    second = build_scene(scene, moved(head, 90), head, match=False, beside=first)
    assert second.camera == first.camera
    assert [o for o in scene.objects if o.type == "CAMERA"] == [first.camera]
    scene.frame_set(5)
    across = []
    for built in (first, second):
        bone = built.rig.pose.bones["head"]
        place = built.rig.matrix_world @ bone.head
        across.append(world_to_camera_view(scene, built.camera, place)[0])
    assert np.isclose((across[1] - across[0]) * scene.render.resolution_x, 90, atol=2)


def test_keys_stay_when_the_scene_begins_elsewhere(scene: bpy.types.Scene, head: Head) -> None:
    motion = moved(head, 0)
    built = build_scene(scene, motion, head)
    scene.frame_start = 101
    key_motion(scene, motion, built.mesh, built.rig, built.stand, Keying(start=1.0))
    for curve in curves_of(built.rig):
        assert np.isclose(curve.keyframe_points[0].co.x, 1)
