# SPDX-License-Identifier: GPL-3.0-or-later
import cv2
import numpy as np
import pytest
from mien.core.assets import texture_path
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS, shown_head
from mien.core.texture.brows import shows_brows


def painted(head: Head, skin: int, shade: int) -> np.ndarray:
    """A texture of plain skin whose brows have a shade."""
    shown = shown_head(head)
    used = shown.faces[shown.regions == REGIONS.index("brows")]
    brows = shown.vertices[np.unique(used[used >= 0])]
    picture = np.full((512, 512, 3), skin, np.uint8)
    middle = head.vertices[head.quads].mean(axis=1)
    low, high = brows.min(axis=0) - 3e-3, brows.max(axis=0) + 3e-3
    around = ((middle > low) & (middle < high)).all(axis=1) & (head.materials == 0)
    corners = (head.uvs[around] * [1, -1] + [0, 1]) * 512
    cv2.fillPoly(picture, list(np.rint(corners).astype(np.int32)), (shade,) * 3)
    return picture


@pytest.mark.parametrize(("shade", "wanted"), [(60, True), (150, False), (180, False)])
def test_brows_are_seen_where_they_are_dark(head: Head, shade: int, wanted: bool) -> None:
    assert shows_brows(painted(head, 180, shade), head) is wanted


def test_bare_skin_shows_none(head: Head) -> None:
    assert not shows_brows(cv2.imread(str(texture_path("skin.jpg"))), head)
