# SPDX-License-Identifier: GPL-3.0-or-later
"""The labelling tool's points, steadied: the mean of what it sees in several views of one picture.

The tool is not even: in a mirror its points stand elsewhere, by 0.7 % of the face's box on average, and they
wander when a picture is turned a little. The mean over such views is what a label should be.
"""

import cv2
import numpy as np
from mien.core.model.head import Head
from numpy.typing import NDArray

from ..geometry.landmarks import partners
from .mediapipe_tool import FaceMesh, Found, ImageArray

VIEWS = ((0.0, False), (0.0, True), (8.0, False), (-8.0, True))
"""How far each view is turned in the plane (degrees), and whether it is seen in a mirror."""


class SteadyMesh:
    """Finds one face's 468 points in stills, by several views of each.

    Args:
        head: whose points say which one is which other's mirror image.
    """

    def __init__(self, head: Head) -> None:
        self._mesh = FaceMesh()
        self._partners = partners(head.mediapipe_model().mean)

    def find(self, image: ImageArray) -> tuple[Found, Found] | None:
        """What is seen of the most certain face of a BGR picture at first sight, and on average.

        Returns:
            None where no face is seen, even if one is in other views.
        """
        first = self._mesh.find(image)
        if first is None:
            return None
        seen = [first, *(self._view(image, turn, flip) for turn, flip in VIEWS[1:])]
        good = [found for found in seen if found is not None]
        return first, Found(
            np.mean([found.points for found in good], axis=0).astype(np.float32),
            np.mean([found.iris for found in good], axis=0).astype(np.float32),
        )

    def _view(self, image: ImageArray, turn: float, flip: bool) -> Found | None:
        view, moved = view_of(image, turn, flip)
        found = self._mesh.find(view)
        if found is None:
            return None
        back = np.linalg.inv(moved)
        points, iris = found.points.copy(), found.iris
        points[:, :2] = points[:, :2] @ back[:2, :2].T + back[:2, 2]
        iris = iris @ back[:2, :2].T + back[:2, 2]
        if flip:
            points, iris = points[self._partners], iris[::-1]
        return Found(points.astype(np.float32), iris.astype(np.float32))


def view_of(image: ImageArray, turn: float, flip: bool) -> tuple[ImageArray, NDArray[np.float64]]:
    """A picture turned about its middle, or seen in a mirror and turned.

    Args:
        image: BGR.
        turn: degrees, counter-clockwise.
        flip: whether it is mirrored first.

    Returns:
        The view, of the same size; and the ``(3, 3)`` matrix that takes the picture's pixels to the view's.
    """
    height, width = image.shape[:2]
    moved = np.eye(3)
    moved[:2] = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn, 1.0)
    if flip:
        moved = moved @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]])
    view = cv2.warpAffine(
        image, moved[:2], (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return view.astype(np.uint8), moved
