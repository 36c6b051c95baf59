# SPDX-License-Identifier: GPL-3.0-or-later
"""How a captured scene looks: colours of the actor, light, footage behind and over the head."""

from dataclasses import replace
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS
from mien.core.solve.motion import Motion, solve_take
from mien.scene.build import Built, build_scene
from mien.scene.camera import fade_head
from mien.scene.timing import Keying

from tests.conftest import made_take
from tests.mp4 import retime, ticks_per_second, write_video


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, 40))


def test_the_footage_can_be_seen_through_the_head(
    scene: bpy.types.Scene, head: Head, motion: Motion, clip: Path
) -> None:
    camera = build_scene(scene, motion, head, clip).camera
    back, front = camera.data.background_images
    assert (front.display_depth, front.show_background_image) == ("FRONT", False)
    assert front.image == back.image
    assert front.image_user.frame_duration == back.image_user.frame_duration
    fade_head(camera, 0.4)
    assert (back.alpha, front.alpha) == (1.0, pytest.approx(0.4))
    assert front.show_background_image


def test_skin_and_hair_take_their_colours_from_the_footage(
    scene: bpy.types.Scene, head: Head, motion: Motion, tmp_path: Path
) -> None:
    folder = tmp_path / "brown"
    folder.mkdir()
    for number in range(3):
        picture = np.full((480, 640, 3), (60, 90, 150), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    own = build_scene(scene, motion, head).mesh
    toned = build_scene(scene, motion, head, folder).mesh
    skin, hair, teeth = (REGIONS.index(n) for n in ("skin", "hair", "teeth"))
    for region in (skin, hair):
        colour = np.array(toned.data.materials[region].diffuse_color[:3])
        assert np.allclose(colour / colour[0], np.array([0.305, 0.102, 0.045]) / 0.305, atol=0.05)
        assert own.data.materials[region] != toned.data.materials[region]
    assert own.data.materials[teeth] == toned.data.materials[teeth]


def test_a_scene_gets_light_and_a_world_where_it_has_none(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    built = build_scene(scene, motion, head)
    lights = [o for o in built.collection.objects if o.type == "LIGHT"]
    assert len(lights) == 3
    assert scene.world is not None
    build_scene(scene, motion, head)  # a second head has them already
    assert len([o for o in scene.objects if o.type == "LIGHT"]) == 3


def test_light_and_world_of_a_scene_are_kept(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    lamp = bpy.data.objects.new("Own", bpy.data.lights.new("Own", "POINT"))
    scene.collection.objects.link(lamp)
    scene.world = own = bpy.data.worlds.new("Own")
    build_scene(scene, motion, head)
    assert [o for o in scene.objects if o.type == "LIGHT"] == [lamp]
    assert scene.world == own
    assert len(bpy.data.worlds) == 1


def test_a_render_shows_the_face_where_the_footage_has_it(
    scene: bpy.types.Scene, head: Head, motion: Motion, tmp_path: Path
) -> None:
    build_scene(scene, motion, head)
    scene.frame_set(20)
    render = scene.render
    render.engine, render.resolution_percentage = "CYCLES", 20
    scene.cycles.samples, scene.cycles.use_denoising = 2, False
    render.filepath = str(tmp_path / "face.png")
    bpy.ops.render.render(write_still=True)
    picture = cv2.imread(render.filepath).astype(float)
    x, y = (motion.position[19] * 0.2).astype(int)
    face, corner = picture[y - 3 : y + 4, x - 3 : x + 4], picture[:5, :5]
    assert face.mean() > 60
    assert face[..., 2].mean() > face[..., 0].mean() + 10  # skin, not the grey world
    assert abs(corner[..., 2].mean() - corner[..., 0].mean()) < 25


def test_a_render_keeps_the_rows_of_teeth_as_large_as_they_are(
    scene: bpy.types.Scene, head: Head, motion: Motion
) -> None:
    mesh = build_scene(scene, motion, head).mesh
    teeth = REGIONS.index("teeth")

    def height() -> float:
        final = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        faces = [p for p in final.polygons if p.material_index == teeth]
        return float(np.ptp([final.vertices[v].co.z for p in faces for v in p.vertices]))

    before = height()
    mesh.modifiers["Smooth"].show_viewport = True
    assert height() == pytest.approx(before, rel=0.02)


def picture_shown(built: Built, frame: float) -> int:
    """Number from 0 of the film's picture that Blender shows at a scene frame."""
    bpy.context.scene.frame_set(int(frame), subframe=frame % 1)
    graph = bpy.context.evaluated_depsgraph_get()
    user = built.camera.evaluated_get(graph).data.background_images[0].image_user
    return int(frame) - user.frame_start + user.frame_offset


@pytest.mark.parametrize("rate", [12, 24, 25, 50, 60])
@pytest.mark.parametrize("start", [1.0, 37.0])
def test_the_picture_behind_is_that_of_the_time(
    scene: bpy.types.Scene, head: Head, motion: Motion, tmp_path: Path, rate: int, start: float
) -> None:
    # A film of variable rate: Blender numbers its pictures by time, at its shortest gap.
    path = write_video(tmp_path / "a.mp4", 30, fps=25)
    tick = ticks_per_second(path) // 50
    retime(path, [(10, tick), (10, 5 * tick), (10, 2 * tick)])
    scene.render.fps = rate
    built = build_scene(scene, motion, head, path, match=False, keying=Keying(start=start))
    for frame in range(int(start), int(start) + 60):
        time = (frame - start) / rate
        assert picture_shown(built, frame) == pytest.approx(np.floor(time * 50 + 0.03), abs=1e-6)


def test_a_sequence_may_begin_at_any_number(
    scene: bpy.types.Scene, head: Head, motion: Motion, tmp_path: Path
) -> None:
    for number in range(1001, 1005):
        cv2.imwrite(str(tmp_path / f"f_{number}.png"), np.zeros((48, 64, 3), np.uint8))
    built = build_scene(scene, replace(motion, fps=24.0), head, tmp_path)
    user = built.camera.data.background_images[0].image_user
    assert user.frame_start + user.frame_offset == 1001  # the file on the first frame
    assert built.camera.data.background_images[0].image.source == "SEQUENCE"
