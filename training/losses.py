# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses on the 62 parameters: the vertex distance and the weighted parameter distance."""

import numpy as np
import torch
from mien.core.head import Head
from mien.core.params import CROP_SIZE, N_POSE
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

FRONT = 0.0
"""Vertices behind this depth (metres, model space) are not the face and do not count."""


class FaceModel(nn.Module):
    """The head's linear model on face vertices spread by area, and at the 68 landmarks.

    Attributes:
        mean: ``(3, K)``; basis: ``(50, 3, K)``, of K face vertices.
        mean68, basis68: the same at the landmarks.
    """

    mean: Tensor
    basis: Tensor
    mean68: Tensor
    basis68: Tensor

    def __init__(self, head: Head, count: int = 600, seed: int = 0) -> None:
        super().__init__()
        chosen = spread_vertices(head, count, seed)
        basis = np.concatenate([head.identity, head.expression])
        landmarks = head.at_landmarks()
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
    chin = float(
        np.einsum("c,cx->x", head.landmark_weights[8], head.vertices[head.landmark_corners[8]])[1]
    )
    share[(head.vertices[:, 2] < FRONT) | (head.vertices[:, 1] < chin - 0.01)] = 0
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(len(share), count, replace=False, p=share / share.sum()))


def vdc(placed: Tensor, truth: Tensor) -> Tensor:
    """Vertex distance cost (equation 4) of each sample: mean squared distance, in crops squared.

    Args:
        placed, truth: ``(B, 3, K)`` crop-space positions.
    """
    return ((placed - truth) / CROP_SIZE).square().sum(dim=1).mean(dim=1)


def vertex_distance(placed: Tensor, truth: Tensor) -> Tensor:
    """Mean distance of each sample, in crops: the square root of each term of :func:`vdc`.

    It is what the error is measured by, and does not let the worst samples rule.
    """
    squared = ((placed - truth) / CROP_SIZE).square().sum(dim=1)
    return (squared + 1e-8).sqrt().mean(dim=1)


def fwpdc(params: Tensor, truth: Tensor, model: FaceModel) -> Tensor:
    """Weighted parameter distance cost, fast (algorithm 2), of each sample.

    Args:
        params, truth: ``(B, 62)`` raw parameters.
        model: whose vertices say how much each parameter moves.

    The weight of a parameter is how far the vertices move when it alone is wrong (equation 7). For
    T that is ``|dT(r, c)|`` times the norm of row c of the true shape (root of the number of
    vertices for the translation); for a coefficient it is ``f |d alpha|`` times the norm of its
    basis vector. Weights are constants for the gradient and divided by their maximum.
    """
    with torch.no_grad():
        basis = model.basis.reshape(len(model.basis), -1)
        shape = model.mean + (truth[:, N_POSE:] @ basis).reshape(-1, *model.mean.shape)
        rows = torch.cat(
            [shape.norm(dim=2), shape.new_full((len(shape), 1), shape.shape[2] ** 0.5)], dim=1
        )
        away = (params - truth).abs()
        pose = away[:, :N_POSE].reshape(-1, 3, 4) * rows[:, None]
        scale = truth[:, :3].norm(dim=1, keepdim=True)
        alpha = scale * away[:, N_POSE:] * basis.norm(dim=1)
        weights = torch.cat([pose.reshape(-1, N_POSE), alpha], dim=1)
        weights = weights / weights.amax(dim=1, keepdim=True).clamp(min=1e-12)
    return (weights * (params - truth)).square().sum(dim=1)


def lrr(landmarks: Tensor, truth: Tensor) -> Tensor:
    """Landmark-regression regularisation (section 2.3) of each sample.

    Args:
        landmarks: ``(B, 68, 2)`` of the auxiliary head, in half crops.
        truth: ``(B, 3, 68)`` crop-space positions of the labels.
    """
    wanted = truth[:, :2].transpose(1, 2) / (CROP_SIZE / 2)
    return functional.smooth_l1_loss(landmarks, wanted, reduction="none", beta=0.02).mean(
        dim=(1, 2)
    )
