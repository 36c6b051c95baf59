# SPDX-License-Identifier: GPL-3.0-or-later
"""A head of free parts under the face rig that Blender's Rigify generates."""

from typing import Any

import bpy
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.scene.rig import _editing
from numpy.typing import NDArray

from training.head.archive import Archive

from .avatars import Person, Points, add_mesh, head_weights, person, to_blender, weigh


def rigify(
    parts: Archive, head: Head, kind: str = "old"
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """A head under Rigify's face: the human metarig bent to it, generated, bound by distance. Mesh, rig.

    Tests that want it are skipped in Blender 4.2, whose Rigify damages memory when it generates a rig in the
    Python module: a later export or import of the same process crashes every other time.
    """
    if bpy.app.version < (4, 5):
        pytest.skip("Rigify damages memory in the Python module of Blender 4.2")
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


BLINKING = 0.006
"""What a blink moves by so many metres is lid and nothing else."""


def _near_bones(who: Person, rig: bpy.types.Object, reach: float = 0.014) -> dict[str, Points]:
    """Weights of the deforming bones by distance; what follows the jaw and what does not are kept apart."""
    points = to_blender(who.vertices)
    blendshapes = dict(zip(ARKIT_BLENDSHAPES, who.blendshapes, strict=True))
    below = np.linalg.norm(blendshapes["jawOpen"], axis=1)
    below = np.clip(below / 0.02, 0, 1)
    lids = {
        s: np.linalg.norm(blendshapes["eyeBlink" + n], axis=1)
        for s, n in (("L", "Left"), ("R", "Right"))
    }
    trunk = head_weights(who, "DEF-spine.006", "DEF-spine.004")
    names, columns = [], []
    for bone in rig.data.bones:
        spine = bone.name.startswith("DEF-spine") and bone.name not in trunk
        if not bone.use_deform or bone.name.startswith("DEF-eye") or spine:
            continue
        away = _to_segment(points, np.array(bone.head_local), np.array(bone.tail_local))
        weight = 0.02 * trunk.get(bone.name, 0) + np.exp(-((away / reach) ** 2))
        name = bone.name.removeprefix("DEF-")
        if name.startswith(("lip.B", "chin", "jaw", "tongue")):
            weight = weight * below
        elif name.startswith(("lip.T", "nose", "cheek.T", "brow", "lid", "forehead")):
            weight = weight * (1 - below)
        if name.startswith("lid."):
            down = blendshapes["eyeBlink" + ("Left" if ".L" in name else "Right")][:, 1]
            upper = lids["L" if ".L" in name else "R"] > 0.003
            weight = weight * (
                upper & (down < 0) if name.startswith("lid.T") else ~(upper & (down < 0))
            )
        names.append(bone.name)
        columns.append(weight)
    # As a rigger paints them: what blinks belongs to the lids' bones, however near the brow's are.
    blinking = np.clip(np.max(list(lids.values()), axis=0) / BLINKING, 0, 1)
    for k, bone_name in enumerate(names):
        if not bone_name.startswith("DEF-lid."):
            columns[k] = columns[k] * (1 - blinking)
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
