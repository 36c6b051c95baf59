# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is not upright is refused; no face is made up in it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mien.core.capture.capture import Models, capture
from mien.core.capture.several_faces import capture_all_faces
from mien.core.capture.sources import Frame, open_source
from mien.core.errors import NoFaceError


class Turned:
    """A part of a clip, turned by quarters to the left."""

    name, fps, expected = "turned.mp4", 30.0, None

    def __init__(self, clip: Path, quarters: int, count: int = 12) -> None:
        self.warnings: list[str] = []
        self.frames = [
            f._replace(image=np.ascontiguousarray(np.rot90(f.image, quarters)))
            for f in open_source(clip, end=count / 30)
        ]
        self.height, self.width = self.frames[0].image.shape[:2]

    def __iter__(self) -> Iterator[Frame]:
        yield from self.frames


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("count", [3, 12])
def test_a_turned_film_is_refused_and_nothing_is_left(
    models: Models, clip: Path, tmp_path: Path, quarters: int, count: int
) -> None:
    for take in (capture, capture_all_faces):
        with pytest.raises(NoFaceError, match=r"turn the footage|No face was found"):
            take(Turned(clip, quarters, count), models, tmp_path / "a.npz")
        assert not list(tmp_path.iterdir())


def test_the_way_to_turn_it_is_said(models: Models, clip: Path) -> None:
    with pytest.raises(NoFaceError, match="by 180 degrees"):
        capture(Turned(clip, 2), models)


def test_an_upright_film_is_captured(models: Models, clip: Path) -> None:
    assert len(capture(Turned(clip, 0), models)) == 12
