# SPDX-License-Identifier: GPL-3.0-or-later
"""ARKit keys generated for heads whose true motion is known."""

from typing import Any

import bpy
import numpy as np
import pytest
from mien.avatar.generating import generate_keys
from mien.avatar.retarget_file import match_target
from mien.avatar.target import find_target
from mien.core.errors import AvatarError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head

from training.head.archive import Archive
from training.head.unit_sizes import TABLE, read_sizes

from . import avatars

VISIBLE = 5e-4


def offsets(thing: Any) -> dict[str, np.ndarray]:
    """Displacements of each key in the world, metres, in the axes that the archive has."""
    keys = thing.data.shape_keys

    def of(block: Any) -> np.ndarray:
        points = np.empty(len(block.data) * 3, np.float32)
        block.data.foreach_get("co", points)
        return points.reshape(-1, 3)

    rest, linear = of(keys.reference_key), np.array(thing.matrix_world.to_3x3())
    moved = {k.name: (of(k) - rest) @ linear.T for k in keys.key_blocks if k != keys.reference_key}
    return {n: np.stack([m[:, 0], m[:, 2], -m[:, 1]], axis=1) for n, m in moved.items()}


@pytest.mark.parametrize("topology", ["its own", "decimated"])
def test_generated_keys_move_as_makehumans_own(
    topology: str,
    parts: Archive,
    head: Head,
    scene: Any,
) -> None:
    who = avatars.person(parts, "old")
    mesh = avatars.add_mesh(
        "Old Man", who, dict(zip(ARKIT_BLENDSHAPES, who.blendshapes, strict=True))
    )
    if topology == "decimated":
        truth = decimated(mesh)
    else:
        truth = offsets(mesh)
        mesh.shape_key_clear()
    mesh.scale = (100, 100, 100)  # in centimetres, as many files are
    bpy.context.view_layer.update()
    quality = generate_keys(mesh, head)
    assert quality.fit < 0.005
    assert quality.cover > 0.95
    made = offsets(mesh)
    assert set(made) == set(ARKIT_BLENDSHAPES)
    assert all(k.value == 0 for k in mesh.data.shape_keys.key_blocks if k.name in made)
    wrong, size = [], []
    for blendshape, shares in zip(ARKIT_BLENDSHAPES, read_sizes(TABLE), strict=True):
        if blendshape not in truth:
            continue
        # The head's units are mixed of the source's, in the size that faces give them.
        moved = sum(s * truth[n] for s, n in zip(shares, ARKIT_BLENDSHAPES, strict=True) if s)
        seen = np.linalg.norm(moved, axis=1) > VISIBLE
        wrong.append(np.linalg.norm(made[blendshape] / 100 - moved, axis=1)[seen])
        size.append(np.linalg.norm(moved, axis=1)[seen])
    error, motion = np.concatenate(wrong), np.concatenate(size)
    print(f"{topology}: {1000 * error.mean():.2f} mm of {1000 * motion.mean():.2f} mm")
    print(quality.report())
    assert error.mean() < 0.2 * motion.mean()
    assert np.percentile(error, 95) < 0.003
    assert match_target(find_target(scene, mesh.name)).source == "ARKit 52"


def decimated(mesh: Any) -> dict[str, np.ndarray]:
    """Halve a mesh's faces in place; the true motion at what is left of its vertices."""
    from scipy.spatial import cKDTree

    truth = offsets(mesh)
    mesh.shape_key_clear()
    before = np.array([v.co for v in mesh.data.vertices])
    mesh.modifiers.new("Less", "DECIMATE").ratio = 0.5
    graph = bpy.context.evaluated_depsgraph_get()
    less = bpy.data.meshes.new_from_object(mesh.evaluated_get(graph))
    mesh.modifiers.clear()
    mesh.data = less
    after = np.array([v.co for v in less.vertices])
    away, near = cKDTree(before).query(after, k=3)
    weight = 1 / np.maximum(away, 1e-6)
    weight /= weight.sum(axis=1, keepdims=True)
    return {u: np.einsum("vk,vkx->vx", weight, m[near]) for u, m in truth.items()}


def test_other_meshes_of_the_character_move_along_and_its_own_keys_stay(
    parts: Archive,
    head: Head,
    scene: Any,
) -> None:
    mesh, rig = avatars.mpfb(parts, "child")
    mesh.shape_key_clear()
    mesh.shape_key_add(name="Basis", from_mix=False)
    mesh.shape_key_add(name="jawOpen", from_mix=False)  # does nothing, but is the user's
    teeth = part_of(mesh, "teeth", rig)
    shoe = bpy.data.objects.new("Shoe", bpy.data.meshes.new("Shoe"))
    shoe.data.from_pydata([(0, 0, -1), (1, 0, -1), (0, 1, -1)], [], [(0, 1, 2)])
    scene.collection.objects.link(shoe)
    shoe.parent = rig
    generate_keys(mesh, head)
    assert np.abs(offsets(mesh)["jawOpen"]).max() < 1e-6
    assert np.linalg.norm(offsets(teeth)["jawOpen"], axis=1).max() > 0.01
    assert "eyeBlinkLeft" not in teeth.data.shape_keys.key_blocks
    assert shoe.data.shape_keys is None


def part_of(mesh: Any, region: str, rig: Any) -> Any:
    """Take the faces of a region out of a mesh as an object of their own."""
    from mien.core.model.head import MATERIALS

    index = MATERIALS.index(region)
    faces = [list(p.vertices) for p in mesh.data.polygons if p.material_index == index]
    used = sorted({v for f in faces for v in f})
    number = {v: i for i, v in enumerate(used)}
    data = bpy.data.meshes.new(region)
    points = [tuple(mesh.data.vertices[v].co) for v in used]
    data.from_pydata(points, [], [[number[v] for v in f] for f in faces])
    thing = bpy.data.objects.new(region, data)
    bpy.context.scene.collection.objects.link(thing)
    thing.parent = rig
    thing.modifiers.new("Armature", "ARMATURE").object = rig
    return thing


@pytest.mark.parametrize("kind", ["ball", "backwards", "empty"])
def test_what_is_no_head_is_refused_and_left_as_it_was(
    kind: str,
    parts: Archive,
    head: Head,
    scene: Any,
) -> None:
    if kind == "ball":
        bpy.ops.mesh.primitive_uv_sphere_add(segments=64, ring_count=48, radius=0.12)
        thing = bpy.context.object
    elif kind == "backwards":
        thing = avatars.add_mesh("Face", avatars.person(parts, "man"), {})
        thing.rotation_euler[2] = np.pi
    else:
        thing = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
        scene.collection.objects.link(thing)
    bpy.context.view_layer.update()
    with pytest.raises(AvatarError):
        generate_keys(thing, head)
    assert thing.data.shape_keys is None
