# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity variation: plausible people sampled from the targets, aligned, reduced to 40 components."""

from dataclasses import dataclass

import numpy as np
from mien.core.model.params import N_IDENTITY
from numpy.typing import NDArray

from .archive import Archive, FloatArray

DETAIL_FOLDERS = (
    "head",
    "cheek",
    "chin",
    "ears",
    "eyebrows",
    "eyes",
    "forehead",
    "mouth",
    "nose",
    "neck",
)
DETAIL_SIGMA = 0.18
"""Standard deviation of a detail target's weight; twice this gives caricatures."""
ASYMMETRY = 0.25
"""Share of a left-right pair's variance that is not common to both sides."""
# Head-wide drifts that an alignment would remove again, and eyes pushed out of their sockets.
UNWANTED = ("head-trans", "head-angle", "eye-push", "neck-trans", "measure-neck-height")
# Shapes of which at most one is on at a time.
EXCLUSIVE = ("head-diamond", "head-oval", "head-rectangular", "head-round", "head-square",
             "head-triangular", "head-invertedtriangular")  # fmt: skip
ANCESTRIES = ("african", "asian", "caucasian")


@dataclass(frozen=True)
class Detail:
    """One axis of variation: a target for positive weights and, mostly, one for negative."""

    side: str
    key: str
    positive: FloatArray
    negative: FloatArray | None


def _details(archive: Archive, kept: NDArray[np.int64]) -> list[Detail]:
    pairs = (("incr", "decr"), ("up", "down"), ("in", "out"), ("forward", "backward"),
             ("convex", "concave"), ("compress", "uncompress"))  # fmt: skip
    names = {
        n for n in archive.names
        if n.split("/")[0] in DETAIL_FOLDERS and not any(u in n for u in UNWANTED)
    }  # fmt: skip
    details = []
    used: set[str] = set()
    for name in sorted(names):
        if name in used or name.split("/")[1] in EXCLUSIVE:
            continue
        stem, _, end = name.rpartition("-")
        other = next((b if end == a else a for a, b in pairs if end in (a, b)), None)
        partner = f"{stem}-{other}" if other and f"{stem}-{other}" in names else None
        used |= {name} | ({partner} if partner else set())
        leaf = stem.split("/")[1] if partner else name.split("/")[1]
        side = leaf[0] if leaf[:2] in ("l-", "r-") else ""
        details.append(
            Detail(
                side,
                leaf[2:] if side else leaf,
                archive.target(name)[kept],
                archive.target(partner)[kept] if partner else None,
            )
        )
    return details


