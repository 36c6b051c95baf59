# SPDX-License-Identifier: GPL-3.0-or-later
"""The take: all that was captured, frame by frame, before any smoothing. The hinge of Mien."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from ..model.arkit import N_BLENDSHAPES
from ..model.params import N_PARAMS, FloatArray
from .refinement import Refinement

FORMAT = 1
"""Version of a take's layout, which every file states."""
MAX_FRAMES = 2_000_000
"""More than eighteen hours at thirty frames a second; a file that claims more is not a take."""

RECORD = np.dtype(
    [
        ("time", "<f8"),
        ("frame", "<i4"),
        ("confidence", "<f4"),
        ("box", "<f4", 3),
        ("params", "<f4", N_PARAMS),
        ("units", "<f4", N_BLENDSHAPES),
    ]
)
"""One frame, as it lies in memory and in the journal: 484 bytes."""

ARRAYS: dict[str, tuple[str, tuple[int, ...]]] = {
    "times": ("f", ()),
    "frames": ("i", ()),
    "boxes": ("f", (3,)),
    "confidence": ("f", ()),
    "params": ("f", (N_PARAMS,)),
    "units": ("f", (N_BLENDSHAPES,)),
}
"""Kind of number, and shape after the frames, of each array of a take."""

ATTRIBUTES = {"units": "blendshapes"}
"""What an array of a file is called in :class:`Take`, where that is another name."""


@dataclass(frozen=True)
class TakeInfo:
    """What a take says of itself.

    Attributes:
        source: path of the footage as given.
        width, height: of its frames in pixels, as seen after its rotation metadata.
        fps: its nominal frame rate.
        model: id of the regressor; head: id of the head it belongs to.
        created: time of the capture, ISO 8601, UTC.
        mien: version of Mien.
        complete: whether the capture ran to its end.
        format: version of this layout.
    """

    source: str
    width: int
    height: int
    fps: float
    model: str
    head: str
    created: str
    mien: str
    complete: bool = False
    format: int = FORMAT


@dataclass(frozen=True)
class Take:
    """A captured face, F frames; lost frames are kept as rows without numbers.

    Attributes:
        times: ``(F,)`` seconds from the start of the footage, strictly rising.
        frames: ``(F,)`` number of each frame in the footage, from 0.
        boxes: ``(F, 3)`` the crop as x, y, size in image pixels.
        confidence: ``(F,)`` 0 to 1; 0 where the face was lost.
        params: ``(F, 62)`` raw (see :mod:`mien.core.model.params`), NaN where the face was lost.
        blendshapes: ``(F, 52)`` ARKit weights, NaN where the face was lost.
        info: about the footage and the model.
        refined: what the footage's pixels said of it afterwards, if they were asked.
        texture: the actor's skin on the head's texture coordinates, a JPEG file's bytes as ``(n,)`` uint8,
            if it was baked (see :mod:`mien.core.texture`).
    """

    times: NDArray[np.float64]
    frames: NDArray[np.int32]
    boxes: FloatArray
    confidence: FloatArray
    params: FloatArray
    blendshapes: FloatArray
    info: TakeInfo
    refined: Refinement | None = None
    texture: NDArray[np.uint8] | None = None

    @cached_property
    def id(self) -> str:
        """Tells one capture from another: twelve letters from times and parameters."""
        data = (
            np.ascontiguousarray(self.times).tobytes() + np.ascontiguousarray(self.params).tobytes()
        )
        return hashlib.sha256(data).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self.times)

    @property
    def found(self) -> NDArray[np.bool_]:
        """``(F,)`` true where there is a face."""
        return np.isfinite(self.params[:, 0])


def arrays_of(take: Take) -> dict[str, NDArray[np.generic]]:
    """The arrays of a take under their names in files, see :data:`ARRAYS`."""
    return {name: getattr(take, ATTRIBUTES.get(name, name)) for name in ARRAYS}


def take_from_records(records: NDArray[np.void], info: TakeInfo) -> Take:
    """A take out of rows of :data:`RECORD`."""
    return Take(
        np.ascontiguousarray(records["time"]),
        np.ascontiguousarray(records["frame"]),
        np.ascontiguousarray(records["box"]),
        np.ascontiguousarray(records["confidence"]),
        np.ascontiguousarray(records["params"]),
        np.ascontiguousarray(records["units"]),
        info,
    )


def part_of(take: Take, start: float) -> Take:
    """The frames of a take from a time in seconds on, counted from there.

    Raises:
        TakeError: there are none.
    """
    rows = take.times >= start
    if not rows.any():
        raise TakeError(f"The take has no frame after {start:.2f} s; record for longer.")
    return Take(
        take.times[rows] - take.times[rows][0],
        take.frames[rows] - take.frames[rows][0],
        take.boxes[rows],
        take.confidence[rows],
        take.params[rows],
        take.blendshapes[rows],
        take.info,
        take.refined and take.refined.part(rows),
        take.texture,
    )
