# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed extension in a real Blender, where one was fetched by ``real_blender.py``."""

import os
from pathlib import Path

import pytest

from .real_blender import STAGE, command, install

FOLDER = os.environ.get("MIEN_BLENDER_ROOT")
pytestmark = pytest.mark.skipif(
    FOLDER is None or not Path(FOLDER).is_dir() or os.geteuid() != 0,
    reason="MIEN_BLENDER_ROOT names no folder made by blender_tests/real_blender.py, or not root",
)


@pytest.fixture(scope="module")
def root(clip: Path) -> Path:
    """Blender with the extension installed into an empty profile."""
    folder = Path(str(FOLDER))
    done = install(folder, clip)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "in 120 frames, lost in 0" in done.stdout
    return folder


def test_the_command_captures_the_clip(root: Path) -> None:
    words = ["capture", f"/{STAGE}/footage.mp4", "--output", f"/{STAGE}/face.blend"]
    done = command(root, [*words, "--preview", f"/{STAGE}/face.png"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fps" in done.stderr
    assert (root / STAGE / "face.blend").stat().st_size > 100_000
    assert (root / STAGE / "face.png").exists()


def test_the_command_names_what_is_wrong(root: Path) -> None:
    done = command(root, ["capture", "/gone.mp4", "--output", f"/{STAGE}/none.blend"])
    assert done.returncode == 1
    assert "error: /gone.mp4 does not exist" in done.stderr
    assert not (root / STAGE / "none.blend").exists()


def test_export_and_info_run_too(root: Path) -> None:
    take = f"/{STAGE}/installed.take.npz"
    assert command(root, ["info", take]).returncode == 0
    done = command(root, ["export", take, "--landmarks", f"/{STAGE}/marks.csv"])
    assert done.returncode == 0, done.stderr
    assert len((root / STAGE / "marks.csv").read_text().splitlines()) == 121
