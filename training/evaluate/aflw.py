# SPDX-License-Identifier: GPL-3.0-or-later
"""AFLW: crops with 21 points, as the paper's public code ships its arrays.

In the folder, or in ``test.configs`` within it: ``AFLW_GT_crop_yaws.npy`` ``(n,)`` degrees,
``AFLW_GT_crop_roi_box.npy`` ``(n, 4)`` left, top, right and bottom of the crop in the photo,
``AFLW_GT_pts68.npy`` ``(n, 2 or 3, 68)`` and ``AFLW_GT_pts21.npy`` ``(n, 2, 21)`` in pixels of the
photo, -1 where a point is hidden. In the folder, or in ``test.data`` within it: the crops in
``AFLW_GT_crop``, in the order of ``AFLW_GT_crop.list``. The error is that of the seen points among
the 21, over the root of the area of the box of the 68.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import CropBox
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import CROP_SIZE, FloatArray
from numpy.typing import NDArray
from tqdm import tqdm

from ..geometry.landmarks import box_side
from .errors import Measured
from .regress_still import regress_still

N_POINTS = 21
"""Of the set's own marks."""
FROM_68: tuple[tuple[int, ...], ...] = (
    (17,), (19,), (21,), (22,), (24,), (26,),
    (36,), (36, 37, 38, 39, 40, 41), (39,), (42,), (42, 43, 44, 45, 46, 47), (45,),
    (2,), (31,), (30,), (35,), (14,), (48,), (60, 61, 62, 63, 64, 65, 66, 67), (54,), (8,),
)  # fmt: skip
"""AFLW's 21 points as means of landmarks, both counted from 0: brows, eyes with their centres, ears,
nose, mouth with its centre, chin."""
HIDDEN = -1.0
"""What stands for a point that cannot be seen."""


def measure_aflw(
    folder: Path, head: Head, regressor: Regressor
) -> tuple[list[Measured], FloatArray]:
    """Regress every crop.

    Returns:
        The faces with the points that are seen, in pixels of the photo relative to the crop's
        corner, each with its crop as the picture; and their yaw ``(n,)`` in degrees.

    Raises:
        ValueError: a file is missing or has another shape.
    """
    yaw = _load(folder, "AFLW_GT_crop_yaws.npy", ())
    boxes = _load(folder, "AFLW_GT_crop_roi_box.npy", (4,))
    points68 = _load(folder, "AFLW_GT_pts68.npy", (None, N_LANDMARKS))
    points21 = _load(folder, "AFLW_GT_pts21.npy", (None, N_POINTS))
    crops, names = _pictures(folder)
    if not len(yaw) == len(boxes) == len(points68) == len(points21) == len(names):
        raise ValueError(f"{folder}: the arrays and the list of AFLW do not have equally many rows")
    landmarks = head.landmark_model()
    faces = []
    for row, name in enumerate(tqdm(names, unit="crop", leave=False)):
        crop = cv2.imread(str(crops / name))
        if crop is None:
            raise ValueError(f"{crops / name} is missing or cannot be read")
        crop = cv2.resize(crop, (CROP_SIZE, CROP_SIZE)).astype(np.uint8)
        left, top, right, bottom = (float(n) for n in boxes[row])
        # The crop's pixels are areas of the photo: its first begins at the box's edge.
        box = CropBox((left + right - 1) / 2, (top + bottom - 1) / 2, right - left)
        found = from_68(regress_still(crop, box, landmarks, regressor)[0])
        truth = points21[row, :2].T
        seen = (truth != HIDDEN).all(axis=1)
        if seen.any():
            faces.append(_in_crop(name, crop, found[seen], truth[seen], boxes[row], points68[row]))
        else:
            yaw[row] = np.nan
    return faces, yaw[np.isfinite(yaw)]


def from_68(points: FloatArray) -> FloatArray:
    """AFLW's points ``(21, 2)`` of landmarks ``(68, 2)``."""
    return np.stack([points[list(chosen)].mean(axis=0) for chosen in FROM_68])


def _in_crop(
    name: str, crop: NDArray[np.uint8], found: FloatArray, truth: FloatArray, box: FloatArray,
    points68: FloatArray,
) -> Measured:  # fmt: skip
    """Both sets of points moved into the crop, so that they can be drawn on it."""
    scale = CROP_SIZE / float(box[2] - box[0])

    def into(points: FloatArray) -> FloatArray:
        return np.asarray((points + 0.5 - box[:2]) * scale - 0.5, np.float32)

    return Measured(name, crop, into(found), into(truth), box_side(points68[:2].T) * scale)


def _load(folder: Path, name: str, shape: tuple[int | None, ...]) -> FloatArray:
    """An array ``(n, *shape)`` of the set; None stands for 2 or more."""
    path = next((p for p in (folder / name, folder / "test.configs" / name) if p.is_file()), None)
    if path is None:
        raise ValueError(f"{folder} holds no {name}; give the folder with the arrays of AFLW")
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{path} is not a plain array ({error})") from error
    fits = array.ndim == 1 + len(shape) and array.dtype.kind in "fiu"
    fits = fits and all(
        have == want if want is not None else have >= 2
        for have, want in zip(array.shape[1:], shape, strict=True)
    )
    if not fits or not np.isfinite(array).all():
        raise ValueError(f"{path} holds {array.dtype} {array.shape}, which is not what it should")
    return array.astype(np.float32)


def _pictures(folder: Path) -> tuple[Path, list[str]]:
    for parent in (folder, folder / "test.data"):
        table = parent / "AFLW_GT_crop.list"
        if table.is_file():
            return parent / "AFLW_GT_crop", table.read_text().splitlines()
    raise ValueError(f"{folder} holds no AFLW_GT_crop.list; give the folder with the crops of AFLW")
