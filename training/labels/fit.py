# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the head to 468 points: weak perspective, identity, and blendshape weights bounded to [0, 1].

Many mixtures of the 52 lay the points equally well, and few of them mean what an animator means. So the weights
are sparse, a face does not do opposite things at once (:mod:`.opposites`), and what the witness sees well is near
to what it says (:mod:`.evidence`); how a person is made is left to the identity.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, UNSEEN
from mien.core.model.gaze import set_gaze
from mien.core.model.head import Head
from mien.core.model.params import N_IDENTITY
from numpy.typing import NDArray

from .box_newton import minimise, objective
from .evidence import Evidence, read_evidence
from .mediapipe_tool import Found
from .opposites import OPPOSITES

FloatArray = NDArray[np.floating[Any]]

POINT_SIGMA = 0.0008
"""Spread of a labelled point in metres on the head, for the share of points that err on their own."""
INDEPENDENT = 60
"""About how many of the 468 points err on their own; the rest follow their neighbours. With fewer a face that moves
is called calmer than it is: of what brows and the corners of a mouth do on film, 10 left six tenths."""
DEPTH_WEIGHT = 0.15
"""How much the tool's own depth counts beside the position in the picture."""
ROUNDS = 6
"""Of pose and shape in turn; the change of the last is below a hundredth of a weight."""
EXCLUDING_ROUNDS = 2
"""In so many of the last rounds opposites exclude each other."""
LEAST = 0.01
"""Weights below this are no motion."""
EYEBALL_RADIUS = 0.0135
"""Metres by which an iris's way is turned into an angle (chosen by eye: people have 12 mm, the head's own eyes
15.5)."""
IRIS_REST = np.array([0.0, -0.177])
"""Where the tool puts the iris of an eye that looks ahead, in eyeball radii from the centre: the
median over portraits, whose sitters look at the camera."""
# The tool cannot see these, or cannot tell them from others; their weight stays 0.
NOT_FITTED = (*UNSEEN, "eyeLook")


@dataclass(frozen=True)
class Fit:
    """The head laid on one face.

    Attributes:
        transform: ``(3, 4)`` model space to a y-up picture: x right, y up (minus the image's y),
            z toward the viewer, in pixels; a scaled rotation whose last entry is 0.
        identity: ``(40,)``.
        blendshapes: ``(52,)`` weights, eyeLook included.
        residual: mean distance of the 468 points over the root of their box's area.
    """

    transform: FloatArray
    identity: FloatArray
    blendshapes: FloatArray
    residual: float


