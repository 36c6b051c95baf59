# SPDX-License-Identifier: GPL-3.0-or-later
"""The footage behind the head: at every time the picture of that time."""

from pathlib import Path

import bpy
import pytest
from mien.core.model.head import Head
from mien.core.solve.motion import Motion, solve_take
from mien.scene.build import build_scene

from tests.conftest import made_take


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, 40))


def test_the_footage_lies_behind(
    scene: bpy.types.Scene, head: Head, motion: Motion, clip: Path
) -> None:
    built = build_scene(scene, motion, head, clip)
    background = built.camera.data.background_images[0]
    assert background.image.source == "MOVIE"
    assert background.image_user.frame_start == 1
    assert background.display_depth == "BACK"
    assert built.camera.data.show_background_images


def test_footage_that_blender_cannot_read_is_left_out(
    scene: bpy.types.Scene, head: Head, motion: Motion, tmp_path: Path
) -> None:
    built = build_scene(scene, motion, head, tmp_path / "gone.mp4")
    assert not built.camera.data.background_images
