# SPDX-License-Identifier: GPL-3.0-or-later
"""Labelled photos in one file: crops as JPEG bytes, labels as arrays. No pickle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.model.head import Head
from mien.core.writing import save_arrays
from numpy.typing import NDArray

from .mediapipe_tool import Found, ImageArray

SIDE = 224
"""Photos are stored at most this large; the face takes about half of it."""
FACE_SHARE = 0.5
"""Of the stored picture's side, so that hair, neck and some background are kept."""
QUALITY = 93
"""Of JPEG (chosen by eye)."""

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Placing:
    """Where a crop was cut: a point p of the image lies at ``scale * p + shift`` in it."""

    scale: float
    shift: FloatArray

    def __call__(self, found: Found) -> Found:
        """The same points in the crop."""
        points = found.points * self.scale
        points[:, :2] += self.shift
        return Found(
            points.astype(np.float32), (found.iris * self.scale + self.shift).astype(np.float32)
        )


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo around a face, with the head laid on it.

    Attributes:
        name: file name without suffix: whose portrait it is.
        image: BGR crop, at most ``SIDE`` pixels a side.
        transform: ``(3, 4)`` model space to this crop with y up (see :class:`.fit.Fit`).
        identity: ``(40,)``.
        blendshapes: ``(52,)``.
        points: ``(468, 2)`` the labelling tool's points in this crop at first sight, y down.
        residual: of the fit.
    """

    name: str
    image: ImageArray
    transform: FloatArray
    identity: FloatArray
    blendshapes: FloatArray
    points: FloatArray
    residual: float

    @property
    def turn(self) -> FloatArray:
        """Rotation ``(3, 3)`` of the head laid on it."""
        linear = self.transform[:, :3]
        return np.asarray(linear / np.linalg.norm(linear[0]))

    def landmarks(self, head: Head) -> FloatArray:
        """The 68 landmarks ``(68, 2)`` of the head laid on it, in this crop, y down."""
        expression = self.blendshapes @ head.blendshapes_to_expression
        identity = self.identity.astype(np.float32)
        laid = head.landmark_model().project(self.transform, identity, expression)
        return (laid[:, :2] * [1, -1]).astype(np.float32)


def crop_photo(image: ImageArray, found: Found) -> tuple[ImageArray, Placing]:
    """Cut the surroundings of a face, scaled so that the face has a usual size.

    Returns:
        The crop, and how points of the image are brought to it.
    """
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
    return np.ascontiguousarray(part), Placing(scale, shift)


@dataclass(frozen=True)
class SeenFace:
    """What both labelling tools see of a photo's face.

    Attributes:
        name: of the photo.
        image: BGR crop.
        first: ``(468, 2)`` points at first sight, in the crop.
        steady: points and irises over several views, in the crop: what the head is laid on.
        witness: ``(52,)`` scores.
    """

    name: str
    image: ImageArray
    first: FloatArray
    steady: Found
    witness: FloatArray


def save_labels(
    path: Path, photos: list[LabelledPhoto], seen: list[SeenFace], bias: FloatArray, head: Head
) -> None:
    """Write labelled photos, what each was fitted to, and with which head, to an ``.npz`` file.

    Args:
        path: of the file.
        photos: the labels.
        seen: the same faces as the tools saw them.
        bias: ``(468, 3)`` the tool's habit that was allowed for.
        head: that was laid on them.
    """
    jpegs = [
        cv2.imencode(".jpg", p.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].ravel()
        for p in photos
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "head": np.array(head.id),
        "names": np.array([p.name for p in photos]),
        "jpegs": np.concatenate(jpegs),
        "ends": np.cumsum([len(j) for j in jpegs]),
        "transforms": np.stack([p.transform for p in photos]),
        "identities": np.stack([p.identity for p in photos]),
        "units": np.stack([p.blendshapes for p in photos]),
        "points": np.stack([p.points for p in photos]),
        "residuals": np.array([p.residual for p in photos], np.float32),
        "seen": np.stack([face.steady.points for face in seen]),
        "irises": np.stack([face.steady.iris for face in seen]),
        "witness": np.stack([face.witness for face in seen]).astype(np.float32),
        "bias": bias.astype(np.float32),
    }
    save_arrays(path, arrays)


def load_labels(path: Path, head: Head) -> list[LabelledPhoto]:
    """Read what :func:`save_labels` wrote.

    Raises:
        ValueError: the labels were made with another head.
    """
    check_head(path, head)
    with np.load(path, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
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


def check_head(path: Path, head: Head) -> None:
    """See that labels were made with a head, without reading them all.

    Raises:
        ValueError: the labels were made with another head.
    """
    with np.load(path, allow_pickle=False) as file:
        if str(file["head"]) != head.id:
            raise ValueError(
                f"{path} was labelled with another head; run python -m training.labels again"
            )


def rename_head(path: Path, before: Head, after: Head) -> None:
    """Let labels made with one head name another, on which they lie as well.

    Raises:
        ValueError: the labels were made with another head than the first.
    """
    check_head(path, before)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    save_arrays(path, arrays | {"head": np.array(after.id)})


def load_seen(path: Path, head: Head) -> list[SeenFace]:
    """What both tools saw in each photo that :func:`load_labels` gives, in the same order."""
    photos = load_labels(path, head)
    with np.load(path, allow_pickle=False) as file:
        seen, irises, witness = (file[name] for name in ("seen", "irises", "witness"))
    return [
        SeenFace(p.name, p.image, p.points, Found(points, iris), scores)
        for p, points, iris, scores in zip(photos, seen, irises, witness, strict=True)
    ]


def load_bias(path: Path, head: Head) -> NDArray[np.float32]:
    """The labelling tool's habit ``(468, 3)`` that :func:`save_labels` was given, metres.

    Raises:
        ValueError: the labels were made with another head.
    """
    check_head(path, head)
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file["bias"], np.float32)
