# SPDX-License-Identifier: GPL-3.0-or-later
"""Labelled photos in one file: crops as JPEG bytes, labels as arrays. No pickle."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mien.core.head import Head
from numpy.typing import NDArray

from ..mediapipe_tool import Found, ImageArray
from .fit import Fit

SIDE = 224
"""Photos are stored at most this large; the face takes about half of it."""
FACE_SHARE = 0.5
QUALITY = 93

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo around a face, with the head laid on it.

    Attributes:
        name: file name without suffix: whose portrait it is.
        image: BGR crop, at most ``SIDE`` pixels a side.
        transform: ``(3, 4)`` model space to this crop with y up (see :class:`.fit.Fit`).
        identity: ``(40,)``.
        units: ``(52,)``.
        points: ``(468, 2)`` the labelling tool's points in this crop, y down.
        residual: of the fit.
    """

    name: str
    image: ImageArray
    transform: FloatArray
    identity: FloatArray
    units: FloatArray
    points: FloatArray
    residual: float


def crop_photo(image: ImageArray, fit: Fit, found: Found, name: str) -> LabelledPhoto:
    """Cut the surroundings of a labelled face, scaled so that the face has a usual size."""
    low, high = found.points[:, :2].min(axis=0), found.points[:, :2].max(axis=0)
    face = float((high - low).max())
    half = face / FACE_SHARE / 2
    height, width = image.shape[:2]
    x, y = (low + high) / 2
    left, top = max(0, int(x - half)), max(0, int(y - half))
    right, bottom = min(width, int(np.ceil(x + half))), min(height, int(np.ceil(y + half)))
    part = image[top:bottom, left:right]
    scale = min(1.0, SIDE / max(part.shape[:2]))
    if scale < 1.0:
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    # Pixel centres are integers: the crop's pixel p lies at (p + 0.5) / scale - 0.5 + left.
    shift = np.array([(0.5 - left) * scale - 0.5, (0.5 - top) * scale - 0.5])
    transform = fit.transform * scale
    transform[0, 3] += shift[0]
    transform[1, 3] -= shift[1]
    return LabelledPhoto(
        name,
        np.ascontiguousarray(part),
        transform.astype(np.float32),
        fit.identity.astype(np.float32),
        fit.units.astype(np.float32),
        (found.points[:, :2] * scale + shift).astype(np.float32),
        fit.residual,
    )


def save_labels(path: Path, photos: list[LabelledPhoto], head: Head) -> None:
    """Write labelled photos, and which head they were fitted with, to an ``.npz`` file."""
    jpegs = [
        cv2.imencode(".jpg", p.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].ravel()
        for p in photos
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        head=np.array(head.id),
        names=np.array([p.name for p in photos]),
        jpegs=np.concatenate(jpegs),
        ends=np.cumsum([len(j) for j in jpegs]),
        transforms=np.stack([p.transform for p in photos]),
        identities=np.stack([p.identity for p in photos]),
        units=np.stack([p.units for p in photos]),
        points=np.stack([p.points for p in photos]),
        residuals=np.array([p.residual for p in photos], np.float32),
    )


def load_labels(path: Path, head: Head) -> list[LabelledPhoto]:
    """Read what :func:`save_labels` wrote.

    Raises:
        ValueError: the labels were made with another head.
    """
    with np.load(path, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
    if str(data["head"]) != head.id:
        raise ValueError(
            f"{path} was labelled with another head; run python -m training.labels again"
        )
    starts = np.concatenate([[0], data["ends"][:-1]])
    return [
        LabelledPhoto(
            str(data["names"][i]),
            cv2.imdecode(data["jpegs"][start:end], cv2.IMREAD_COLOR).astype(np.uint8),
            data["transforms"][i],
            data["identities"][i],
            data["units"][i],
            data["points"][i],
            float(data["residuals"][i]),
        )
        for i, (start, end) in enumerate(zip(starts, data["ends"], strict=True))
    ]
