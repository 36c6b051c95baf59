# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of contours at run time: where the edges of lips and brows are in a crop of a face."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..assets import contours_path
from ..capture.onnx_file import open_shipped
from ..errors import ModelError
from ..model.contour_points import CONTOUR_POINTS
from ..model.head import Head, shipped_head
from ..model.params import FloatArray
from .contour_regions import REGIONS, RegionFrames, cut_region

LAYOUT = "2"
"""Version of the signature below, stored in the file."""
_INPUTS = {region.name: (*region.size[::-1], 3) for region in REGIONS}
"""Name and shape of what it takes for each crop: the patches' bytes, BGR."""
_POINTS = (len(CONTOUR_POINTS), 2)
"""Shape of what it gives for each: metres to the right and up from the middle of the point's region."""


class SeesContours(Protocol):
    """Anything that tells where contours are in crops."""

    def read(self, crops: NDArray[np.uint8], params: FloatArray) -> FloatArray:
        """Points ``(n, K, 2)`` in pixels of the crops, x right, y down.

        Args:
            crops: ``(n, 120, 120, 3)`` BGR, of faces.
            params: ``(n, 62)`` that the regressor said of them.
        """
        ...


class ContourReader:
    """Tells the points of :data:`mien.core.model.contour_points.CONTOUR_POINTS`."""

    def __init__(self, path: Path, head: Head) -> None:
        """Load and check a network.

        Args:
            path: the ``.onnx`` file.
            head: whose parameters lay it on faces.

        Raises:
            ModelError: the file is missing, damaged, no network of contours, or of another head.
        """
        self._session = open_shipped(path)
        stored = self._session.get_modelmeta().custom_metadata_map
        inputs = {i.name: tuple(i.shape[1:]) for i in self._session.get_inputs()}
        outputs = {o.name: tuple(o.shape[1:]) for o in self._session.get_outputs()}
        if stored.get("mien.contours") != LAYOUT or (inputs, outputs) != (
            _INPUTS,
            {"points": _POINTS},
        ):
            raise ModelError(f"{path} is not of this Mien; install Mien again.")
        if stored.get("mien.head") != head.id:
            raise ModelError(f"{path} was trained on another head; use the head that came with it.")
        self._frames = RegionFrames(head)

    def read(self, crops: NDArray[np.uint8], params: FloatArray) -> FloatArray:
        """See :meth:`SeesContours.read`."""
        frames = self._frames.of(params)
        patches = {
            region.name: np.stack(
                [
                    cut_region(crop, frame[k], region)
                    for crop, frame in zip(crops, frames, strict=True)
                ]
            )
            for k, region in enumerate(REGIONS)
        }
        told = np.asarray(self._session.run(["points"], patches)[0], np.float32)
        counts = [len(region.points) for region in REGIONS]
        own = np.repeat(frames, counts, axis=1)
        return np.einsum("nki,nkix->nkx", told, own[:, :, :2]) + own[:, :, 2]


def shipped_contour_reader(head: Head) -> ContourReader | None:
    """The shipped network, or None for a head of the user's own, whose parameters it does not know.

    Raises:
        ModelError: it is missing or damaged.
    """
    return ContourReader(contours_path(), head) if head.id == shipped_head().id else None
