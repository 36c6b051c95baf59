# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the head to 468 points: weak perspective, identity, and units bounded to [0, 1]."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_UNITS
from mien.core.model.gaze import FULL_GAZE
from mien.core.model.head import Head
from mien.core.model.params import N_IDENTITY
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from .mediapipe_tool import Found

FloatArray = NDArray[np.floating[Any]]

POINT_SIGMA = 0.0008
"""Spread of a labelled point in metres on the head, for the share of points that err on their own."""
INDEPENDENT = 60
"""About how many of the 468 points err on their own; the rest follow their neighbours. With fewer a face that moves
is called calmer than it is: of what brows and the corners of a mouth do on film, 10 left six tenths."""
UNIT_SIGMA = 0.45
"""Spread of a unit's weight around zero before the points are seen."""
DEPTH_WEIGHT = 0.15
"""How much the tool's own depth counts beside the position in the picture."""
ROUNDS = 8
EYEBALL_RADIUS = 0.0135
IRIS_REST = np.array([0.0, -0.177])
"""Where the tool puts the iris of an eye that looks ahead, in eyeball radii from the centre: the
median over portraits, whose sitters look at the camera."""
# The tool cannot see these, or cannot tell them from others; their weight stays 0.
UNSEEN = ("tongueOut", "cheekPuff", "jawForward", "eyeLook")


@dataclass(frozen=True)
class Fit:
    """The head laid on one face.

    Attributes:
        transform: ``(3, 4)`` model space to a y-up picture: x right, y up (minus the image's y),
            z toward the viewer, in pixels; a scaled rotation whose last entry is 0.
        identity: ``(40,)``.
        units: ``(52,)`` weights, eyeLook included.
        residual: mean distance of the 468 points over the root of their box's area.
    """

    transform: FloatArray
    identity: FloatArray
    units: FloatArray
    residual: float


class Fitter:
    """Alternates pose and shape by regularised linear least squares."""

    def __init__(self, head: Head) -> None:
        w, c = head.mediapipe_weights.astype(float), head.mediapipe_corners
        at = [np.einsum("kc,...kcx->...kx", w, a[..., c, :]) for a in
              (head.vertices, head.identity, head.units)]  # fmt: skip
        self.mean = at[0]
        self.fitted = [i for i, n in enumerate(ARKIT_UNITS) if not n.startswith(UNSEEN)]
        self.units = at[2]
        self.basis = np.concatenate([at[1], at[2][self.fitted]])
        self.eyes = head.eye_centres.astype(float)
        sigma = np.concatenate([np.ones(N_IDENTITY), np.full(len(self.fitted), UNIT_SIGMA)])
        self.prior = np.diag(1 / sigma**2)
        self.low = np.concatenate([np.full(N_IDENTITY, -4.0), np.zeros(len(self.fitted))])
        self.high = np.concatenate([np.full(N_IDENTITY, 4.0), np.ones(len(self.fitted))])

    def fit(self, found: Found) -> Fit:
        """Fit the head to a face that the labelling tool found."""
        wanted = found.points.astype(float) * np.array([1.0, -1.0, 1.0])
        coefficients = np.zeros(len(self.basis))
        shape = self.mean
        for _ in range(ROUNDS):
            transform = _pose(shape, wanted)
            gaze = self._gaze(transform, found)
            looking = self.mean + np.tensordot(gaze, self.units, axes=1)  # lids follow the gaze
            coefficients = self._shape(transform, wanted, looking)
            shape = looking + np.tensordot(coefficients, self.basis, axes=1)
        placed = _place(shape, transform)
        low, high = wanted[:, :2].min(axis=0), wanted[:, :2].max(axis=0)
        error = np.linalg.norm((placed - wanted)[:, :2], axis=1).mean()
        units = np.zeros(len(ARKIT_UNITS))
        units[self.fitted] = np.clip(coefficients[N_IDENTITY:], 0, 1)
        units += gaze
        return Fit(
            transform, coefficients[:N_IDENTITY], units, float(error / np.sqrt(np.prod(high - low)))
        )

    def placed(self, fit: Fit) -> FloatArray:
        """Where a fit has the 468 points, ``(468, 3)`` in the picture, y up."""
        shape = self.mean + np.tensordot(fit.identity, self.basis[:N_IDENTITY], axes=1)
        return _place(shape + np.tensordot(fit.units, self.units, axes=1), fit.transform)

    def _shape(self, transform: FloatArray, wanted: FloatArray, base: FloatArray) -> FloatArray:
        scale = np.linalg.norm(transform[0, :3])
        axes = np.array([1, 1, DEPTH_WEIGHT])
        turned = (self.basis @ transform[:, :3].T) * axes / scale
        rest = (wanted - _place(base, transform)) * axes / scale
        rest -= [0, 0, rest[:, 2].mean()]  # where the tool puts depth's zero says nothing
        a = turned.reshape(len(self.basis), -1)
        certainty = INDEPENDENT / len(self.mean) / POINT_SIGMA**2
        information = a @ a.T * certainty + self.prior
        right = a @ rest.ravel() * certainty
        # min c'Hc - 2 r'c within bounds, as a small least-squares problem with H = L L'.
        factor = np.linalg.cholesky(information)
        target = np.linalg.solve(factor, right)
        return np.asarray(lsq_linear(factor.T, target, (self.low, self.high), method="bvls").x)

    def _gaze(self, transform: FloatArray, found: Found) -> FloatArray:
        """Weights of the eight eyeLook units from where the irises stand in the picture."""
        out = np.zeros(len(ARKIT_UNITS))
        scale = np.linalg.norm(transform[0, :3])
        turn = transform[:, :3] / scale
        for side, eye in enumerate(("Left", "Right")):
            centre = self.eyes[side] @ transform[:, :3].T + transform[:, 3]
            away = (found.iris[side] * [1, -1] - centre[:2]) / scale / EYEBALL_RADIUS
            away -= IRIS_REST
            away *= min(1.0, 0.95 / (np.linalg.norm(away) + 1e-9))
            forward = turn.T @ np.array([*away, np.sqrt(1 - away @ away)])
            to_left = np.arcsin(np.clip(forward[0], -1, 1)) / FULL_GAZE
            up = np.arcsin(np.clip(forward[1], -1, 1)) / FULL_GAZE
            outward = to_left if eye == "Left" else -to_left
            for name, value in (("Out", outward), ("In", -outward), ("Up", up), ("Down", -up)):
                out[ARKIT_UNITS.index(f"eyeLook{name}{eye}")] = np.clip(value, 0, 1)
        return out


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
