# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's pictures: MakeHuman's skin, eye, hair and brows, reduced to what is seen; drawn teeth."""

from pathlib import Path

import cv2
import numpy as np
from mien.core.model.parts import REGIONS, ShownHead
from numpy.typing import NDArray

SKIN, EYE = (
    "skins/textures/young_lightskinned_male_diffuse3.png",
    "eyes/materials/brownlight_eye.png",
)
BROWS, HAIR = "eyebrows/eyebrow001/eyebrow001.png", "hair/short02/short02_diffuse.png"
SKIN_SIZE, EYE_SIZE, BROW_SIZE, HAIR_SIZE = 2048, 512, 512, 1024
SKIN_QUALITY, EYE_QUALITY = 82, 90
FACE = ((-0.06, -0.03, 0.07), (0.06, 0.09, 0.2))
"""Lowest and highest corner of the face on the mean head, metres: the picture's own colour is that of the skin
there, which the actor's takes the place of. It also fills what no face shows, so that it is the median."""
SEAM = 12
"""Texels by which the skin goes on beyond the edges of its pieces."""
IRIS_RADIUS, EYE_CENTRE = 116, (724, 303)
"""Texels, of the first eye on the picture of 1024."""
IRIS_EDGE = 22.5 / 60.0
"""Share of the picture's radius at which the iris must end, see :mod:`training.head.eye_spheres`."""
IRIS_DARKER, IRIS_GREYER = 0.62, 0.35
"""The picture's iris is lit from behind, as it were; these bring it to a common brown (chosen by eye)."""
TEETH_SIZE = (512, 256)
TOOTH = 0.036
"""Width of a front tooth in texture coordinates: 8.5 mm on the head's arch."""

Picture = NDArray[np.uint8]


def write_textures(assets: Path, shown: ShownHead, folder: Path) -> None:
    """Write all pictures into a folder."""
    folder.mkdir(exist_ok=True)
    skin = _skin(_read(assets / SKIN), shown)
    cv2.imwrite(str(folder / "skin.jpg"), skin, [cv2.IMWRITE_JPEG_QUALITY, SKIN_QUALITY])
    eye = _eye(_read(assets / EYE))
    cv2.imwrite(str(folder / "eye.jpg"), eye, [cv2.IMWRITE_JPEG_QUALITY, EYE_QUALITY])
    for name, source, size in (("brows", BROWS, BROW_SIZE), ("hair", HAIR, HAIR_SIZE)):
        _write(folder / f"{name}.png", _strands(_read(assets / source), size))
    _write(folder / "teeth.png", _teeth())


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise SystemExit(f"{path} is missing; get MakeHuman's assets as the card says")
    return np.asarray(picture, np.uint8)


def _write(path: Path, picture: Picture) -> None:
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _skin(picture: Picture, shown: ShownHead) -> Picture:
    """The skin where the head has it, one colour elsewhere."""
    picture = cv2.resize(picture[..., :3], (SKIN_SIZE,) * 2, interpolation=cv2.INTER_AREA)
    wanted = np.isin(shown.regions, [REGIONS.index(n) for n in ("skin", "lips", "mouth")])
    corners = shown.uvs[wanted] * SKIN_SIZE
    corners[..., 1] = SKIN_SIZE - corners[..., 1]
    mask = np.zeros((SKIN_SIZE,) * 2, np.uint8)
    cv2.fillPoly(mask, list(np.rint(corners).astype(np.int32)), 255)
    face = np.zeros_like(mask)
    cv2.fillPoly(face, list(np.rint(corners[_in_face(shown)[wanted]]).astype(np.int32)), 255)
    plain = np.median(picture[face > 0], axis=0)
    mask = cv2.dilate(mask, np.ones((2 * SEAM + 1,) * 2, np.uint8))
    return np.where(mask[..., None] > 0, picture, plain).astype(np.uint8)


def _in_face(shown: ShownHead) -> NDArray[np.bool_]:
    """Which faces are bare skin seen from the front: cheeks, nose and forehead."""
    middle = shown.vertices[shown.faces].mean(axis=1)
    low, high = FACE
    bare = shown.regions == REGIONS.index("skin")
    return np.asarray(bare & (middle > low).all(axis=1) & (middle < high).all(axis=1))


def _eye(picture: Picture) -> Picture:
    """One eye around its pupil, so large that the iris ends where the sphere's does."""
    reach = IRIS_RADIUS / IRIS_EDGE
    scale = EYE_SIZE / (2 * reach)
    place = np.array(
        [
            [scale, 0, EYE_SIZE / 2 - scale * EYE_CENTRE[0]],
            [0, scale, EYE_SIZE / 2 - scale * EYE_CENTRE[1]],
        ]
    )
    eye = cv2.warpAffine(
        picture[..., :3],
        place,
        (EYE_SIZE,) * 2,
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    rows, columns = np.mgrid[:EYE_SIZE, :EYE_SIZE] + 0.5 - EYE_SIZE / 2
    edge = IRIS_EDGE * EYE_SIZE / 2
    inside = np.clip((edge - np.hypot(rows, columns)) / (0.08 * edge), 0, 1)[..., None]
    iris = IRIS_DARKER * (eye + IRIS_GREYER * (eye.mean(axis=2, keepdims=True) - eye))
    return np.asarray(eye + inside * (iris - eye)).astype(np.uint8)


def _strands(picture: Picture, size: int) -> Picture:
    """Brightness of hair, its median at 128, so that any colour can be given to it; and its alpha."""
    small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3]
    grey = cv2.cvtColor(small[..., :3], cv2.COLOR_BGR2GRAY).astype(np.float32)
    seen = alpha > 128
    grey *= 128 / max(float(np.median(grey[seen])), 1.0)
    flat = np.clip(np.where(alpha > 8, grey, 128), 40, 255).astype(np.uint8)
    return np.dstack([flat, flat, flat, alpha])


def _teeth() -> Picture:
    """Two rows of teeth with gaps and gums: the upper row in the upper half."""
    width, height = TEETH_SIZE
    across, down = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    phase = np.abs(across - 0.5) / TOOTH % 1.0  # a gap in the middle, then one after every tooth
    gap = np.minimum(phase, 1 - phase)
    upper = down < 0.5
    along = np.where(upper, down / 0.5, (1 - down) / 0.5)  # 0 at the gum, 1 at the edge
    enamel = np.array([172.0, 196, 208])
    shade = 1 - 0.30 * np.exp(-((gap / 0.06) ** 2)) - 0.10 * (1 - along)
    colour = enamel * shade[..., None]
    curve = 0.30 + 0.10 * np.cos(2 * np.pi * phase)  # the gum dips between teeth
    gum = 1 / (1 + np.exp(-(curve - along) / 0.03))
    return (
        (colour + gum[..., None] * (np.array([95.0, 95, 175]) - colour))
        .clip(0, 255)
        .astype(np.uint8)
    )
