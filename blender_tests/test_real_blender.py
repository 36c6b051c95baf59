# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed extension in a real Blender, where one was fetched by ``real_blender.py``."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.footage import enlarge

from .real_blender import STAGE, command, in_a_window, install

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


def test_in_a_window(root: Path, tmp_path: Path) -> None:
    large = enlarge(tmp_path / "large.mp4", 1080, 900)
    done = in_a_window(root, large)
    results = json.loads((root / STAGE / "window" / "results.json").read_text())
    print(json.dumps(results["figures"], indent=1))
    assert not results["failed"], "\n".join(f["why"] for f in results["failed"]) + done.stderr
    assert len(results["passed"]) == 12
