# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds what is shown on the head, ``python -m training.head.parts FOLDER``: ``parts.npz`` and textures.

FOLDER holds MakeHuman's own CC0 assets as they lie in its repositories: eyebrows, eyelashes, eyes, hair, skins.
"""

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.model.head import MATERIALS, Head, load_head
from mien.core.model.parts import REGIONS, REPLACED, load_parts, show_with_parts
from mien.core.modes import Hair
from mien.core.writing import save_arrays
from numpy.typing import NDArray

from .archive import BaseMesh, FloatArray, fetch
from .correspond import nearest_on_surface
from .cut_out import cut_out
from .eye_spheres import eye_sphere
from .lashes import lashes_of
from .lip_outline import face_regions
from .makehuman import read_proxy
from .neck_base import neck_base
from .teeth import front_teeth
from .textures import HAIR_ASSETS, write_textures
from .topology import IntArray, crop_head

BROWS, LASHES = "eyebrows/eyebrow001", "eyelashes/eyelashes01"
BROWS_UP = 0.0009
"""Metres by which the brows' cards sit below the head's own landmarks."""
HAIR_CLOSE = 0.6
"""Share of its distance from the scalp that hair keeps: the styles alone are fuller than most men's."""
BROW_FINER, HAIR_FINER = 4, 2
"""How often a card's faces are halved before its alpha is asked; chosen by eye."""
BROW_LEAST, HAIR_LEAST = 0.25, 0.3
"""Mean alpha from which a part of a card stays, chosen by eye."""

Piece = tuple[FloatArray, IntArray, FloatArray, str]
"""Vertices, faces, texture coordinates and region."""


class PartsBuilder:
    """Collects parts and hangs each vertex on the nearest place of the head's surface.

    Args:
        head: to hang them on.
        base: ``(N, 3)`` the head's vertices on the base mesh, which the assets were made for.
    """

    def __init__(self, head: Head, base: FloatArray) -> None:
        self._head, self._base = head, base
        self._skin = head.quads[head.materials == MATERIALS.index("skin")]
        self._corners: list[IntArray] = []
        self._weights: list[FloatArray] = []
        self._offsets: list[FloatArray] = []
        self._faces: list[IntArray] = []
        self._uvs: list[FloatArray] = []
        self._regions: list[NDArray[np.int32]] = []
        self._eyes: list[NDArray[np.int32]] = []
        self._hairs: list[NDArray[np.int32]] = []
        self._count = 0

    def hang(self, piece: Piece, close: float = 1.0, hair: Hair = Hair.NONE) -> None:
        """Add a part whose vertices lie around the base mesh, brought to a share of their distance from it."""
        places, faces, uvs, region = piece
        surface, _ = nearest_on_surface(places, self._base, self._skin)
        offsets = close * (places - surface.on(self._base))
        self._add(surface.corners, surface.weights, offsets, faces, uvs, region, hair=hair)

    def hold(
        self, corners: IntArray, weights: FloatArray, places: FloatArray, faces: IntArray,
        uvs: FloatArray, regions: str | NDArray[np.int32], eye: int = 0,
    ) -> None:  # fmt: skip
        """Add a part whose vertices ``(P, 3)`` lie on the mean head, with what they hang on."""
        at = np.einsum("pc,pcx->px", weights, self._head.vertices[corners])
        self._add(corners, weights, places - at, faces, uvs, regions, eye)

    def _add(
        self, corners: IntArray, weights: FloatArray, offsets: FloatArray, faces: IntArray,
        uvs: FloatArray, regions: str | NDArray[np.int32], eye: int = 0, hair: Hair = Hair.NONE,
    ) -> None:  # fmt: skip
        short = 4 - faces.shape[1]
        faces = np.pad(faces, ((0, 0), (0, short)), constant_values=-1)
        uvs = np.pad(uvs, ((0, 0), (0, short), (0, 0)))
        self._faces.append(np.where(faces < 0, -1, faces + self._count))
        self._uvs.append(uvs)
        if isinstance(regions, str):
            regions = np.full(len(faces), REGIONS.index(regions), np.int32)
        self._regions.append(regions)
        self._corners.append(corners)
        self._weights.append(weights)
        self._offsets.append(offsets)
        self._eyes.append(np.full(len(corners), eye, np.int32))
        self._hairs.append(np.full(len(faces), list(Hair).index(hair), np.int32))
        self._count += len(corners)

    def write(self, path: Path, regions: NDArray[np.int32]) -> None:
        """Write the file, given the region of every face of the head."""
        arrays: dict[str, NDArray[Any]] = {
            "face_regions": regions.astype(np.int8),
            "corners": np.concatenate(self._corners).astype(np.int32),
            "weights": np.concatenate(self._weights).astype(np.float32),
            "offsets": np.concatenate(self._offsets).astype(np.float32),
            "faces": np.concatenate(self._faces).astype(np.int32),
            "uvs": np.concatenate(self._uvs).astype(np.float32),
            "regions": np.concatenate(self._regions).astype(np.int8),
            "eyes": np.concatenate(self._eyes).astype(np.int8),
            "hairs": np.concatenate(self._hairs).astype(np.int8),
        }
        save_arrays(path, arrays, compressed=True)