class Fitter:
    """Alternates pose and shape by regularised least squares.

    Args:
        head: to lay on faces.
        bias: ``(468, 3)`` how far the tool's points lie from the head's on faces at rest, metres in model space
            (:mod:`.bias`).
    """

    def __init__(self, head: Head, bias: FloatArray | None = None) -> None:
        bases = (head.vertices, head.identity, head.blendshapes)
        at: list[FloatArray] = [
            head.mediapipe_places.on(basis.astype(np.float64)) for basis in bases
        ]
        self.mean = at[0] if bias is None else at[0] + bias
        self.fitted = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if not n.startswith(NOT_FITTED)]
        self.blendshapes = at[2]
        self.basis = np.concatenate([at[1], at[2][self.fitted]])
        self.eyes = head.eye_centres.astype(float)
        self.low = np.concatenate([np.full(N_IDENTITY, -6.0), np.zeros(len(self.fitted))])
        self.high = np.concatenate([np.full(N_IDENTITY, 6.0), np.ones(len(self.fitted))])
        place = {unit: N_IDENTITY + k for k, unit in enumerate(self.fitted)}
        self.opposites = [(place[a], place[b]) for a, b in OPPOSITES if a in place and b in place]

    def fit(self, found: Found, witness: FloatArray | None = None) -> Fit:
        """Fit the head to a face that the labelling tool found.

        Args:
            found: its points.
            witness: ``(52,)`` what the witness scores; without it the points alone speak.
        """
        wanted = found.points.astype(float) * np.array([1.0, -1.0, 1.0])
        evidence = read_evidence(witness).of(self.fitted)
        coefficients = np.zeros(len(self.basis))
        coefficients[N_IDENTITY:] = evidence.mean
        shape: FloatArray = self.mean + np.tensordot(coefficients, self.basis, axes=1)
        for left in reversed(range(ROUNDS)):
            transform = _pose(shape, wanted)
            gaze = self._gaze(transform, found)
            # Lids follow the gaze.
            looking: FloatArray = self.mean + np.tensordot(gaze, self.blendshapes, axes=1)
            coefficients = self._shape(
                transform, wanted, looking, evidence, coefficients, left < EXCLUDING_ROUNDS
            )
            shape = looking + np.tensordot(coefficients, self.basis, axes=1)
        placed = _place(shape, transform)
        low, high = wanted[:, :2].min(axis=0), wanted[:, :2].max(axis=0)
        error = np.linalg.norm((placed - wanted)[:, :2], axis=1).mean()
        blendshapes = np.zeros(len(ARKIT_BLENDSHAPES))
        blendshapes[self.fitted] = coefficients[N_IDENTITY:]
        blendshapes += gaze
        return Fit(
            transform,
            coefficients[:N_IDENTITY],
            blendshapes,
            float(error / np.sqrt(np.prod(high - low))),
        )

    def placed(self, fit: Fit) -> FloatArray:
        """Where a fit has the 468 points, ``(468, 3)`` in the picture, y up."""
        shape = self.mean + np.tensordot(fit.identity, self.basis[:N_IDENTITY], axes=1)
        return _place(
            shape + np.tensordot(fit.blendshapes, self.blendshapes, axes=1), fit.transform
        )

    def _shape(
        self,
        transform: FloatArray,
        wanted: FloatArray,
        base: FloatArray,
        evidence: Evidence,
        start: FloatArray,
        excluding: bool,
    ) -> FloatArray:
        """Coefficients ``(n,)`` of least ``|residual|^2 + prior + sparsity``, within bounds."""
        scale = np.linalg.norm(transform[0, :3])
        axes = np.array([1, 1, DEPTH_WEIGHT])
        turned = (self.basis @ transform[:, :3].T) * axes / scale
        residual = (wanted - _place(base, transform)) * axes / scale
        residual -= [0, 0, residual[:, 2].mean()]  # where the tool puts depth's zero says nothing
        jacobian = turned.reshape(len(self.basis), -1)
        certainty = INDEPENDENT / len(self.mean) / POINT_SIGMA**2
        precision = np.concatenate(
            [np.full(N_IDENTITY, evidence.identity_sigma**-2), 1 / evidence.sigma**2]
        )
        hessian = jacobian @ jacobian.T * certainty + np.diag(precision)
        right = jacobian @ residual.ravel() * certainty
        # Weights are never negative, so that their L1 price is linear.
        right[N_IDENTITY:] += evidence.mean / evidence.sigma**2 - evidence.sparsity
        high = self.high.copy()
        out = minimise(hessian, right, self.low, high, start)
        while excluding:
            both = [(out[a] * out[b], a, b) for a, b in self.opposites]
            _, a, b = max((pair for pair in both if min(out[pair[1]], out[pair[2]]) > LEAST),
                          default=(0.0, -1, -1))  # fmt: skip
            if a < 0:
                break
            tried = []
            for dropped in (a, b):
                limit = high.copy()
                limit[dropped] = 0
                candidate = minimise(hessian, right, self.low, limit, out)
                tried.append((objective(hessian, right, candidate), dropped, limit, candidate))
            _, _, high, out = min(tried, key=lambda one: one[0])
        return out

    def _gaze(self, transform: FloatArray, found: Found) -> FloatArray:
        """Weights of the eight eyeLook blendshapes from where the irises stand in the picture."""
        turned = np.zeros((1, 2, 2), np.float32)
        scale = np.linalg.norm(transform[0, :3])
        turn = transform[:, :3] / scale
        for side in range(2):
            centre = self.eyes[side] @ transform[:, :3].T + transform[:, 3]
            away = (found.iris[side] * [1, -1] - centre[:2]) / scale / EYEBALL_RADIUS
            away -= IRIS_REST
            away *= min(1.0, 0.95 / (np.linalg.norm(away) + 1e-9))
            forward = turn.T @ np.array([*away, np.sqrt(1 - away @ away)])
            turned[0, side] = np.arcsin(np.clip(forward[:2], -1, 1))
        return set_gaze(np.zeros((1, len(ARKIT_BLENDSHAPES)), np.float32), turned)[0]


def _place(points: FloatArray, transform: FloatArray) -> FloatArray:
    return np.asarray(points @ transform[:, :3].T + transform[:, 3])


def _pose(shape: FloatArray, wanted: FloatArray) -> FloatArray:
    """Scaled rotation and translation ``(3, 4)`` that lay ``(k, 3)`` points on the picture's."""
    centre, middle = shape.mean(axis=0), wanted.mean(axis=0)
    axes = np.array([1, 1, DEPTH_WEIGHT])
    linear, *_ = np.linalg.lstsq(shape - centre, wanted - middle, rcond=None)
    u, _, vt = np.linalg.svd((linear * axes).T)
    turn = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
    turned = (shape - centre) @ turn.T
    flat = (wanted - middle)[:, :2]
    scale = (turned[:, :2] * flat).sum() / (turned[:, :2] ** 2).sum()
    shift = middle - scale * turn @ centre
    return np.column_stack([scale * turn, [shift[0], shift[1], 0.0]])
