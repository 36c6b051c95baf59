# SPDX-License-Identifier: GPL-3.0-or-later
"""A character that is not ours: the head of ICT-FaceKit Light (MIT, USC Institute for Creative Technologies).

Its arrays lie in one file ``ict_light.npz`` (``vertices`` in centimetres, ``faces``, ``expression``,
``expression_names``), made from the public repository ICT-VGL/ICT-FaceKit; nothing of it is in Mien.
"""

from pathlib import Path

import bpy
import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

PARTS = {
    "skin": (0, 14062),
    "gums": (14062, 17039),
    "teeth": (17039, 21451),
    "eye": (22221, 23021),
    "eye ": (23791, 24591),
}
"""Ranges of vertices; the corneas, what lies in the eyes' corners, and lashes, which need a
picture of their own, are left out."""
COLOURS = {
    "skin": (0.62, 0.42, 0.33), "gums": (0.40, 0.12, 0.11), "teeth": (0.75, 0.71, 0.62), "eye": (0.80, 0.79, 0.77),
    "iris": (0.16, 0.24, 0.30), "pupil": (0.01, 0.01, 0.01),
}  # fmt: skip
"""Linear."""
IRIS, PUPIL = 0.925, 0.987
"""Cosines of the angle from straight ahead within which an eye is iris, and pupil."""
NAME = "ICT"


def build_character(path: Path) -> Object:
    """The head with its shape keys in the present scene, looking along -y, metres."""
    with np.load(path) as file:
        places, faces = file["vertices"], file["faces"]
        moves, names = file["expression"].astype(np.float32), file["expression_names"]
    kept = np.zeros(len(places), bool)
    for low, high in PARTS.values():
        kept[low:high] = True
    faces = faces[kept[faces].all(axis=1)]
    mesh = bpy.data.meshes.new(NAME)
    corners = [list(dict.fromkeys(face)) for face in faces.tolist()]
    mesh.from_pydata(_in_scene(places).tolist(), [], corners)
    for name, colour in COLOURS.items():
        mesh.materials.append(_material(name, colour))
    look = _look_of(places, faces)
    mesh.polygons.foreach_set("material_index", look)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    head = bpy.data.objects.new(NAME, mesh)
    bpy.context.scene.collection.objects.link(head)
    head.shape_key_add(name="Basis")
    for name, move in zip(names.tolist(), moves, strict=True):
        key = head.shape_key_add(name=name)
        key.value = 0.0
        key.data.foreach_set("co", _in_scene(places + move).ravel())
    return head


def _in_scene(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(points[:, [0, 2, 1]] * np.array([0.01, -0.01, 0.01], np.float32))


def _look_of(places: NDArray[np.float32], faces: NDArray[np.int32]) -> NDArray[np.int32]:
    """Index into :data:`COLOURS` of every face."""
    order = list(COLOURS)
    look = np.zeros(len(faces), np.int32)
    middle = places[faces].mean(axis=1)
    for name, (low, high) in PARTS.items():
        rows = np.flatnonzero((faces[:, 0] >= low) & (faces[:, 0] < high))
        look[rows] = order.index(name.strip())
        if name.strip() == "eye":
            ball = places[low:high]
            away = middle[rows] - (ball.min(axis=0) + ball.max(axis=0)) / 2
            ahead = away[:, 2] / np.linalg.norm(away, axis=1)
            look[rows[ahead > IRIS]] = order.index("iris")
            look[rows[ahead > PUPIL]] = order.index("pupil")
    return look


def _material(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.new(f"{NAME} {name}")
    if bpy.app.version < (5, 0, 0):  # always on from there
        material.use_nodes = True
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = 0.2 if name in ("iris", "pupil", "eye") else 0.5
    return material
