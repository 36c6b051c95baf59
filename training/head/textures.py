# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's pictures: MakeHuman's skin, eye, hair and brows, reduced to what is seen; drawn teeth."""

from pathlib import Path

import cv2
import numpy as np
from mien.core.model.looks import IRIS_EDGE
from mien.core.model.parts import REGIONS, ShownHead
from mien.core.modes import Hair
from numpy.typing import NDArray

from ..saving import save_picture

SKIN, EYE = (
    "skins/textures/young_lightskinned_male_diffuse3.png",
    "eyes/materials/brownlight_eye.png",
)
BROWS = "eyebrows/eyebrow001/eyebrow001.png"
HAIR_ASSETS = {Hair.SHORT: "hair/short01", Hair.COMBED: "hair/short04"}
"""By style of :data:`mien.core.modes.Hair`."""
SKIN_SIZE, EYE_SIZE, BROW_SIZE, HAIR_SIZE = 2048, 512, 512, 1024
"""Pixels of the pictures; chosen by eye against the size of the files."""
SKIN_QUALITY, EYE_QUALITY = 82, 90
"""Of their JPEG files; chosen by eye."""
FACE = ((-0.06, -0.03, 0.07), (0.06, 0.09, 0.2))
"""Lowest and highest corner of the face on the mean head, metres: the picture's own colour is that of the skin
there, which the actor's takes the place of. It also fills what no face shows, so that it is the median."""
SEAM = 12
"""Texels by which the skin goes on beyond the edges of its pieces."""
IRIS_RADIUS, EYE_CENTRE = 116, (724, 303)
"""Texels, of the first eye on the picture of 1024."""
IRIS_DARKER, IRIS_GREYER = 0.62, 0.35
"""The picture's iris is lit from behind, as it were; these bring it to a common brown (chosen by eye)."""
TEETH_SIZE = (1024, 256)
"""Pixels of the picture of both rows of teeth."""
UPPER_TEETH, LOWER_TEETH = (
    (8.5, 6.6, 7.6, 7.0, 6.8, 10.0, 10.0),
    (5.4, 5.9, 6.8, 7.0, 7.2, 11.0, 11.0),
)
"""Widths of an adult's teeth from the middle outwards, millimetres."""
MILLIMETRE = 0.0056
"""In texture coordinates on the head's arch."""
GAP_DARK, GAP_WIDE = 0.30, 0.30
"""Darkness between two teeth, and half its width in millimetres: a shadow and no line (chosen by eye)."""
ROUNDED = 0.16
"""Share of its height by which a tooth's corners are rounded."""

Picture = NDArray[np.uint8]


def write_textures(assets: Path, shown: ShownHead, folder: Path) -> None:
    """Write all pictures into a folder."""
    folder.mkdir(exist_ok=True)
    skin = _skin(_read(assets / SKIN), shown)
    save_picture(folder / "skin.jpg", skin, [cv2.IMWRITE_JPEG_QUALITY, SKIN_QUALITY])
    eye = _eye(_read(assets / EYE))
    save_picture(folder / "eye.jpg", eye, [cv2.IMWRITE_JPEG_QUALITY, EYE_QUALITY])
    _write(folder / "brows.png", _strands(_read(assets / BROWS), BROW_SIZE))
    for hair, asset in HAIR_ASSETS.items():
        source = assets / asset / f"{Path(asset).name}_diffuse.png"
        _write(folder / f"hair_{hair}.png", _strands(_read(source), HAIR_SIZE))
    _write(folder / "teeth.png", _teeth())


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise SystemExit(f"{path} is missing; get MakeHuman's assets as the card says")
    return np.asarray(picture, np.uint8)


def _write(path: Path, picture: Picture) -> None:
    save_picture(path, picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


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
    """Two rows of teeth with gums: the upper row in the upper half."""
    width, height = TEETH_SIZE
    across, down = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    away = np.abs(across - 0.5)
    upper = down < 0.5
    along = np.where(upper, down / 0.5, (1 - down) / 0.5)  # 0 at the gum, 1 at the edge
    side, wide = np.zeros_like(across), np.ones_like(across)
    for row, widths in ((upper, UPPER_TEETH), (~upper, LOWER_TEETH)):
        ends = np.concatenate([[0], np.cumsum(widths)]) * MILLIMETRE
        which = np.clip(np.searchsorted(ends, away, side="right") - 1, 0, len(widths) - 1)
        side[row] = np.abs(2 * (away - ends[which]) / (ends[which + 1] - ends[which]) - 1)[row]
        wide[row] = (ends[which + 1] - ends[which])[row]
    gap = (1 - side) * wide / 2 / MILLIMETRE  # from the tooth's own edge
    shade = 1 - 0.10 * side**4 - GAP_DARK * np.exp(-((gap / GAP_WIDE) ** 2)) - 0.12 * (1 - along)
    shade *= 1 - 0.5 * np.clip(away / 0.25, 0, 1) ** 2  # what lies far back in the mouth
    enamel = np.array([202.0, 219, 228]) + 8 * (1 - along[..., None]) * [-2.0, -0.5, 0]
    colour = enamel * shade[..., None]
    end = 0.97 - ROUNDED * side**4
    behind = _soft((along - end) / 0.012)
    colour += behind[..., None] * (np.array([18.0, 18, 42]) - colour)
    gum = _soft((0.34 - 0.12 * side**2 - along) / 0.025)[..., None]
    pink = np.array([104.0, 98, 178]) * (1 - 0.15 * side**2)[..., None]
    colour += gum * (pink - colour)
    return np.asarray(colour).clip(0, 255).astype(np.uint8)


def _soft(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1 where a value passes 0."""
    return 0.5 + 0.5 * np.tanh(value / 2)