def build_parts(assets: Path, cache: Path, output: Path) -> None:
    """Write ``parts.npz`` and the textures for the head that lies in the output folder."""
    head = load_head(output / "head.npz")
    mesh = fetch(cache).base_mesh()
    kept = crop_head(mesh).kept
    builder = PartsBuilder(head, mesh.vertices[kept])
    _hang_cards(builder, mesh, assets / BROWS, "brows", BROW_FINER, BROW_LEAST, BROWS_UP)
    asset = read_proxy(assets / LASHES, Path(LASHES).name)
    strips = asset.on(mesh.vertices)
    skin = head.quads[head.materials == MATERIALS.index("skin")]
    away = nearest_on_surface(strips, mesh.vertices[kept], skin)[1]
    places, faces = lashes_of(strips, asset.quads, away)
    builder.hang((places, faces, np.zeros((len(faces), 3, 2)), "lashes"))
    for side in (0, 1):
        builder.hold(*eye_sphere(head, side), eye=side + 1)
    builder.hold(*front_teeth(head))
    builder.hold(*neck_base(head))
    for hair, name in HAIR_ASSETS.items():  # last, so that all else has the same numbers without it
        _hang_cards(
            builder, mesh, assets / name, "hair", HAIR_FINER, HAIR_LEAST, 0, HAIR_CLOSE, hair
        )
    regions = face_regions(head)
    regions[
        np.isin(
            head.materials, [MATERIALS.index(n) for n in ("eyeball_left", "eyeball_right", "teeth")]
        )
    ] = REPLACED
    builder.write(output / "parts.npz", regions)
    shown = show_with_parts(head, load_parts(output / "parts.npz", head))
    write_textures(assets, shown, output / "textures")


def _hang_cards(
    builder: PartsBuilder, mesh: BaseMesh, folder: Path, region: str, finer: int, least: float,
    lift: float, close: float = 1.0, hair: Hair = Hair.NONE,
) -> None:  # fmt: skip
    """Add an asset of cards, cut to what its picture's alpha leaves of them."""
    asset = read_proxy(folder, folder.name)
    picture = cv2.imread(str(_only(folder, "*.png")), cv2.IMREAD_UNCHANGED)
    places = asset.on(mesh.vertices) + np.array([0, lift, 0])
    cut = cut_out(places, asset.quads, asset.uvs, picture[..., 3], finer, least)
    builder.hang((*cut, region), close, hair)


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise SystemExit(f"{folder} holds no {pattern}; get MakeHuman's assets as the card says")
    return found[0]


def main() -> None:
    """Build the parts and print their sizes."""
    parser = argparse.ArgumentParser(prog="python -m training.head.parts", description=main.__doc__)
    parser.add_argument(
        "assets", type=Path, help="folder with MakeHuman's eyebrows, hair, skins ..."
    )
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="where the wheel is kept")
    parser.add_argument("--output", type=Path, default=Path("models/head"))
    arguments = parser.parse_args()
    build_parts(arguments.assets, arguments.cache, arguments.output)
    for path in (
        arguments.output / "parts.npz",
        *sorted((arguments.output / "textures").iterdir()),
    ):
        print(f"{path}  {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
