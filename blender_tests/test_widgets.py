# SPDX-License-Identifier: GPL-3.0-or-later
import bpy
import numpy as np
import pytest
from mathutils import Vector
from mien.core.model.eyeballs import eye_centres
from mien.core.model.head import Head
from mien.core.solve.motion import Motion, solve_take
from mien.scene.axes import points_to_scene
from mien.scene.build import Built, build_scene
from mien.scene.rig import BONE, EYES
from mien.scene.widgets import RING, remove_unused_ring

from tests.conftest import made_take


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, 10))


@pytest.fixture
def built(scene: bpy.types.Scene, head: Head, motion: Motion) -> Built:
    return build_scene(scene, motion, head)


def drawn(rig: bpy.types.Object, name: str) -> np.ndarray:
    """Where Blender draws a bone's widget at rest, ``(k, 3)`` in the armature."""
    posed, rest = rig.pose.bones[name], rig.data.bones[name]
    assert not posed.use_custom_shape_bone_size
    scale = Vector(posed.custom_shape_scale_xyz)
    shift = Vector(posed.custom_shape_translation)
    places = [rest.matrix_local @ (v.co * scale + shift) for v in posed.custom_shape.data.vertices]
    return np.array(places)


def test_the_halo_hangs_over_the_crown(built: Built, head: Head, motion: Motion) -> None:
    shape = points_to_scene(head.shape(motion.identity, np.zeros(10, np.float32)))
    halo = drawn(built.rig, BONE)
    assert np.ptp(halo[:, 2]) < 1e-5
    assert 0.005 < halo[:, 2].mean() - shape[:, 2].max() < 0.03
    assert abs(halo[:, 0].mean()) < 1e-5
    assert shape[:, 1].min() < halo[:, 1].min() < halo[:, 1].max() < shape[:, 1].max()


def test_a_ring_lies_before_each_eye_and_about_it(built: Built, head: Head, motion: Motion) -> None:
    for name, centre in zip(EYES, points_to_scene(eye_centres(head, motion.identity)), strict=True):
        ring = drawn(built.rig, name)
        assert np.allclose(ring.mean(axis=0)[[0, 2]], centre[[0, 2]], atol=1e-4)
        assert ring[:, 1].max() < centre[1] - 0.02
        away = np.linalg.norm((ring - ring.mean(axis=0))[:, [0, 2]], axis=1)
        assert away.min() > 0.012  # wider than the iris, so that the gaze shows


def test_two_heads_share_a_ring_that_is_in_no_scene(
    scene: bpy.types.Scene, head: Head, motion: Motion, built: Built
) -> None:
    other = build_scene(scene, motion, head)
    shapes = {bone.custom_shape for rig in (built.rig, other.rig) for bone in rig.pose.bones}
    assert [shape.name for shape in shapes] == [RING]
    assert not bpy.data.objects[RING].users_collection
    assert RING not in scene.objects


def test_an_object_of_that_name_in_the_scene_is_left_alone(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    own = bpy.data.objects.new(RING, bpy.data.meshes.new("mine"))
    scene.collection.objects.link(own)
    rig = build_scene(scene, motion, head).rig
    assert rig.pose.bones[BONE].custom_shape != own
    assert len(rig.pose.bones[BONE].custom_shape.data.vertices) > 8


def test_the_ring_goes_with_the_last_head(built: Built) -> None:
    remove_unused_ring()
    assert RING in bpy.data.objects
    bpy.data.objects.remove(built.rig)
    remove_unused_ring()
    assert RING not in bpy.data.objects
    assert RING not in bpy.data.meshes
    remove_unused_ring()
