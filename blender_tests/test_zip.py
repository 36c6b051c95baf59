# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension as a user gets it: built, validated, installed into an empty profile, used."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import bpy
import pytest

from build_addon import GENERATIONS, PLATFORMS, ROOT, build, fetch_wheels

VALIDATOR = Path(bpy.utils.resource_path("LOCAL")) / "scripts/addons_core/bl_pkg/cli/blender_ext.py"
INSTALLER = Path(__file__).with_name("install_and_capture.py")
pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="the zip that is installed here is the one for Linux on x86-64",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Linux zip with the wheels for this Python only, so that it is quick to build."""
    wheels = fetch_wheels(PLATFORMS[0], "3.11", ROOT / "cache" / "wheels")
    return build(PLATFORMS[0], wheels, tmp_path_factory.mktemp("dist"), GENERATIONS[0])


def bare_blender() -> list[str]:
    """A Python that has this Blender and nothing else, so that only the zip's wheels are found."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("a bare environment for Blender is made with uv, which is not installed")
    version = ".".join(map(str, bpy.app.version))
    return [uv, "run", "--quiet", "--isolated", "--no-project", "--python", "3.11",
            "--with", f"bpy=={version}", "python", "-I"]  # fmt: skip


def test_blenders_own_validator_accepts_it(archive: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(VALIDATOR), "validate", str(archive)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower()


def test_no_wheel_of_numpy_is_inside(archive: Path) -> None:
    wheels = [n for n in zipfile.ZipFile(archive).namelist() if n.endswith(".whl")]
    assert len(wheels) == 3
    assert not [w for w in wheels if "numpy" in w]


def test_installed_into_an_empty_profile_it_captures_the_clip(
    archive: Path, clip: Path, tmp_path: Path
) -> None:
    profile, blend = tmp_path / "profile", tmp_path / "face.blend"
    profile.mkdir()
    shutil.copy(clip, tmp_path / "man.mp4")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["BLENDER_USER_RESOURCES"] = str(profile)
    done = subprocess.run(
        [*bare_blender(), str(INSTALLER), str(archive), str(tmp_path / "man.mp4"), str(blend)],
        env=environment, capture_output=True, text=True, cwd=tmp_path, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ran from {profile}" in done.stdout
    assert f"network from {profile}" in done.stdout
    assert "in 120 frames, lost in 0" in done.stdout
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    mesh = next(o for o in bpy.data.objects if o.type == "MESH")
    assert len(mesh.data.shape_keys.key_blocks) == 103
