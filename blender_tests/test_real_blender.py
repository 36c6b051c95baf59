# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed extension in a real Blender, where one was fetched by ``real_blender.py``."""

import contextlib
import json
import os
from pathlib import Path

import pytest

from benchmarks.footage import enlarge, gap, pair

from .real_blender import STAGE, command, in_a_window, inside, install

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


def test_the_zip_is_a_valid_extension(root: Path) -> None:
    (archive,) = (root / STAGE).glob("mien-*.zip")
    words = ["blender", "-b", "--command", "extension", "validate", f"/{STAGE}/{archive.name}"]
    done = inside(root, words, capture=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success" in done.stdout, done.stdout


def test_in_a_window(root: Path, tmp_path: Path) -> None:
    footage = [
        enlarge(tmp_path / "large.mp4", 1080, 900), pair(tmp_path / "pair.mp4", 120),
        gap(tmp_path / "gap.mp4", 120, 40, 55), enlarge(tmp_path / "long.mp4", 144, 900),
    ]  # fmt: skip
    done = in_a_window(root, footage)
    results = json.loads((root / STAGE / "window" / "results.json").read_text())
    print(json.dumps(results["figures"], indent=1))
    assert not results["failed"], "\n".join(f["why"] for f in results["failed"]) + done.stderr
    assert len(results["passed"]) == results["planned"]
    assert not still_running(results["child"]), "quitting left the child behind"
    assert not (root / results["child"].lstrip("/")).exists()


def still_running(word: str) -> list[str]:
    """Command lines of processes that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found += [line] if word in line else []
    return found
