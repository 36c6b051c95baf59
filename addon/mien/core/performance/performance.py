# SPDX-License-Identifier: GPL-3.0-or-later
"""The performance: ARKit's 52 weights, head and eyes. What every avatar and every file format takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from ..model.gaze import set_gaze, steady_gaze
from ..model.params import FloatArray
from ..model.rotation import to_matrices, to_quaternions, unroll
from ..solve.motion import Motion
from ..solve.placement import USUAL_LENS, place_head
from ..solve.reliability import reliability


@dataclass(frozen=True)
class Performance:
    """A moving face that belongs to no mesh; F frames, every number finite.

    Attributes:
        times: ``(F,)`` seconds, rising.
        blendshapes: ``(F, 52)`` in [0, 1], in the order of :data:`mien.core.model.arkit.ARKIT_BLENDSHAPES`. The
            eyeLook weights say the same as ``eyes``.
        rotation: ``(F, 4)`` of the head: unit quaternions w, x, y, z from model axes (x to the
            subject's left, y up, z out of the face) to camera axes (x right, y up, z toward the
            viewer). Identity faces the camera; neighbours have the same sign.
        translation: ``(F, 3)`` where the head's origin lies, metres in camera axes; the camera
            stands at zero, so z is negative. Size and lens are not known from one picture: the
            head has the size of the model's, the lens is :data:`mien.core.solve.placement.USUAL_LENS`.
        eyes: ``(F, 2, 2)`` left and right eye, each yaw (to the subject's left) and pitch (up) in
            radians against the head.
        confidence: ``(F,)`` 0 to 1; 0 where the face was lost and the numbers are filled in.
        seen: ``(52,)`` 0 to 1, how surely each weight is told from pictures: its correlation with
            the truth on clips whose truth is known; 0 for one that cannot be seen. It speaks of the
            means of capture, not of this take.
        fps: nominal frame rate.
    """

    times: NDArray[np.float64]
    blendshapes: FloatArray
    rotation: FloatArray
    translation: FloatArray
    eyes: FloatArray
    confidence: FloatArray
    seen: FloatArray
    fps: float

    def __post_init__(self) -> None:
        """Raises ValueError where shapes do not belong together."""
        count = len(self.times)
        wanted: dict[str, tuple[int, ...]] = {
            "blendshapes": (count, N_BLENDSHAPES), "rotation": (count, 4), "translation": (count, 3),
            "eyes": (count, 2, 2), "confidence": (count,), "seen": (N_BLENDSHAPES,),
        }  # fmt: skip
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, not {shape}")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def names(self) -> tuple[str, ...]:
        """The 52 blendshapes by ARKit's names, in the order of the columns of ``blendshapes``."""
        return ARKIT_BLENDSHAPES

    @property
    def head(self) -> FloatArray:
        """``(F, 4, 4)`` matrices that place the head: model axes to camera axes, metres."""
        out = np.tile(np.eye(4, dtype=np.float32), (len(self), 1, 1))
        out[:, :3, :3] = to_matrices(self.rotation)
        out[:, :3, 3] = self.translation
        return out


def to_performance(motion: Motion, lens: float = USUAL_LENS) -> Performance:
    """What a captured and solved face does, apart from whose face it is.

    Args:
        motion: of :func:`mien.core.solve.motion.solve_take`, adjusted or not.
        lens: focal length over the longer side of the picture, which scales the distances.
    """
    placed = place_head(motion, np.zeros(3, np.float32), lens)
    eyes = steady_gaze(motion.blendshapes)
    return Performance(
        times=motion.times,
        blendshapes=set_gaze(motion.blendshapes, eyes),
        rotation=unroll(to_quaternions(placed.rotation)),
        translation=placed.position,
        eyes=eyes,
        confidence=motion.confidence,
        seen=reliability().blendshapes,
        fps=motion.fps,
    )
