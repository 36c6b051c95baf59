# SPDX-License-Identifier: GPL-3.0-or-later
import bpy
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS, shown_head, without_gaze
from mien.core.modes import KeySet
from mien.scene.axes import points_to_scene
from mien.scene.mesh import build_mesh, let_act, set_identity


@pytest.fixture
def thing(scene: bpy.types.Scene, head: Head) -> bpy.types.Object:
    made = build_mesh(head, "Head")
    scene.collection.objects.link(made)
    return made


def evaluated(thing: bpy.types.Object) -> np.ndarray:
    """World positions of the vertices as they are drawn."""
    bpy.context.view_layer.update()
    final = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    out = np.empty(len(final.data.vertices) * 3, np.float32)
    final.data.vertices.foreach_get("co", out)
    return out.reshape(-1, 3) @ np.array(thing.matrix_world.to_3x3()).T


def test_faces_uvs_and_materials_arrive(thing: bpy.types.Object, head: Head) -> None:
    mesh, shown = thing.data, shown_head(head)
    assert len(mesh.vertices) == len(shown.vertices)
    assert [tuple(p.vertices) for p in mesh.polygons] == [tuple(f[f >= 0]) for f in shown.faces]
    assert [m.name for m in mesh.materials] == [f"Mien {region.title()}" for region in REGIONS]
    assert np.array_equal([p.material_index for p in mesh.polygons], shown.regions)
    uvs = np.empty(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers.active.data.foreach_get("uv", uvs)
    assert np.allclose(uvs, shown.uvs[shown.faces >= 0].ravel())
    assert not mesh.validate()


def test_pictures_are_inside_the_file_and_take_the_actors_tone(
    scene: bpy.types.Scene, head: Head
) -> None:
    tone = (0.5, 0.3, 0.2)
    skin = build_mesh(head, "Head", {"skin": tone}).data.materials[REGIONS.index("skin")]
    image = next(n.image for n in skin.node_tree.nodes if n.type == "TEX_IMAGE")
    assert image.packed_file is not None
    assert tuple(image.size) == (2048, 2048)
    shown = shown_head(head)
    at = shown.uvs[shown.regions == REGIONS.index("skin")].reshape(-1, 2)
    pixels = np.array(image.pixels).reshape(2048, 2048, 4)
    seen = pixels[(at[:, 1] * 2047).astype(int), (at[:, 0] * 2047).astype(int), :3]
    assert np.allclose(np.median(seen, axis=0), tone, atol=0.08)


def test_the_keys_have_their_names_and_nothing_is_keyed_in_at_rest(
    thing: bpy.types.Object, head: Head
) -> None:
    names = [k.name for k in thing.data.shape_keys.key_blocks]
    assert names[0] == "Basis"
    assert names[1:41] == [f"identity_{i:02d}" for i in range(40)]
    assert names[41:51] == [f"expression_{i:02d}" for i in range(10)]
    assert names[51:] == list(ARKIT_BLENDSHAPES)
    assert np.allclose(evaluated(thing), points_to_scene(shown_head(head).vertices), atol=1e-6)


def test_the_keys_are_the_model(thing: bpy.types.Object, head: Head) -> None:
    rng = np.random.default_rng(0)
    identity = rng.normal(size=40).astype(np.float32)
    expression = rng.normal(size=10).astype(np.float32)
    set_identity(thing, identity)
    let_act(thing, KeySet.COMPONENTS)
    for index, value in enumerate(expression):
        thing.data.shape_keys.key_blocks[f"expression_{index:02d}"].value = float(value)
    wanted = points_to_scene(shown_head(head).shape(head.shape(identity, expression)))
    assert np.abs(evaluated(thing) - wanted).max() < 1e-5


def test_the_units_are_the_model_but_for_the_eyeballs(thing: bpy.types.Object, head: Head) -> None:
    weights = np.random.default_rng(1).uniform(0, 1, 52).astype(np.float32)
    for name, value in zip(ARKIT_BLENDSHAPES, weights, strict=True):
        thing.data.shape_keys.key_blocks[name].value = float(value)
    moved = np.tensordot(weights, without_gaze(head.blendshapes, head), axes=1)
    wanted = points_to_scene(shown_head(head).shape(head.vertices + moved))
    assert np.abs(evaluated(thing) - wanted).max() < 1e-5


def test_sliders_reach_as_far_as_what_they_move(thing: bpy.types.Object) -> None:
    for key in list(thing.data.shape_keys.key_blocks)[1:]:
        limits = (0, 1) if key.name in ARKIT_BLENDSHAPES else (-10, 10)
        assert (key.slider_min, key.slider_max) == limits


def test_the_head_stands_upright_and_faces_the_front_view(thing: bpy.types.Object) -> None:
    points = evaluated(thing)
    extent = np.ptp(points, axis=0)
    assert extent[2] > extent[0]
    pupil = REGIONS.index("pupil")
    faces = [p for p in thing.data.polygons if p.material_index == pupil]
    eyes = points[np.unique([v for p in faces for v in p.vertices])]
    eyes = eyes[eyes[:, 0] > 0]
    assert eyes[:, 1].mean() < points[:, 1].mean() - 0.015  # eyes toward -y
    assert eyes[:, 0].mean() > 0.02  # the left one toward +x
