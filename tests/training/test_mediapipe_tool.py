# SPDX-License-Identifier: GPL-3.0-or-later
"""The labelling tool's points are counted in our pixels."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.sources import open_source

pytest.importorskip("mediapipe", reason="the labelling tool is of the group 'training'")

from training.labels.mediapipe_tool import FaceMesh

LARGER = 4


def test_a_picture_enlarged_has_its_points_in_the_same_places(clip: Path) -> None:
    mesh, away = FaceMesh(), []
    for frame in list(open_source(clip))[::16]:
        large = cv2.resize(
            frame.image, None, fx=LARGER, fy=LARGER, interpolation=cv2.INTER_CUBIC
        ).astype(np.uint8)
        here, there = mesh.find(frame.image), mesh.find(large)
        assert here is not None
        assert there is not None
        # Pixel centres are integers: the large picture's pixel p lies at (p + 0.5) / 4 - 0.5.
        same = (there.points[:, :2] + 0.5) / LARGER - 0.5
        away.append((same - here.points[:, :2]).mean(axis=0))
    assert np.abs(np.mean(away, axis=0)).max() < 0.2
