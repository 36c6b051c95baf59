# SPDX-License-Identifier: GPL-3.0-or-later
"""What the training's tests need; read even where the training's packages are not installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mien.core.capture.sources import open_source
from mien.core.model.head import Head

if TYPE_CHECKING:
    from training.labels.store import LabelledPhoto


@pytest.fixture(scope="session")
def labelled(
    clip: Path, head: Head, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[LabelledPhoto], Path]:
    """Frames of the clip, labelled as any photo would be, and the file of them."""
    from mien.core.model.arkit import N_BLENDSHAPES

    from training.labels.label import label_all
    from training.labels.steady import SteadyMesh
    from training.labels.store import SeenFace, crop_photo, save_labels

    mesh = SteadyMesh(head)
    seen = []
    for frame in list(open_source(clip))[::8]:
        found = mesh.find(frame.image)
        assert found is not None
        crop, placing = crop_photo(frame.image, found[0])
        first, steady = map(placing, found)
        # The witness's model is not in the project; its word on a man at rest stands in for it.
        rest = np.zeros(N_BLENDSHAPES, np.float32)
        seen.append(SeenFace(f"man{frame.number}", crop, first.points[:, :2], steady, rest))
    photos, bias = label_all(seen, head)
    path = tmp_path_factory.mktemp("labels") / "labels.npz"
    save_labels(path, photos, seen, bias, head)
    return photos, path


@pytest.fixture(scope="session")
def photos(labelled: tuple[list[LabelledPhoto], Path]) -> list[LabelledPhoto]:
    """Frames of the clip, labelled as any photo would be."""
    return labelled[0]


@pytest.fixture(scope="session")
def labels(labelled: tuple[list[LabelledPhoto], Path]) -> Path:
    """The same as a file."""
    return labelled[1]


def random_params(count: int, seed: int = 0) -> np.ndarray:
    """Plausible parameters ``(count, 62)``: turned heads of about the crop's size."""
    from mien.core.model.params import Pose, compose, join
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
