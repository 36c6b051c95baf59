# SPDX-License-Identifier: GPL-3.0-or-later
"""What made-up people are drawn with, read from the file of :mod:`training.generator.assets`."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.model.head import Head
from numpy.typing import NDArray

from .environments import Environment

F = NDArray[np.float32]
U8 = NDArray[np.uint8]

MAX_BYTES = 64 * 2**20
"""A file of all assets has 9.4 MB; what is seven times that is something else."""
NOTHING = np.zeros((1, 1, 4), np.uint8)
"""The texture of parts that have none: nothing of it is seen."""


@dataclass(frozen=True)
class Part:
    """A mesh that follows the head, with its texture.

    Attributes:
        rest: ``(n, 3)`` on the mean head, metres.
        index, weight: ``(n, 6)`` vertices of the head that move it and their shares.
        triangles: ``(T, 3)`` int32; uv: ``(T, 3, 2)`` in shares of the texture, v down.
        texture: ``(h, w, 3 or 4)`` BGR(A).
        mean: linear brightness of what is opaque in the texture.
    """

    rest: F
    index: NDArray[np.int32]
    weight: F
    triangles: NDArray[np.int32]
    uv: F
    texture: U8
    mean: float


@dataclass(frozen=True)
class PeopleAssets:
    """All parts, textures and places.

    Attributes:
        skins: BGR textures of the whole skin by name, such as ``old_darkskinned_male``.
        irises: BGR textures of an eye seen from the front.
        hair, brows, lashes, clothes, hats: parts; shoulders, teeth, tongue: one part each.
        environments: panoramas.
        child, old: ``(40,)`` identity of the mean child and of the mean old person.
    """

    skins: dict[str, U8]
    irises: dict[str, U8]
    hair: dict[str, Part]
    brows: list[Part]
    lashes: list[Part]
    clothes: list[Part]
    hats: list[Part]
    shoulders: Part
    teeth: Part
    tongue: Part
    environments: list[Environment]
    child: F
    old: F


def load_people_assets(path: Path, head: Head) -> PeopleAssets:
    """Read and decode the file once.

    Raises:
        ValueError: it is missing, too large, damaged or not made for a head of so many vertices.
    """
    again = "make it anew with python -m training.generator.assets"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _assets(arrays, len(head.vertices))
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} holds no made-up people ({error}); {again}") from error


def _assets(arrays: dict[str, Any], vertices: int) -> PeopleAssets:
    def named(kind: str, last: str) -> list[str]:
        start, end = f"{kind}.", f".{last}"
        names = (n for n in arrays if n.startswith(start) and n.endswith(end))
        return sorted(n[len(start) : -len(end)] for n in names)

    def part(name: str, texture: U8 | None = None) -> Part:
        if texture is None:
            packed = arrays.get(f"{name}.texture")
            texture = NOTHING if packed is None else _decode(packed, name)
        index = arrays[f"{name}.index"].astype(np.int32)
        if index.max(initial=0) >= vertices:
            raise KeyError(f"{name} follows another head")
        triangles = arrays[f"{name}.triangles"].astype(np.int32)
        if triangles.max(initial=0) >= len(index):
            raise KeyError(f"{name} has faces without vertices")
        mean = 0.2
        if texture.shape[2] == 4 and texture.size > 4:
            solid = texture[texture[..., 3] > 128][:, :3].astype(np.float32) / 255
            mean = float((solid**2).mean()) if len(solid) else mean
        return Part(
            arrays[f"{name}.rest"].astype(np.float32), index,
            arrays[f"{name}.weight"].astype(np.float32), np.ascontiguousarray(triangles),
            np.ascontiguousarray(arrays[f"{name}.uv"], np.float32), texture, mean,
        )  # fmt: skip

    def parts(kind: str) -> dict[str, Part]:
        return {name: part(f"{kind}.{name}") for name in named(kind, "rest")}

    return PeopleAssets(
        {n: _decode(arrays[f"skin.{n}.texture"], n) for n in named("skin", "texture")},
        {n: _decode(arrays[f"iris.{n}.texture"], n) for n in named("iris", "texture")},
        parts("hair"), list(parts("eyebrows").values()), list(parts("eyelashes").values()),
        list(parts("clothes").values()), list(parts("hat").values()),
        part("shoulders"), part("teeth"), part("tongue"),
        [
            Environment(
                _decode(arrays[f"place.{n}.texture"], n),
                arrays[f"place.{n}.light"].astype(np.float32),
            )
            for n in named("place", "texture")
        ],
        arrays["age.child"], arrays["age.old"],
    )  # fmt: skip


def _decode(packed: NDArray[np.uint8], name: str) -> U8:
    image = cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)
    if image is None:
        raise KeyError(f"the picture of {name} cannot be decoded")
    return np.ascontiguousarray(image, np.uint8)