def sample_people(
    archive: Archive,
    base: FloatArray,
    kept: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw ``(count, N, 3)`` plausible heads, in metres, not yet aligned.

    Ancestry is a Dirichlet mixture, sex and age are mixtures that favour the ends and the adult
    years, muscle and weight vary around the average, and the detail targets are normal around zero
    with left and right mostly in step.
    """
    macro = _Macro(archive, kept)
    details = _details(archive, kept)
    shapes = [archive.target(f"head/{n}")[kept] for n in EXCLUSIVE]
    people = np.empty((count, *base.shape))
    for i in range(count):
        head = base + macro.sample(rng)
        common = {d.key: rng.normal() for d in details}
        for d in details:
            own = rng.normal()
            mixed = np.sqrt(1 - ASYMMETRY) * common[d.key] + np.sqrt(ASYMMETRY) * own
            weight = DETAIL_SIGMA * (mixed if d.side else common[d.key])
            if weight > 0:
                head += weight * d.positive
            elif d.negative is not None:
                head += -weight * d.negative
        head += rng.beta(1, 3) * shapes[rng.integers(len(shapes))]
        people[i] = head
    return people


class _Macro:
    """Ancestry, sex, age, muscle and weight, blended as MakeHuman blends its macro targets."""

    def __init__(self, archive: Archive, kept: NDArray[np.int64]) -> None:
        ages, sexes, levels = (
            ("child", "young", "old"),
            ("female", "male"),
            ("min", "average", "max"),
        )
        self.race = np.array(
            [
                [[archive.target(f"macrodetails/{r}-{s}-{a}")[kept] for a in ages] for s in sexes]
                for r in ANCESTRIES
            ]
        )
        self.body = np.array(
            [
                [
                    [
                        [
                            archive.target(f"macrodetails/universal-{s}-{a}-{m}muscle-{w}weight")[
                                kept
                            ]
                            for w in levels
                        ]
                        for m in levels
                    ]
                    for a in ages
                ]
                for s in sexes
            ]
        )

    def sample(self, rng: np.random.Generator) -> FloatArray:
        race = rng.dirichlet([0.5] * len(ANCESTRIES))
        male = rng.beta(0.4, 0.4)
        sex = np.array([1 - male, male])
        child = rng.beta(1, 8) if rng.random() < 0.25 else 0.0
        old = rng.beta(1, 1) * (1 - child)
        age = np.array([child, 1 - child - old, old])
        muscle, weight = (_three(rng.beta(3, 3)) for _ in range(2))
        return np.asarray(
            np.einsum("r,s,a,rsanx->nx", race, sex, age, self.race, optimize=True)
            + np.einsum("s,a,m,w,samwnx->nx", sex, age, muscle, weight, self.body, optimize=True)
        )


def _three(x: float) -> FloatArray:
    """Weights of min, average and max for a slider at ``x`` in [0, 1]."""
    return np.array([max(0.0, 1 - 2 * x), 1 - abs(2 * x - 1), max(0.0, 2 * x - 1)])


def align(people: FloatArray, weights: FloatArray, rounds: int = 3) -> FloatArray:
    """Procrustes-align heads ``(P, N, 3)`` by rotation, translation and scale to their mean.

    The mean keeps the average size of the heads, so that the result is still in metres.

    Args:
        people: the heads.
        weights: ``(N,)`` how much each vertex counts.
    """
    w = weights / weights.sum()
    centred = people - np.einsum("n,pnx->px", w, people)[:, None]
    size = np.sqrt(np.einsum("n,pnx,pnx->p", w, centred, centred))
    shapes = centred / size[:, None, None]
    for _ in range(rounds):
        mean = shapes.mean(axis=0)
        mean /= np.sqrt(np.einsum("n,nx,nx->", w, mean, mean))
        u, _, vt = np.linalg.svd(np.einsum("n,pnx,ny->pxy", w, shapes, mean))
        turn = u @ vt
        turn *= np.sign(np.linalg.det(turn))[:, None, None]
        shapes = shapes @ turn
    return np.asarray(shapes * size.mean())


@dataclass(frozen=True)
class Basis:
    """A linear basis in standard deviations.

    Attributes:
        mean: ``(N, 3)``.
        components: ``(K, N, 3)`` displacement for one standard deviation.
        held: share of the weighted variance that the components hold.
    """

    mean: FloatArray
    components: FloatArray
    held: float


def principal(samples: FloatArray, weights: FloatArray, count: int = N_IDENTITY) -> Basis:
    """Weighted PCA of ``(P, N, 3)`` samples; scores have unit variance.

    The components span what matters under ``weights`` ``(N,)``, but displace every vertex as the
    samples do on average for that score.
    """
    mean = samples.mean(axis=0)
    flat = (samples - mean).reshape(len(samples), -1)
    root = np.repeat(np.sqrt(weights), 3)
    gram = (flat * root) @ (flat * root).T
    values, vectors = np.linalg.eigh(gram)
    order = np.argsort(values)[::-1][:count]
    scores = vectors[:, order] * np.sqrt(len(samples) - 1)
    components = scores.T @ flat / (len(samples) - 1)
    held = float(values[order].sum() / values.sum())
    return Basis(mean, components.reshape(count, *mean.shape), held)
