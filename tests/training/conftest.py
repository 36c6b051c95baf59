# SPDX-License-Identifier: GPL-3.0-or-later
"""What the training's tests need."""

from pathlib import Path

import numpy as np
import pytest
from mien.core.head import Head
from mien.core.sources import open_source

from training.labels.fit import Fitter
from training.labels.store import LabelledPhoto, crop_photo, save_labels
from training.mediapipe_tool import FaceMesh


@pytest.fixture(scope="session")
def photos(clip: Path, head: Head) -> list[LabelledPhoto]:
    """Frames of the clip, labelled as any photo would be."""
    mesh, fitter = FaceMesh(), Fitter(head)
    out = []
    for frame in list(open_source(clip))[::8]:
        found = mesh.find(frame.image)
        assert found is not None
        out.append(crop_photo(frame.image, fitter.fit(found), found, f"man{frame.number}"))
    return out


@pytest.fixture(scope="session")
def labels(
    photos: list[LabelledPhoto], head: Head, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("labels") / "labels.npz"
    save_labels(path, photos, head)
    return path


def random_params(count: int, seed: int = 0) -> np.ndarray:
    """Plausible parameters ``(count, 62)``: turned heads of about the crop's size."""
    from mien.core.params import Pose, compose, join
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(seed)
    turn = Rotation.from_euler("yxz", rng.normal(0, 25, (count, 3)), degrees=True)
    pose = Pose(
        rng.uniform(350, 480, count).astype(np.float32), turn.as_matrix().astype(np.float32),
        np.column_stack([rng.normal(0, 4, (count, 2)), np.zeros(count)]).astype(np.float32),
    )  # fmt: skip
    return join(
        compose(pose), rng.normal(size=(count, 40)).astype(np.float32),
        rng.normal(size=(count, 10)).astype(np.float32),
    )  # fmt: skip
