# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured of a face that acts: the 52 weights and the points that they move, against the witness's."""

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

from .acting import Acted
from .blendshapes import BLINKS, eye_aspect

ON = 0.1
"""From here on a weight is seen on an avatar."""
OPPOSITES = (
    ("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"),
    *((f"mouthSmile{s}", f"mouthFrown{s}") for s in ("Left", "Right")),
    *((f"browDown{s}", f"browOuterUp{s}") for s in ("Left", "Right")),
    *((f"browDown{s}", "browInnerUp") for s in ("Left", "Right")),
    *((f"eyeWide{s}", f"eyeBlink{s}") for s in ("Left", "Right")),
    *((f"eyeLookUp{s}", f"eyeLookDown{s}") for s in ("Left", "Right")),
)  # fmt: skip
ASIDE = OPPOSITES[:2]
NEUTRAL_MOUTH, NEUTRAL_BROWS = 0.15, 0.2
"""A face is neutral where no weight of mouth and jaw, and not browInnerUp, exceeds these for the witness. Its outer
brows rest anywhere up to .4, so they are not asked."""
SMILES = 0.2
"""A witness whose smile never exceeds this says nothing of how much of a smile is kept."""
LIPS_CLOSED = 0.02
"""Distance of the lips' inner edges over that of the eyes' outer corners up to which they are closed: on film the
closed lie around .007, the open beyond .1."""
SHUT, FULL = 0.6, 0.4
"""Shares of an eye's usual openness: below the first it is closed; a blink that passes the second is a full one."""
AROUND = 2
"""Frames before and after a blink in which its peak may lie."""
WEAK_BLINK = 0.7
"""A full blink keyed lower leaves an avatar's eye ajar."""
LEAST_MOTION = 0.005
"""Standard deviation below which a distance over the eyes' or a weight does not move enough to be followed."""
EYES, LIPS, CORNERS, INNER_BROWS = (33, 263), (13, 14), (61, 291), (55, 285)
"""Among MediaPipe's points: outer corners of the eyes, middle of the lips' inner edges, corners of the mouth, inner
ends of the brows; the subject's right before the left."""
SHAPES = ("lips_apart", "mouth_width", "corners", "corner_asymmetry", "brows_apart")


def _some(*beginnings: str) -> list[int]:
    return [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(beginnings)]


MOUTH, BROWS, EYE = _some("mouth", "jaw"), _some("brow"), _some("eye")
SMILE, DOWN = _some("mouthSmile"), _some("browDown")
JAW_OPEN, INNER_UP = ARKIT_BLENDSHAPES.index("jawOpen"), ARKIT_BLENDSHAPES.index("browInnerUp")


def figures(acted: Acted) -> dict[str, float]:
    """All figures of a video by name; NaN where it shows nothing to measure one by."""
    theirs, points = acted.witness.weights, acted.witness.points
    out = {}
    for name, group in (("mouth_jaw", MOUTH), ("brows", BROWS)):
        for stage, ours in acted.weights.items():
            out[f"{name}_{stage}"] = apart(ours, theirs, group)
        out[f"{name}_zeros"] = apart(np.zeros_like(theirs), theirs, group)
    for stage, ours in acted.weights.items():
        out[f"brows_beyond_rest_{stage}"] = apart(ours, beyond_rest(theirs), BROWS)
    for name, ours in acted.weights.items():
        out[f"opposites_{name}"] = opposites_together(ours)
        out[f"aside_together_{name}"] = opposites_together(ours, ASIDE)
        out[f"resting_{name}"] = resting(ours, theirs)
        out[f"smile_p99_{name}"] = smile_kept(ours, theirs)
        gain, r = gain_and_r(_left_minus_right(ours, SMILE), _left_minus_right(theirs, SMILE))
        out |= {f"smile_asymmetry_gain_{name}": gain, f"smile_asymmetry_r_{name}": r}
        out[f"jaw_open_lips_closed_{name}"] = mean_of(ours[lips_closed(points), JAW_OPEN])
        peaks = blink_peaks(ours, points)
        out[f"blink_peak_{name}"] = float(np.median(peaks)) if len(peaks) else float("nan")
        out[f"blinks_ajar_{name}"] = mean_of(peaks < WEAK_BLINK)
        together = face_shapes(points)[:, SHAPES.index("brows_apart")]
        out[f"brow_down_r_{name}"] = -gain_and_r(ours[:, DOWN].mean(axis=1), together)[1]
    seen = face_shapes(points)
    for kind, on_head in acted.points.items():
        ours = face_shapes(on_head)
        for k, name in enumerate(SHAPES):
            gain, r = gain_and_r(ours[:, k], seen[:, k])
            out |= {f"{name}_gain_{kind}": gain, f"{name}_r_{kind}": r}
    return out


