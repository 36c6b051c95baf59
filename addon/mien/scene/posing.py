# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses a head that is in the scene as a single captured frame has it, without keys: live preview."""

import numpy as np
from bpy.types import Object
from numpy.typing import NDArray

from ..core.model.arkit import ARKIT_BLENDSHAPES
from ..core.model.gaze import set_gaze, steady_gaze
from ..core.model.params import FloatArray
from ..core.solve.motion import Motion, solve_take
from ..core.solve.one_euro import MIN_CUTOFF, OneEuro
from ..core.solve.placement import place_head
from ..core.solve.running_rest import RunningRest
from ..core.take.take import TakeInfo, take_from_records
from .axes import points_to_scene, rotations_to_scene
from .mesh import expression_key, set_identity
from .rig import BONE, EYES, bone_channels, eye_channels
from .typed import as_floats, keys_of, pose_of

_IDENTITY_MEMORY = 0.02
"""Share of what each frame says that goes into a live head's identity: a person in about two seconds, chosen by
eye."""
SMOOTHING = 0.3
"""At which the filter's own cutoff holds."""


class LivePose:
    """Takes rows of a take as they come and moves a head with them.

    Args:
        mesh, rig: of the head.
        camera: where the camera stands, in camera axes.
        info: of the footage.
        smoothing: 0 to 1; more takes out more jitter and follows later.
        rest: whether what the face is like at rest, lately, is taken off the weights.
    """

    def __init__(
        self,
        mesh: Object,
        rig: Object,
        camera: FloatArray,
        info: TakeInfo,
        smoothing: float = SMOOTHING,
        rest: bool = True,
    ) -> None:
        self.mesh, self.rig = mesh, rig
        self._camera, self._info = camera, info
        cutoff = MIN_CUTOFF * SMOOTHING / smoothing if smoothing > 0 else np.inf
        self._expression, self._bone = OneEuro(0.5, cutoff), OneEuro(0.02, cutoff)
        self._gaze, self._blendshapes = OneEuro(0.1, cutoff), OneEuro(0.1, cutoff)
        self._rest = RunningRest() if rest else None
        self._identity: FloatArray | None = None
        self._turn: FloatArray | None = None

    def show(self, row: NDArray[np.void]) -> bool:
        """Pose the head as a row of :data:`mien.core.take.take.RECORD` has it; False if it has no face."""
        if not np.isfinite(row["params"]).all():
            return False
        motion = self._motion(row)
        if self._identity is None:
            self._identity = motion.identity
        self._identity = self._identity + _IDENTITY_MEMORY * (motion.identity - self._identity)
        set_identity(self.mesh, self._identity)
        placed = place_head(motion, self._camera)
        channels = bone_channels(
            self.rig, points_to_scene(placed.position), rotations_to_scene(placed.rotation)
        )[0]
        if self._turn is not None and channels[3:] @ self._turn < 0:
            channels[3:] *= -1
        time = float(row["time"])
        channels = self._bone(time, channels).astype(np.float32)
        channels[3:] /= np.linalg.norm(channels[3:])
        self._turn = channels[3:].copy()
        bone = pose_of(self.rig).bones[BONE]
        bone.location = as_floats(channels[:3])
        bone.rotation_quaternion = as_floats(channels[3:])
        eyes = self._gaze(time, steady_gaze(motion.blendshapes)).astype(np.float32)
        for name, turns in zip(EYES, eye_channels(self.rig, eyes), strict=True):
            pose_of(self.rig).bones[name].rotation_quaternion = turns[0]
        blocks = keys_of(self.mesh).key_blocks
        for index, value in enumerate(self._expression(time, motion.expression[0])):
            blocks[expression_key(index)].value = float(value)
        blendshapes = self._blendshapes(time, motion.blendshapes[0])[None].astype(np.float32)
        for name, value in zip(ARKIT_BLENDSHAPES, set_gaze(blendshapes, eyes)[0], strict=True):
            blocks[name].value = float(value)
        return True

    def _motion(self, row: NDArray[np.void]) -> Motion:
        if self._rest is not None:
            row = row.copy()
            row["units"] = self._rest(float(row["time"]), row["units"], float(row["confidence"]))
        return solve_take(take_from_records(row.reshape(1), self._info))
