# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS
from mien.core.modes import KeySet, Timing
from mien.core.solve.motion import Motion, solve_take
from mien.core.solve.reconstruct import take_landmarks
from mien.core.take.take import Take
from mien.scene.action import curves_of
from mien.scene.build import Built, build_scene
from mien.scene.keying import key_motion
from mien.scene.timing import Keying

from tests.conftest import made_take


@pytest.fixture
def take(head: Head) -> Take:
    return made_take(head, 40, lost=(11, 12))


@pytest.fixture
def motion(take: Take) -> Motion:
    return solve_take(take)


@pytest.fixture
def built(scene: bpy.types.Scene, head: Head, motion: Motion) -> Built:
    return build_scene(scene, motion, head)


def curve(block: bpy.types.ID, path: str, index: int = 0) -> bpy.types.FCurve:
    return next(c for c in curves_of(block) if c.data_path == path and c.array_index == index)


def landmarks_in_view(scene: bpy.types.Scene, built: Built, head: Head) -> np.ndarray:
    """The skin at the 68 landmarks of the drawn mesh, in pixels of the camera's picture."""
    final = built.mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(len(final.data.vertices) * 3, np.float32)
    final.data.vertices.foreach_get("co", points)
    marks = np.einsum(
        "lc,lcx->lx", head.landmark_weights, points.reshape(-1, 3)[head.landmark_corners]
    )
    world = [final.matrix_world @ Vector(m) for m in marks]
    seen = np.array([world_to_camera_view(scene, built.camera, w)[:2] for w in world])
    size = np.array([scene.render.resolution_x, scene.render.resolution_y])
    return np.array([0, size[1]]) + seen * size * [1, -1] - 0.5


def test_the_bones_are_those_of_head_and_eyes_and_move_the_mesh(built: Built) -> None:
    assert [b.name for b in built.rig.data.bones] == ["head", "eye_left", "eye_right"]
    assert built.mesh.modifiers[0].object == built.rig
    assert built.mesh.parent == built.rig


def test_every_frame_is_keyed_once(built: Built, motion: Motion) -> None:
    rig, keys = curves_of(built.rig), curves_of(built.mesh.data.shape_keys)
    assert len(rig) == 15
    assert len(keys) == 10 + 52
    for one in [*rig, *keys]:
        frames = [p.co.x for p in one.keyframe_points]
        assert np.allclose(frames, 1 + np.arange(40), atol=1e-3)


def test_rig_and_keys_share_an_action_where_blender_has_slots(built: Built) -> None:
    actions = {
        built.rig.animation_data.action, built.mesh.data.shape_keys.animation_data.action
    }  # fmt: skip
    assert len(actions) == (1 if bpy.app.version >= (4, 4, 0) else 2)


def test_expressions_are_the_captured_ones(built: Built, motion: Motion) -> None:
    one = curve(built.mesh.data.shape_keys, 'key_blocks["expression_03"].value')
    values = [one.evaluate(1 + i) for i in range(40)]
    assert np.allclose(values, motion.expression[:, 3], atol=1e-5)


def test_the_weights_are_keyed_and_act_while_the_components_are_muted(
    built: Built, motion: Motion
) -> None:
    keys = built.mesh.data.shape_keys
    values = [curve(keys, 'key_blocks["jawOpen"].value').evaluate(1 + i) for i in range(40)]
    jaw = motion.blendshapes[:, ARKIT_BLENDSHAPES.index("jawOpen")]
    assert np.ptp(jaw) > 0.01
    assert np.allclose(values, jaw, atol=1e-5)
    muted = {k.name for k in keys.key_blocks if k.mute}
    assert muted == {f"expression_{i:02d}" for i in range(10)}


