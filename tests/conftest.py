# SPDX-License-Identifier: GPL-3.0-or-later
"""What many tests need: the shipped models, the clip of a talking man, made-up takes."""

from pathlib import Path

import numpy as np
import pytest
from mien.cli.commands import demo_clip
from mien.core.assets import head_path
from mien.core.capture.capture import Models, load_models
from mien.core.errors import SourceError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from mien.core.model.head import Head, load_head
from mien.core.model.params import Pose, compose, join
from mien.core.take.take import Take, TakeInfo
from scipy.spatial.transform import Rotation


@pytest.fixture(scope="session")
def head() -> Head:
    """The shipped head."""
    return load_head(head_path())


@pytest.fixture(scope="session")
def models() -> Models:
    """Everything that a capture needs."""
    return load_models()


@pytest.fixture(scope="session")
def clip() -> Path:
    """A real man talking: 120 frames of 193 x 144 square pixels at 29.97 a second."""
    try:
        return demo_clip()
    except SourceError as error:
        pytest.skip(str(error))


LIDS = ("eyeBlink", "eyeSquint", "eyeWide")


def info_of(head_id: str, **changes: object) -> TakeInfo:
    """A take's description with some fields changed."""
    values: dict[str, object] = {
        "source": "made up.mp4", "width": 640, "height": 480, "fps": 30.0, "model": "none",
        "head": head_id, "created": "2026-01-01T00:00:00+00:00", "mien": "0", "complete": True,
    }  # fmt: skip
    return TakeInfo(**{**values, **changes})  # type: ignore[arg-type]


def made_take(head: Head, count: int = 40, seed: int = 0, lost: tuple[int, ...] = ()) -> Take:
    """A head that nods and turns in the middle of the picture, one identity, open-eyed faces at random."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(-0.5, 0.5, count)
    rotation = Rotation.from_euler("yx", np.column_stack([turn, 0.3 * np.sin(4 * turn)]))
    transform = compose(
        Pose(
            np.full(count, 420.0, np.float32),
            rotation.as_matrix().astype(np.float32),
            rng.normal(0, 1, (count, 3)).astype(np.float32),
        )
    )
    identity = np.repeat(rng.normal(0, 1, (1, 40)), count, axis=0).astype(np.float32)
    blendshapes = rng.uniform(0, 1, (count, N_BLENDSHAPES)) * (
        rng.uniform(size=(count, N_BLENDSHAPES)) < 0.3
    )
    blendshapes[:, [name in UNSEEN or name.startswith(LIDS) for name in ARKIT_BLENDSHAPES]] = 0
    expression = (blendshapes @ head.blendshapes_to_expression).astype(np.float32)
    params = join(transform, identity, expression)
    boxes = np.column_stack(
        [np.linspace(300, 340, count), np.full(count, 240.0), np.full(count, 200.0)]
    ).astype(np.float32)
    confidence = np.full(count, 0.9, np.float32)
    for row in lost:
        params[row], boxes[row], blendshapes[row], confidence[row] = np.nan, np.nan, np.nan, 0
    return Take(
        np.arange(count) / 30.0, np.arange(count, dtype=np.int32), boxes, confidence, params,
        blendshapes.astype(np.float32), info_of(head.id),
    )  # fmt: skip
