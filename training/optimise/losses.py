# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses on the 62 parameters (section 2.2 of the paper), each as one number for each sample.

Where algorithm 2 as printed differs from equation 7, equation 7 is followed:

* The printed weights keep the sign of ``T - T^g``, and Z is their maximum, which is too small (or
  negative) where the largest deviation is negative. Weights are norms in equation 7: ``|T - T^g|``.
* The printed ``f`` is only called "scale factor". The degraded parameters of equation 7 hold the
  true T, so it is the true scale; the predicted one gives other values.
* ``w_T(:, i)`` runs over columns of T and takes the norm of row i of S. Both are right as printed:
  element (r, c) of T multiplies coordinate c of every vertex.

In both, the weights are found on raw parameters, which is what places vertices, and the distance is
taken between z-scored ones, which is what the network regresses (section 2.1).
"""

import torch
from mien.core.model.params import CROP_SIZE, N_PARAMS, N_POSE
from torch import Tensor

from ..geometry.face_model import FaceModel
from ..networks.network import ZScore

BETA = 0.5
"""The best balance of the vanilla-joint loss according to the paper's figure 6."""
_TINY = 1e-12
"""So that nothing is divided by nothing."""


def vdc(placed: Tensor, truth: Tensor) -> Tensor:
    """Vertex distance cost (equation 4): mean squared distance ``(B,)``, in crops squared.

    Args:
        placed, truth: ``(B, 3, K)`` crop-space positions.
    """
    return ((placed - truth) / CROP_SIZE).square().sum(dim=1).mean(dim=1)


def vertex_distance(placed: Tensor, truth: Tensor) -> Tensor:
    """Mean distance ``(B,)`` in crops: like :func:`vdc` without the square.

    It is what the error is measured by, and does not let the worst samples rule.
    """
    squared = ((placed - truth) / CROP_SIZE).square().sum(dim=1)
    return (squared + 1e-8).sqrt().mean(dim=1)


def expression_distance(moved: Tensor, truth: Tensor) -> Tensor:
    """How far off ``(B,)`` the expression alone is, in tenths of a metre.

    In the distances of placed points a pucker of two millimetres is lost among errors of pose.

    Args:
        moved, truth: ``(B, 3, k)`` metres, of :meth:`.FaceModel.expressions`.
    """
    squared = ((moved - truth) * 10).square().sum(dim=1)
    return (squared + 1e-8).sqrt().mean(dim=1)


def landmark_error(placed: Tensor, truth: Tensor) -> Tensor:
    """NME ``(B,)``: mean distance in the picture over the root of the true points' box area.

    The box of a profile is narrow, so its pixels count more, as they do in the evaluation.

    Args:
        placed, truth: ``(B, 2 or 3, 68)`` crop-space positions; depth does not count.
    """
    extent = truth[:, :2].amax(dim=2) - truth[:, :2].amin(dim=2)
    squared = (placed[:, :2] - truth[:, :2]).square().sum(dim=1)
    box = extent.prod(dim=1).clamp(min=1.0).sqrt()
    return (squared + 1e-4).sqrt().mean(dim=1) / box


def wpdc(params: Tensor, truth: Tensor, model: FaceModel, zscore: ZScore) -> Tensor:
    """Weighted parameter distance cost ``(B,)`` as equations 6 and 7 define it: the reference.

    Places every vertex once for each of the 62 parameters.

    Args:
        params, truth: ``(B, 62)`` raw parameters.
        model: whose vertices say how much each parameter moves.
        zscore: in whose units the distance is taken.
    """
    with torch.no_grad():
        wanted = model.vertices(truth)
        weights = torch.empty_like(params)
        for i in range(N_PARAMS):
            degraded = truth.clone()
            degraded[:, i] = params[:, i]
            weights[:, i] = (model.vertices(degraded) - wanted).flatten(1).norm(dim=1)
    return _weighted(weights, params, truth, zscore)


def fwpdc(params: Tensor, truth: Tensor, model: FaceModel, zscore: ZScore) -> Tensor:
    """The same as :func:`wpdc` by algorithm 2, which places the vertices once.

    An element of T that is wrong by d moves the vertices by d times one coordinate of each (1 for
    the translation); a coefficient that is wrong by d moves them by f d times its basis vector.
    """
    with torch.no_grad():
        basis = model.basis.reshape(len(model.basis), -1)
        shape = model.mean + (truth[:, N_POSE:] @ basis).reshape(-1, *model.mean.shape)
        ones = shape.new_full((len(shape), 1), shape.shape[2] ** 0.5)
        norms = torch.cat([shape.norm(dim=2), ones], dim=1)
        away = (params - truth).abs()
        pose = away[:, :N_POSE].reshape(-1, 3, 4) * norms[:, None]
        scale = truth[:, :3].norm(dim=1, keepdim=True)
        alpha = scale * away[:, N_POSE:] * basis.norm(dim=1)
        weights = torch.cat([pose.flatten(1), alpha], dim=1)
    return _weighted(weights, params, truth, zscore)


def _weighted(weights: Tensor, params: Tensor, truth: Tensor, zscore: ZScore) -> Tensor:
    """Equation 6, with the weights over their maximum Z of each sample."""
    weights = weights / weights.amax(dim=1, keepdim=True).clamp(min=_TINY)
    return (weights * (zscore.encode(params) - zscore.encode(truth))).square().sum(dim=1)


def vanilla_joint(parameter: Tensor, vertex: Tensor, beta: float = BETA) -> Tensor:
    """``beta fwpdc + (1 - beta) |fwpdc| / |vdc| vdc`` of two mean losses (section 2.2)."""
    return beta * parameter + (1 - beta) * balanced(vertex, parameter)


def balanced(term: Tensor, like: Tensor) -> Tensor:
    """``term`` scaled to the present size of ``like``, the scale a constant for the gradient."""
    return term * (like.detach() / term.detach().clamp(min=_TINY))


def lrr(landmarks: Tensor, truth: Tensor) -> Tensor:
    """Landmark-regression regularisation (section 2.3): mean squared error ``(B,)``.

    Args:
        landmarks: ``(B, 68, 2)`` of the auxiliary head, in half crops.
        truth: ``(B, 3, 68)`` crop-space positions of the labels.
    """
    wanted = truth[:, :2].transpose(1, 2) / (CROP_SIZE / 2)
    return (landmarks - wanted).square().mean(dim=(1, 2))


def offset_error(placed: Tensor, truth: Tensor, length: int) -> Tensor:
    """Stability (section 3.1) of clips: how wrongly landmarks move from frame to frame, over the box.

    Args:
        placed, truth: ``(clips * length, 3, 68)`` crop-space positions, frames in order.
        length: frames in a clip.

    Returns:
        ``(clips,)``.
    """
    wrong = (placed - truth)[:, :2].reshape(-1, length, 2, placed.shape[2])
    extent = truth[:, :2].amax(dim=2) - truth[:, :2].amin(dim=2)
    box = extent.prod(dim=1).clamp(min=1.0).sqrt().reshape(-1, length)[:, 1:]
    steps = ((wrong[:, 1:] - wrong[:, :-1]).square().sum(dim=2) + 1e-4).sqrt().mean(dim=2)
    return (steps / box).mean(dim=1)