def test_one_switch_turns_round_which_keys_act(
    scene: bpy.types.Scene, head: Head, motion: Motion, built: Built
) -> None:
    other = build_scene(scene, motion, head, match=False, keying=Keying(keys=KeySet.COMPONENTS))
    muted = {k.name for k in other.mesh.data.shape_keys.key_blocks if k.mute}
    assert muted == set(ARKIT_BLENDSHAPES)
    key_motion(scene, motion, other.mesh, other.rig, other.stand, Keying(keys=KeySet.BLENDSHAPES))
    assert not other.mesh.data.shape_keys.key_blocks["jawOpen"].mute
    assert frames_keyed(other) == frames_keyed(built)


def test_identity_is_held(built: Built, motion: Motion) -> None:
    blocks = built.mesh.data.shape_keys.key_blocks
    values = [blocks[f"identity_{i:02d}"].value for i in range(40)]
    assert np.allclose(values, motion.identity, atol=1e-5)
    assert not [c for c in curves_of(built.mesh.data.shape_keys) if "identity" in c.data_path]


@pytest.mark.parametrize("frame", [1, 15, 40])
def test_the_camera_sees_the_landmarks_where_the_footage_shows_them(
    scene: bpy.types.Scene, head: Head, take: Take, frame: int
) -> None:
    motion = solve_take(take)
    built = build_scene(scene, motion, head, keying=Keying(keys=KeySet.COMPONENTS))
    scene.frame_set(frame)
    steady = replace(take, params=take.params.copy())
    steady.params[:, 12:52] = motion.identity
    on_skin = replace(head, landmark_offsets=np.zeros((68, 3), np.float32))
    wanted = take_landmarks(steady, on_skin)[frame - 1, :, :2]
    seen = landmarks_in_view(scene, built, head)
    size = np.sqrt(np.prod(np.ptp(wanted, axis=0)))
    away = np.linalg.norm(seen - wanted, axis=1) / size
    assert away.mean() < 0.02  # what a long lens keeps of perspective
    assert away.max() < 0.06


def test_the_bone_never_flips(built: Built) -> None:
    path = 'pose.bones["head"].rotation_quaternion'
    turns = np.array(
        [[p.co.y for p in curve(built.rig, path, i).keyframe_points] for i in range(4)]
    )
    assert (np.einsum("if,if->f", turns[:, 1:], turns[:, :-1]) > 0.9).all()


