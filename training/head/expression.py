# SPDX-License-Identifier: GPL-3.0-or-later
"""Expression variation: 10 components that keep most of what can be seen of every blendshape."""

from dataclasses import dataclass

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.params import N_EXPRESSION
from numpy.typing import NDArray

from .archive import FloatArray

NOT_EXPRESSION = ("eyeLook", "tongueOut")
"""Gaze is the eyeballs' rotation, and a tongue put out is seen too seldom to spend a component on."""
ROUNDS = 400
RATE = 2.0
"""Of the search for the shares of the blendshapes, and its step; chosen by eye on the table of shares."""
SIZE_EXPONENT = 0.2
"""How much a blendshape's size counts beside its share kept: 0 treats the faintest like the largest."""
# Weight at which a blendshape is drawn in the mixtures that set the components' standard deviation.
BLENDSHAPE_CHANCE = 0.25


def expression_blendshapes() -> NDArray[np.int64]:
    """Indices in ARKIT_BLENDSHAPES of the blendshapes that the components are made of."""
    return np.array(
        [i for i, n in enumerate(ARKIT_BLENDSHAPES) if not n.startswith(NOT_EXPRESSION)]
    )


@dataclass(frozen=True)
class ExpressionBasis:
    """Ten expression components.

    Attributes:
        components: ``(10, N, 3)`` displacement for one standard deviation.
        from_blendshapes: ``(52, 10)`` coefficients of each blendshape at weight 1.
        kept: ``(52,)`` share of each blendshape's motion, as the eye sees it, that its coefficients make:
            the root of the share of its energy that is not left over.
        held: share of the visible variance of random blendshape mixtures held.
    """

    components: FloatArray
    from_blendshapes: FloatArray
    kept: FloatArray
    held: float


def build_expression(
    blendshapes: FloatArray, visible: FloatArray, follows: FloatArray, rng: np.random.Generator,
    count: int = N_EXPRESSION,
) -> ExpressionBasis:  # fmt: skip
    """Choose the 10-dimensional subspace in which the worst-kept blendshape keeps most.

    Plain PCA over mixtures follows the large motions of jaw and mouth and loses brows. Instead each
    blendshape's share of the covariance is raised while it is kept worse than the others (multiplicative
    weights on the eigenproblem of the weighted blendshapes), which approaches the subspace with the best
    worst case.

    An axis of that subspace holds a little of many blendshapes, and would pull the lips over a chin that
    stays half-way. So the jaw does what it most likely does at given coefficients
    (:func:`likeliest`) instead of what the axes hold of it.

    Args:
        blendshapes: ``(52, N, 3)`` displacements in metres.
        visible: ``(N,)`` how much the eye sees of each vertex, all above 0; sums to 1.
        follows: ``(N,)`` 0 where a vertex moves as the axes say, 1 where it does what is likeliest.
        rng: draws the mixtures that set the standard deviations.
        count: of the components, if it is not to be 10.
    """
    chosen = expression_blendshapes()
    root = np.repeat(np.sqrt(visible), 3)
    flat = blendshapes.reshape(len(blendshapes), -1) * root
    motions = flat[chosen]
    size = np.linalg.norm(motions, axis=1)
    unit = motions / size[:, None]
    gram = unit @ unit.T
    share = (size / size.max()) ** SIZE_EXPONENT
    share /= share.sum()
    target = (size / size.max()) ** SIZE_EXPONENT
    best, best_space = -np.inf, np.empty(0)
    for _ in range(ROUNDS):
        kept, space = _kept(gram, share, count)
        worst = float((kept / target).min())
        if worst > best:
            best, best_space = worst, space
        share *= np.exp(-RATE / len(chosen) * kept / target)
        share /= share.sum()
    axes = np.linalg.qr((best_space.T @ unit).T)[0].T  # (10, 3N) orthonormal under ``visible``

    # Mixtures of blendshapes give the space its own principal axes and their standard deviations.
    on = rng.random((20_000, len(chosen))) < BLENDSHAPE_CHANCE
    weights = on * rng.beta(1.2, 1.2, on.shape)
    names = [ARKIT_BLENDSHAPES[i] for i in chosen]
    # Lips kept closed over an open jaw: alone, the blendshape pulls the lower lip through the upper.
    weights[:, names.index("mouthClose")] *= weights[:, names.index("jawOpen")]
    scores = weights @ (motions @ axes.T)
    centre = scores.mean(axis=0)
    _, spread, turn = np.linalg.svd((scores - centre) / np.sqrt(len(scores)), full_matrices=False)
    axes = turn @ axes

    from_blendshapes = flat @ axes.T / spread
    covariance = np.cov(weights, rowvar=False)
    exact = (axes * spread[:, None] / root).reshape(count, *blendshapes.shape[1:])
    likely = likeliest(blendshapes[chosen], from_blendshapes[chosen], covariance)
    components = exact + follows[:, None] * (likely - exact)
    made = components.reshape(count, -1) * root
    rest = flat - from_blendshapes @ made
    lost = (rest**2).sum(axis=1) / (flat**2).sum(axis=1)
    held = 1 - _variance(rest[chosen], covariance) / _variance(motions, covariance)
    return ExpressionBasis(components, from_blendshapes, np.sqrt(np.clip(1 - lost, 0, 1)), held)


def likeliest(
    blendshapes: FloatArray, from_blendshapes: FloatArray, covariance: FloatArray
) -> FloatArray:
    """Components ``(10, N, 3)`` that move every vertex as it moves on average at given coefficients.

    With weights w of covariance C and coefficients ``w F``, the best linear guess of the motion
    ``w U`` is ``(F' C F)^-1 F' C U`` times the coefficients.

    Args:
        blendshapes: ``(K, N, 3)`` U.
        from_blendshapes: ``(K, 10)`` F.
        covariance: ``(K, K)`` C.
    """
    told = from_blendshapes.T @ covariance
    guess = np.linalg.solve(told @ from_blendshapes, told)
    return np.asarray(np.tensordot(guess, blendshapes, axes=1))


def _variance(motions: FloatArray, covariance: FloatArray) -> float:
    """Summed variance of mixtures of motions ``(K, 3N)`` with weights of a covariance ``(K, K)``."""
    return float(np.einsum("ij,in,jn->", covariance, motions, motions, optimize=True))


def _kept(gram: FloatArray, share: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Share of each unit's energy inside the best ``count`` axes under ``share``; those axes in units."""
    root = np.sqrt(share)
    values, vectors = np.linalg.eigh(gram * root[:, None] * root)
    top = slice(-count, None)
    # Rows of the axes in the original space: (vectors / sqrt(values))^T diag(root) unit.
    axes = vectors[:, top] * root[:, None] / np.sqrt(np.maximum(values[top], 1e-12))
    return ((gram @ axes) ** 2).sum(axis=1), axes
