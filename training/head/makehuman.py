# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads MakeHuman's proxies: meshes (``.obj``) that follow the base mesh (``.mhclo``)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Proxy:
    """A part that follows the base mesh.

    Attributes:
        corners: ``(n, 3)`` vertices of the base mesh that each vertex follows.
        weights: ``(n, 3)`` their shares.
        offsets: ``(n, 3)`` added, in units of the three distances of ``scales``.
        scales: per axis two vertices of the base mesh and the distance (decimetres) that counts as 1.
        quads: ``(F, 4)`` of its own vertices; uvs: ``(F, 4, 2)``, v up.
    """

    corners: NDArray[np.int64]
    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]
    scales: dict[str, tuple[int, int, float]]
    quads: NDArray[np.int64]
    uvs: NDArray[np.float64]

    def on(self, base: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Its vertices ``(n, 3)`` on a base mesh ``(19158, 3)`` in metres, in metres."""
        size = np.ones(3)
        for axis, name in enumerate("xyz"):
            if name in self.scales:
                one, two, distance = self.scales[name]
                size[axis] = abs(base[one, axis] - base[two, axis]) / distance
        held = np.einsum("nk,nkx->nx", self.weights, base[self.corners])
        return np.asarray(held + self.offsets * size)


@dataclass
class _Lines:
    corners: list[list[int]] = field(default_factory=list)
    weights: list[list[float]] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    scales: dict[str, tuple[int, int, float]] = field(default_factory=dict)


def read_proxy(folder: Path, name: str) -> Proxy:
    """Read ``folder/name.mhclo`` and the ``.obj`` beside it.

    Raises:
        ValueError: the two do not belong together.
    """
    lines = _follows((folder / f"{name}.mhclo").read_text())
    quads, uvs = _faces((folder / f"{name}.obj").read_text())
    if quads.max() >= len(lines.corners):
        raise ValueError(f"{folder / name}.obj has more vertices than its .mhclo")
    return Proxy(
        np.array(lines.corners), np.array(lines.weights), np.array(lines.offsets), lines.scales,
        quads, uvs,
    )  # fmt: skip


def _follows(text: str) -> _Lines:
    out = _Lines()
    listed = False
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "delete_verts":
            break
        if words[0] in ("x_scale", "y_scale", "z_scale"):
            out.scales[words[0][0]] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] == "verts":
            listed = True
        elif listed and len(words) == 1 and words[0].isdigit():
            out.corners.append([int(words[0])] * 3)
            out.weights.append([1.0, 0.0, 0.0])
            out.offsets.append([0.0] * 3)
        elif listed and len(words) == 9:
            out.corners.append([int(w) for w in words[:3]])
            out.weights.append([float(w) for w in words[3:6]])
            out.offsets.append([float(w) for w in words[6:]])
    return out


def _faces(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    uvs: list[list[float]] = []
    quads: list[list[int]] = []
    corners: list[list[int]] = []
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "vt":
            uvs.append([float(w) for w in words[1:3]])
        elif words[0] == "f":
            pairs = [[int(n) - 1 for n in word.split("/")[:2]] for word in words[1:]]
            pairs += pairs[-1:] * (4 - len(pairs))
            quads.append([p[0] for p in pairs])
            corners.append([p[1] for p in pairs])
    return np.array(quads), np.array(uvs)[np.array(corners)]
