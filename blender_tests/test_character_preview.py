# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview of a character that is not ours."""

import bpy
import cv2
import numpy as np
import pytest
from mien.avatar.painting import CharacterPainter
from mien.avatar.retarget_file import retarget
from mien.core.errors import AvatarError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.performance.performance import Performance
from mien.scene.timing import Keying

COUNT, SIDE = 9, 360
UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture
def ball(scene: bpy.types.Scene) -> bpy.types.Object:
    """A red ball at head height, whose lower half opens as a jaw, on a tall still post."""
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.1, location=(0, 0, 1.5))
    ball = bpy.context.object
    bpy.ops.mesh.primitive_cube_add(size=0.1, location=(0, 0, 0.4))
    post = bpy.context.object
    post.scale[2] = 8
    post.parent = ball
    post.matrix_parent_inverse = ball.matrix_world.inverted()
    material = bpy.data.materials.new("Red")
    material.diffuse_color = (0.8, 0.02, 0.02, 1)
    ball.data.materials.append(material)
    ball.shape_key_add(name="Basis")
    for name in ARKIT_BLENDSHAPES:
        ball.shape_key_add(name=name).value = 0
    key = ball.data.shape_keys.key_blocks["jawOpen"]
    for point, vertex in zip(key.data, ball.data.vertices, strict=True):
        point.co = np.array(vertex.co) - 0.06 * (vertex.co.z < -0.02) * UP
    return ball


def opening() -> Performance:
    """Every frame a little wider open."""
    weights = np.zeros((COUNT, len(ARKIT_BLENDSHAPES)), np.float32)
    weights[:, ARKIT_BLENDSHAPES.index("jawOpen")] = np.linspace(0, 1, COUNT)
    return Performance(
        times=np.arange(COUNT) / 24.0, blendshapes=weights,
        rotation=np.tile(np.array([[1, 0, 0, 0]], np.float32), (COUNT, 1)),
        translation=np.zeros((COUNT, 3), np.float32), eyes=np.zeros((COUNT, 2, 2), np.float32),
        confidence=np.ones(COUNT, np.float32), seen=np.ones(len(ARKIT_BLENDSHAPES), np.float32), fps=24.0,
    )  # fmt: skip


def red(panel: np.ndarray) -> np.ndarray:
    return (panel[..., 2] > 100) & (panel[..., 1] < 80)


@pytest.mark.parametrize("start", [None, 40.0])
def test_the_face_fills_the_panel_and_moves(
    scene: bpy.types.Scene, ball: bpy.types.Object, start: float | None
) -> None:
    keying, performance = Keying(start=start), opening()
    retarget(scene, performance, ball.name, keying=keying, head=False)
    painter = CharacterPainter(scene, ball.name, performance.times, keying)
    first, last = (red(painter.panel(row, SIDE)) for row in (0, COUNT - 1))
    rows = [np.flatnonzero(p.any(axis=1)) for p in (first, last)]
    assert np.ptp(rows[0]) > 0.4 * SIDE  # the ball, not the post, says how large
    assert rows[1].max() > rows[0].max() + 0.12 * SIDE
    assert abs(rows[1].min() - rows[0].min()) <= 1
    columns = np.flatnonzero(first.any(axis=0))
    assert abs(columns.mean() - SIDE / 2) < 8  # it is lit from one side


def test_a_picture_of_the_character_is_shown(
    scene: bpy.types.Scene, ball: bpy.types.Object
) -> None:
    image = bpy.data.images.new("Green", 16, 16)
    image.pixels[:] = [0.1, 0.9, 0.1, 1.0] * 256
    material = ball.data.materials[0]
    material.use_nodes = True
    tree = material.node_tree
    drawn = tree.nodes.new("ShaderNodeTexImage")
    drawn.image = image
    shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    tree.links.new(drawn.outputs["Color"], shader.inputs["Base Color"])
    performance = opening()
    retarget(scene, performance, ball.name, head=False)
    panel = CharacterPainter(scene, ball.name, performance.times, Keying()).panel(0, SIDE)
    hue = cv2.cvtColor(panel, cv2.COLOR_BGR2HSV)[SIDE // 3, SIDE // 2]
    assert abs(int(hue[0]) - 60) < 5
    assert hue[1] > 150


def test_what_is_no_character_is_named(scene: bpy.types.Scene) -> None:
    with pytest.raises(AvatarError, match="no object 'Nobody'"):
        CharacterPainter(scene, "Nobody", np.zeros(1), Keying())
