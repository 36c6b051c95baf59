# SPDX-License-Identifier: GPL-3.0-or-later
"""What refining adds has to be seen: a face at rest stays there, while one that moves is moved.

Flow always finds something, at rest as well: grain, compression, light. How much it finds in the calmest third of
a take is its noise. Where the pixels ask for no more than that, a weight that the network leaves at rest has to
be clear of its own standard deviation many times over; where they ask for much more, hardly.
"""

import numpy as np

from .poses import Array
from .take_fit import TakeFit

DOUBT = 4.0
"""Standard deviations that a weight has to be clear of in a calm frame. Flow's errors go together over the face, so
that it is more than for independent ones."""
CALM = 0.3
"""Share of the believed frames in which what the pixels ask for is noise: fewer let more noise through, more take
motion from an actor who hardly rests."""
SEEN = 0.05
"""A weight of this size, by the network or by the pixels themselves, is doubted half as much."""
ROUNDS = 2
"""Solutions with a penalty that the one before has told apart (reweighted L1)."""


def solve_sparse(fit: TakeFit, prior: Array, rest: Array, start: Array) -> tuple[Array, Array]:
    """The free weights ``(F, N_FREE)`` and the step ``(F, 6)`` of the poses.

    Args:
        fit: of the take.
        prior: ``(F, N_FREE)`` what the solve says of the weights beyond rest.
        rest: ``(N_FREE,)`` of the refined weights.
        start: ``(F, N_FREE)`` refined weights that are not sparse, to begin with.
    """
    weights, moved = fit.solve(prior, rest, np.zeros_like(prior), start - rest)
    doubt = DOUBT * calmness(fit.evidence(weights - rest - prior), fit.trust)[:, None]
    seen = prior
    for _ in range(ROUNDS):
        weights, moved = fit.solve(prior, rest, doubt * SEEN / (SEEN + seen), weights - rest)
        seen = np.maximum(weights - rest, prior)
    return weights, moved


def calmness(evidence: Array, trust: Array) -> Array:
    """How calm each frame is ``(F,)``: 1 where no more is asked for than noise asks, toward 0 where much more is.

    Args:
        evidence: ``(F,)`` how much the pixels ask for changes (:meth:`mien.core.refine.take_fit.TakeFit.evidence`).
        trust: ``(F,)``.
    """
    believed = trust > np.median(trust[trust > 0]) / 2
    noise = float(np.quantile(evidence[believed], CALM))
    return np.asarray(np.minimum(1, noise / np.maximum(evidence, 1e-9)))
