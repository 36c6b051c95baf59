# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from mien.core.capture.regressor import Regressor
from mien.core.capture.sources import open_source
from mien.core.model.head import shipped_head
from mien.core.refine.contour_reader import ContourReader

TASK = Path(__file__).parents[3] / "shared" / "labelling" / "face_landmarker.task"


@pytest.mark.skipif(not TASK.exists(), reason=f"MediaPipe's landmarker is not at {TASK}")
def test_one_command_goes_from_photos_to_a_model(clip: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for frame in list(open_source(clip))[::4]:
        cv2.imwrite(str(photos / f"man{frame.number}.png"), frame.image)
    model = tmp_path / "model.onnx"
    words = ["--photos", str(photos), "--witness", str(TASK), "--minutes", "0.02"]
    words += ["--workers", "0", "--pool", "128", "--batch", "16", "--parts", "256"]
    words += ["--out", str(tmp_path / "run"), "--model", str(model)]
    done = subprocess.run(
        [sys.executable, "-m", "training.rebuild", *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert Regressor(model).id.startswith("mobilenet_x05")
    assert Regressor(tmp_path / "model_int8.onnx").id.endswith("int8")
    ContourReader(tmp_path / "contours.onnx", shipped_head())


def test_a_stage_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    words = [
        "--photos",
        str(tmp_path / "photos"),
        "--witness",
        "none.task",
        "--out",
        str(tmp_path / "run"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "training.rebuild", *words], capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "labels failed" in done.stderr