def test_keys_lie_at_their_times_in_a_scene_of_another_rate(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.0
    scene.frame_start, scene.frame_end = 10, 20
    built = build_scene(scene, motion, head, match=False)
    frames = [p.co.x for p in curves_of(built.rig)[0].keyframe_points]
    assert np.allclose(frames, 10 + motion.times * 24, atol=1e-3)
    assert (scene.frame_start, scene.frame_end, scene.camera) == (10, 20, None)


def test_the_scene_follows_the_footage(scene: bpy.types.Scene, head: Head, motion: Motion) -> None:
    ntsc = replace(motion, fps=30000 / 1001, times=np.arange(40) * 1001 / 30000)
    built = build_scene(scene, ntsc, head)
    assert np.isclose(scene.render.fps / scene.render.fps_base, 30000 / 1001, atol=1e-4)
    assert (scene.render.resolution_x, scene.render.resolution_y) == (640, 480)
    assert scene.frame_end == 40
    assert scene.camera == built.camera
    frames = [p.co.x for p in curves_of(built.rig)[0].keyframe_points]
    assert np.allclose(frames, np.round(frames), atol=2e-3)


def test_upright_footage_is_seen_in_place(scene: bpy.types.Scene, head: Head, take: Take) -> None:
    tall = replace(take, info=replace(take.info, width=480, height=800))
    built = build_scene(scene, solve_take(tall), head)
    scene.frame_set(20)
    seen = landmarks_in_view(scene, built, head)
    assert np.abs(seen.mean(axis=0) - take_landmarks(take, head)[19, :, :2].mean(axis=0)).max() < 3


def test_a_second_capture_stands_beside_the_first(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    first = build_scene(scene, motion, head)
    second = build_scene(scene, motion, head, match=False)
    assert first.mesh != second.mesh
    assert len(bpy.data.materials) == len(REGIONS)
    assert len(curves_of(first.rig)) == len(curves_of(second.rig)) == 15


def test_an_error_leaves_the_file_as_it_was(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    def counts() -> dict[str, int]:
        kinds = ("objects", "meshes", "armatures", "actions", "cameras", "materials", "collections")
        return {kind: len(getattr(bpy.data, kind)) for kind in kinds}

    before = counts()
    broken = replace(motion, expression=motion.expression[:5])
    with pytest.raises((ValueError, IndexError)):
        build_scene(scene, broken, head)
    assert counts() == before


def test_a_minute_is_keyed_without_a_curve_left_unsorted(
    scene: bpy.types.Scene, head: Head
) -> None:
    built = build_scene(scene, solve_take(made_take(head, 1800)), head)
    for one in curves_of(built.mesh.data.shape_keys):
        frames = np.array([p.co.x for p in one.keyframe_points])
        assert len(frames) == 1800
        assert (np.diff(frames) > 0).all()


def frames_keyed(built: Built) -> list[int]:
    return [len(c.keyframe_points) for c in curves_of(built.mesh.data.shape_keys)]


def test_keying_again_replaces_and_leaves_other_channels(
    scene: bpy.types.Scene, head: Head, motion: Motion, built: Built
) -> None:
    built.rig.keyframe_insert("scale", index=0, frame=3)
    before = built.rig.animation_data.action
    key_motion(scene, replace(motion, expression=motion.expression * 0), built.mesh, built.rig)
    assert built.rig.animation_data.action == before
    one = curve(built.mesh.data.shape_keys, 'key_blocks["expression_03"].value')
    assert len(one.keyframe_points) == 40
    assert one.evaluate(20) == 0
    assert curve(built.rig, "scale").keyframe_points[0].co.x == 3
    assert len(curves_of(built.rig)) == 16


@pytest.mark.parametrize(("said", "played"), [(8.0, 8.0), (12.0, 10.0)])
def test_a_component_far_out_is_keyed_as_far_as_a_slider_goes(
    scene: bpy.types.Scene, head: Head, motion: Motion, built: Built, said: float, played: float
) -> None:
    shape_keys = built.mesh.data.shape_keys
    block = shape_keys.key_blocks["expression_06"]
    block.slider_min, block.slider_max = -5, 5  # as in older files
    far = motion.expression.copy()
    far[10:20, 6] = said
    key_motion(scene, replace(motion, expression=far), built.mesh, built.rig)
    assert curve(shape_keys, 'key_blocks["expression_06"].value').evaluate(15) == played
    scene.frame_set(15)
    assert block.value == pytest.approx(played)


def test_every_third_frame(scene: bpy.types.Scene, head: Head, motion: Motion) -> None:
    built = build_scene(scene, motion, head, keying=Keying(step=3))
    assert set(frames_keyed(built)) == {14}


def test_fewer_keys_within_a_tolerance(scene: bpy.types.Scene, head: Head, motion: Motion) -> None:
    built = build_scene(scene, motion, head, keying=Keying(tolerance=0.5))
    assert max(frames_keyed(built)) < 40
    for index in range(10):
        one = curve(built.mesh.data.shape_keys, f'key_blocks["expression_{index:02d}"].value')
        values = np.array([one.evaluate(1 + i) for i in range(40)])
        assert np.abs(values - motion.expression[:, index]).max() < 0.51


@pytest.mark.parametrize(
    ("timing", "wanted"),
    [
        (Timing.WHOLE, np.arange(1, 33)),
        (Timing.ONE_BY_ONE, np.arange(1, 41)),
        (Timing.TIMES, 1 + np.arange(40) * 0.8),
    ],
)
def test_how_footage_of_30_maps_to_a_scene_of_24(
    scene: bpy.types.Scene, head: Head, motion: Motion, timing: str, wanted: np.ndarray
) -> None:
    scene.render.fps, scene.render.fps_base = 24, 1.0
    built = build_scene(scene, motion, head, match=False, keying=Keying(timing))
    frames = [p.co.x for p in curves_of(built.rig)[0].keyframe_points]
    assert np.allclose(frames, wanted, atol=1e-3)
