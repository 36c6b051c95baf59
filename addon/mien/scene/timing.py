# SPDX-License-Identifier: GPL-3.0-or-later
"""How a motion becomes keys: at which frames, how many, which set acts. Needs no Blender to be read."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import MienError
from ..core.modes import KeySet, Timing

if TYPE_CHECKING:
    from bpy.types import Scene


@dataclass(frozen=True)
class Keying:
    """Where keys lie and how many there are.

    Attributes:
        timing: at which frames.
        step: key every so many frames only.
        tolerance: leave out keys that a straight line between others replaces to within this, in
            deviations for expressions, in tenths for weights, in hundredths for locations (metres)
            and quaternions; 0 keeps all.
        start: scene frame of the footage's time 0; the scene's first one by default.
        keys: which of the two sets of expression keys acts, both are keyed.

    Raises:
        MienError: one of them is out of its range.
    """

    timing: Timing = Timing.TIMES
    step: int = 1
    tolerance: float = 0.0
    start: float | None = None
    keys: KeySet = KeySet.BLENDSHAPES

    def __post_init__(self) -> None:
        """Check them: they come from scripts, command lines and jobs files."""
        if self.step < 1:
            raise MienError(f"Keying every {self.step} frames makes no sense; give 1 or more.")
        if not 0 <= self.tolerance < math.inf:
            raise MienError(f"A tolerance of {self.tolerance:g} makes no sense; give 0 or more.")
        if self.start is not None and not math.isfinite(self.start):
            raise MienError(f"A start on frame {self.start:g} makes no sense; give a number.")


PLAIN = Keying()


def rate_of(scene: "Scene") -> float:
    """Frames a second of a scene."""
    return scene.render.fps / scene.render.fps_base
