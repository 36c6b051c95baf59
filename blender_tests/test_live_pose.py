# SPDX-License-Identifier: GPL-3.0-or-later
"""A head that a camera moves, without a window: rows of a take as they would come."""

from typing import Any

import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.solve.motion import solve_take
from mien.core.take.take import RECORD
from mien.scene.build import build_scene
from mien.scene.posing import LivePose

from tests.conftest import made_take

BROW = ARKIT_BLENDSHAPES.index("browInnerUp")


@pytest.mark.parametrize("rest", [True, False])
def test_a_live_head_comes_to_rest(scene: Any, head: Head, rest: bool) -> None:
    take = made_take(head, 150)
    built = build_scene(scene, solve_take(take, head), head)
    mesh = built.mesh.data.shape_keys
    mesh.animation_data_clear()
    pose = LivePose(built.mesh, built.rig, built.stand, take.info, 0.0, rest)
    rows = np.zeros(len(take), RECORD)
    rows["time"], rows["confidence"], rows["params"], rows["box"] = (
        take.times, 1.0, take.params, take.boxes,
    )  # fmt: skip
    rows["units"][:, BROW] = 0.25
    for row in rows:
        assert pose.show(row)
    raised = mesh.key_blocks["browInnerUp"].value
    assert raised < 0.02 if rest else raised > 0.2
