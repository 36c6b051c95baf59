# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes to motions, motions to performances."""

from collections.abc import Mapping

from ..core.formats.take_text import check_head
from ..core.model.head import shipped_head
from ..core.modes import NeutralFace
from ..core.performance.performance import Performance, to_performance
from ..core.performance.resampling import at_rate
from ..core.solve.adjust import USUAL, Adjustments, clean_motion
from ..core.solve.motion import Motion
from ..core.solve.neutral import Neutral
from ..core.take.take import Take


def solve(
    take: Take,
    *,
    smoothing: float = USUAL.smoothing,
    neutral: Neutral = NeutralFace.AUTO,
    gains: Mapping[str, float] | None = None,
    head_motion: bool = True,
) -> Motion:
    """Solve a take: one identity, a pose and 52 weights for every frame, gaps filled, adjusted.

    Args:
        take: of :func:`capture` or :func:`load_take`.
        smoothing: 0 to 1.
        neutral: where the face is at rest: ``"auto"``, ``"off"``, or ``(from, to)`` in seconds.
        gains: how strongly ``brows``, ``eyes``, ``mouth``, ``jaw`` and ``head`` move; 1 where absent.
        head_motion: whether the head turns and moves.

    Raises:
        MienError: the take belongs to another head, the face was lost in every frame, or an
            adjustment is out of its range.
    """
    wanted = Adjustments(smoothing, dict(gains or {}), head_motion)
    check_head(take, shipped_head())
    return clean_motion(take, shipped_head(), wanted, neutral)


def performance(motion: Motion, fps: float | None = None) -> Performance:
    """What a face does, apart from whose face it is: 52 blendshapes, head and eyes.

    Args:
        motion: of a take.
        fps: an even rate to sample it at; the footage's own times by default.

    Raises:
        MienError: the rate makes no sense.
    """
    own = to_performance(motion)
    return own if fps is None else at_rate(own, fps)
