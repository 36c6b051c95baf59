# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's linear model on the training device: what every loss on the 62 parameters is measured on.

The mean squared vertex distance over the whole head is a quadratic form, but the distance itself,
which the evaluation reports, is not; so the losses use a fixed set of face vertices, drawn once by
the surface area that each stands for, and the 68 landmarks exactly. A thousand vertices cost two
matrix products of 128 by 50 by 3,000 for a batch of 128, which nothing else in a step notices.
"""

import numpy as np
import torch
from mien.core.model.head import Head
from mien.core.model.params import N_IDENTITY, N_POSE
from numpy.typing import NDArray
from torch import Tensor, nn

VERTICES = 1000
"""That losses ask of the face, spread by area; chosen for speed."""
FRONT = 0.0
"""Vertices behind this depth (metres, model space) are not the face and do not count."""
BELOW_CHIN = 0.01
"""Nor do those more than this far (metres) below the chin."""


class FaceModel(nn.Module):
    """The head's linear model on K face vertices spread by area, and at the 68 landmarks.

    Attributes:
        mean: ``(3, K)`` metres; basis: ``(50, 3, K)``.
        mean68: ``(3, 68)``; basis68: ``(50, 3, 68)``: the same at the landmarks.
    """

    mean: Tensor
    basis: Tensor
    mean68: Tensor
    basis68: Tensor

    def __init__(self, head: Head, count: int = VERTICES, seed: int = 0) -> None:
        super().__init__()
        chosen = spread_vertices(head, count, seed)
        basis = np.concatenate([head.identity, head.expression])
        landmarks = head.landmark_model()
        basis68 = np.concatenate([landmarks.identity, landmarks.expression])
        for name, array in (
            ("mean", head.vertices[chosen].T),
            ("basis", basis[:, chosen].transpose(0, 2, 1)),
            ("mean68", landmarks.mean.T),
            ("basis68", basis68.transpose(0, 2, 1)),
        ):
            self.register_buffer(name, torch.tensor(np.ascontiguousarray(array, np.float32)))

    def vertices(self, params: Tensor) -> Tensor:
        """Equation 5: ``(B, 3, K)`` crop-space positions of raw parameters ``(B, 62)``."""
        return _place(params, self.mean, self.basis)

    def landmarks(self, params: Tensor) -> Tensor:
        """The same for the 68 landmarks: ``(B, 3, 68)``."""
        return _place(params, self.mean68, self.basis68)

    def expressions(self, params: Tensor) -> Tensor:
        """What the expression alone moves: ``(B, 3, 51)`` metres at the landmarks within the outline."""
        basis = self.basis68[N_IDENTITY:, :, 17:]
        flat = params[:, N_POSE + N_IDENTITY :] @ basis.reshape(len(basis), -1)
        return flat.reshape(-1, *basis.shape[1:])


def _place(params: Tensor, mean: Tensor, basis: Tensor) -> Tensor:
    transform = params[:, :N_POSE].reshape(-1, 3, 4)
    flat = params[:, N_POSE:] @ basis.reshape(len(basis), -1)
    shape = mean + flat.reshape(-1, *mean.shape)
    return transform[:, :, :3] @ shape + transform[:, :, 3:]


def spread_vertices(head: Head, count: int, seed: int) -> NDArray[np.int64]:
    """Indices of ``count`` face vertices, drawn by the surface area that each stands for."""
    triangles = head.triangles[np.repeat(head.materials, 2) <= 1]
    a, b, c = (head.vertices[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    share = np.bincount(triangles.ravel(), np.repeat(area, 3), len(head.vertices))
    chin = float(head.landmark_model().mean[8, 1])
    _, y, z = head.vertices.T
    share[(z < FRONT) | (y < chin - BELOW_CHIN)] = 0
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(len(share), count, replace=False, p=share / share.sum()))
