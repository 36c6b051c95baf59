# SPDX-License-Identifier: GPL-3.0-or-later
"""Refining a take: footage and captured take in, better poses and weights out.

The face of every frame is turned back into one canonical picture through the mesh that the solve has
put on it. If poses and weights were right, the same skin would lie on the same pixel in all of them;
by how much it does not, optical flow says. Where the edges of lips and brows are, beyond where they are at rest,
a small network says. Least squares turns both into better poses and weights.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..capture.sources.frames import Frame
from ..model.head import Head
from ..solve.motion import Motion, solve_take
from ..take.refinement import Refinement
from ..take.take import Take
from .contour_reader import SeesContours, shipped_contour_reader
from .pictures import Pictures
from .refiner import RefineProgress, Refiner
from .take_fit import Store

__all__ = ["RefineProgress", "refine", "refine_take"]


def refine(
    take: Take,
    footage: Iterable[Frame],
    motion: Motion,
    head: Head,
    progress: Callable[[RefineProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    contours: SeesContours | None = None,
) -> Refinement | None:
    """Refine a take on its own footage.

    Args:
        take: as captured.
        footage: the frames it was captured from, read anew (see :func:`mien.core.capture.sources.open_source`).
        motion: of the take, neither smoothed nor adjusted.
        head: of the take.
        progress: called after every step.
        should_stop: asked after every step.
        contours: what sees the edges of lips and brows in a frame; without it skin alone is followed.

    Returns:
        None if it was stopped, or if too few frames can be believed: small or turned away faces.

    Raises:
        SourceError: the footage cannot be read.
    """
    work = Refiner(take, motion, head, contours, progress, should_stop)
    if not work.worth_starting():
        return None
    with Pictures(len(take)) as pictures, Store(len(take)) as store:
        if pictures.read(footage, take.frames, work.boxes, work.look, work.step):
            return None
        return work.run(pictures, store)


def refine_take(
    take: Take,
    footage: Iterable[Frame],
    head: Head,
    progress: Callable[[RefineProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Take:
    """The take with what its footage's pixels say of it, or as it was if they say nothing: :func:`refine`.

    Contours are seen by the shipped network, where the head is the shipped one.

    Raises:
        ModelError: that network is missing or damaged.
        SourceError: the footage cannot be read.
    """
    captured = replace(take, refined=None)
    motion, contours = solve_take(captured, head), shipped_contour_reader(head)
    refined = refine(captured, footage, motion, head, progress, should_stop, contours)
    return take if refined is None else replace(take, refined=refined)