def apart(ours: FloatArray, theirs: FloatArray, group: list[int]) -> float:
    """Mean absolute difference of some of ``(n, 52)`` weights."""
    return float(np.abs(ours - theirs)[:, group].mean())


def opposites_together(
    weights: FloatArray, pairs: tuple[tuple[str, str], ...] = OPPOSITES
) -> float:
    """Share of frames ``(n, 52)`` in which both weights of any pair are on."""
    on = weights > ON
    index = np.array([[ARKIT_BLENDSHAPES.index(name) for name in pair] for pair in pairs])
    return float(on[:, index].all(axis=2).any(axis=1).mean())


def neutral(theirs: FloatArray) -> NDArray[np.bool_]:
    """In which frames ``(n,)`` a witness ``(n, 52)`` sees a face at rest."""
    calm = theirs[:, MOUTH].max(axis=1) <= NEUTRAL_MOUTH
    return np.asarray(calm & (theirs[:, INNER_UP] <= NEUTRAL_BROWS))


def beyond_rest(theirs: FloatArray) -> FloatArray:
    """A witness's weights ``(n, 52)`` less what it says of a neutral face; NaN where it sees none."""
    at_rest = theirs[neutral(theirs)]
    if not len(at_rest):
        return np.full_like(theirs, np.nan)
    return np.maximum(theirs - np.median(at_rest, axis=0), 0)


def resting(ours: FloatArray, theirs: FloatArray) -> float:
    """How many of the weights that are not the eyes' are on in a neutral frame, on average."""
    others = np.setdiff1d(np.arange(len(ARKIT_BLENDSHAPES)), EYE)
    return mean_of((ours[neutral(theirs)][:, others] > ON).sum(axis=1))


def smile_kept(ours: FloatArray, theirs: FloatArray) -> float:
    """The smile's 99th percentile over the witness's."""
    mine, true = (np.percentile(w[:, SMILE].mean(axis=1), 99) for w in (ours, theirs))
    return float(mine / true) if true > SMILES else float("nan")


def lips_closed(points: FloatArray) -> NDArray[np.bool_]:
    """In which frames ``(n,)`` the lips are closed by their points ``(n, 468 or more, 2)``."""
    return face_shapes(points)[:, SHAPES.index("lips_apart")] < LIPS_CLOSED


def blink_peaks(ours: FloatArray, points: FloatArray) -> FloatArray:
    """The highest eyeBlink ``(b,)``, mean of both eyes, of every full blink that the points show."""
    aspect = eye_aspect(points)
    openness = (aspect / np.median(aspect, axis=0)).mean(axis=1)
    edges = np.flatnonzero(np.diff(np.pad(openness < SHUT, 1)))
    blink = ours[:, BLINKS].mean(axis=1)
    return np.array(
        [
            blink[max(0, start - AROUND) : end + AROUND].max()
            for start, end in edges.reshape(-1, 2)
            if openness[start:end].min() < FULL
        ],
        np.float32,
    )


def face_shapes(points: FloatArray) -> FloatArray:
    """:data:`SHAPES` ``(n, 5)`` of points ``(n, 468 or more, 2)``, y down, over the distance of the eyes' corners.

    How far the lips are apart; how wide the mouth is; how high its corners stand over the lips' middle, up being
    square to the line of the eyes, and how much higher the left one; how far the brows are apart.
    """
    right, left = (points[:, i] for i in EYES)
    span = np.linalg.norm(left - right, axis=1)
    across = (left - right) / span[:, None]
    up = np.stack([across[:, 1], -across[:, 0]], axis=1)
    middle = points[:, list(LIPS)].mean(axis=1, keepdims=True)
    heights = ((points[:, list(CORNERS)] - middle) * up[:, None]).sum(axis=2)

    def distance(pair: tuple[int, int]) -> FloatArray:
        return np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1).astype(np.float32)

    sizes = (
        distance(LIPS), distance(CORNERS), heights.mean(axis=1), heights[:, 1] - heights[:, 0],
        distance(INNER_BROWS),
    )  # fmt: skip
    return (np.stack(sizes, axis=1) / span[:, None]).astype(np.float32)


def gain_and_r(ours: FloatArray, theirs: FloatArray) -> tuple[float, float]:
    """How much ours ``(n,)`` moves where theirs moves by one, and their correlation; NaN where theirs rests."""
    if theirs.std() < LEAST_MOTION:
        return float("nan"), float("nan")
    covariance = float(((ours - ours.mean()) * (theirs - theirs.mean())).mean())
    spread = float(ours.std())
    r = covariance / spread / float(theirs.std()) if spread > 0 else 0.0
    return covariance / float(theirs.var()), r


def mean_of(values: NDArray[np.generic]) -> float:
    """Mean, or NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def _left_minus_right(weights: FloatArray, pair: list[int]) -> FloatArray:
    return np.asarray(weights[:, pair[0]] - weights[:, pair[1]])
