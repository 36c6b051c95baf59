# SPDX-License-Identifier: GPL-3.0-or-later
"""Live footage without a camera: what is said when there is none, and a file played as if it were one."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from mien.core.capture.sources.camera import PlayedSource, refusal

NOBODY = 65534


def test_a_missing_camera_is_said_to_be_missing(tmp_path: Path) -> None:
    said = refusal(3, "linux", tmp_path / "video3")
    assert said == "There is no camera 3; plug one in or choose another number."


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_camera_that_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # pytest's own folders are closed to others
        device = Path(folder, "video0")
        device.touch()
        device.chmod(0)
        before = os.geteuid()
        if before == 0:  # root may read everything
            os.seteuid(NOBODY)
        try:
            assert "may not be used by you" in refusal(0, "linux", device)
        finally:
            os.seteuid(before)


def test_a_camera_that_is_busy(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert "close other programs" in refusal(0, "linux", tmp_path / "video0")


@pytest.mark.parametrize(
    ("platform", "where"),
    [("darwin", "Privacy & Security > Camera"), ("win32", "Privacy > Camera")],
)
def test_where_to_allow_it_is_named(platform: str, where: str) -> None:
    assert where in refusal(0, platform, Path("/dev/video0"))


def test_a_played_file_takes_as_long_as_it_lasts_and_drops_late_pictures(clip: Path) -> None:
    source = PlayedSource(clip)
    start, times = time.time(), []
    for frame in source:
        times.append(frame.time)
        time.sleep(0.1)  # slower than the clip
        if frame.time > 1.0:
            break
    assert 2 <= len(times) <= 12
    assert times == sorted(times)
    assert time.time() - start >= times[-1] - 0.05
