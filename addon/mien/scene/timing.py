# SPDX-License-Identifier: GPL-3.0-or-later
"""How a motion becomes keys: at which frames, how many, which set acts. Needs no Blender to be read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .key_sets import BLENDSHAPES

if TYPE_CHECKING:
    from bpy.types import Scene

TIMES, WHOLE, ONE_BY_ONE = "TIMES", "WHOLE", "ONE_BY_ONE"
TIMINGS = {"times": TIMES, "whole": WHOLE, "one-by-one": ONE_BY_ONE}
"""Ways in which footage's frames become scene frames, by the words of commands and jobs files."""


@dataclass(frozen=True)
class Keying:
    """Where keys lie and how many there are.

    Attributes:
        timing: ``TIMES`` keys each frame at its own time, between scene frames if need be; ``WHOLE``
            samples the motion on whole scene frames; ``ONE_BY_ONE`` gives each frame of the footage
            a scene frame, whatever the rates.
        step: key every so many frames only.
        tolerance: leave out keys that a straight line between others replaces to within this, in
            deviations for expressions, in tenths for weights, in hundredths for locations (metres)
            and quaternions; 0 keeps all.
        start: scene frame of the footage's time 0; the scene's first one by default.
        keys: which of the two sets of expression keys acts, see :mod:`mien.scene.key_sets`; both
            are keyed.
    """

    timing: str = TIMES
    step: int = 1
    tolerance: float = 0.0
    start: float | None = None
    keys: str = BLENDSHAPES


PLAIN = Keying()


def rate_of(scene: "Scene") -> float:
    """Frames a second of a scene."""
    return scene.render.fps / scene.render.fps_base
