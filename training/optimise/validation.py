# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a network in training does on samples made of photos that it never sees."""

import torch
from torch import Tensor

from ..data.sample_buffer import Batch
from ..evaluate.yaw import YAW_EDGES
from .learner import Learner
from .losses import landmark_error


def yaw_degrees(params: Tensor) -> Tensor:
    """How far each head ``(B, 62)`` is turned to a side, 0 to 180, whichever side."""
    forward = params[:, [2, 6, 10]]  # where T sends the head's z axis
    return torch.rad2deg(torch.atan2(forward[:, 0].abs(), forward[:, 2]))


def validate(learner: Learner, batch: Batch) -> dict[str, float]:
    """Errors of the averaged weights.

    Returns:
        ``nme`` of the 68 landmarks (share of the box), ``nme_0``, ``nme_30``, ``nme_60`` by yaw,
        ``balanced``, their mean; ``units``, mean absolute error of known weights; ``face``, share of
        crops rightly told to hold a face or none.
    """
    out = learner.predict(batch, averaged=True)
    here = batch["face"] > 0
    truth = batch["params"][here]
    placed = learner.face.landmarks(learner.zscore.decode(out.params[here]))
    error = landmark_error(placed, learner.face.landmarks(truth))
    yaw = yaw_degrees(truth)
    bins = {}
    for low, high in zip(YAW_EDGES, (*YAW_EDGES[1:-1], torch.inf), strict=False):
        bins[f"nme_{low:.0f}"] = float(error[(yaw >= low) & (yaw < high)].mean())
    mask = batch["units_mask"][here]
    blendshapes = (out.blendshapes[here].sigmoid() - batch["units"][here]).abs() * mask
    return {
        "nme": float(error.mean()),
        **bins,
        "balanced": sum(bins.values()) / len(bins),
        "units": float(blendshapes.sum() / mask.sum().clamp(min=1)),
        "face": float(((out.face > 0) == here).float().mean()),
    }
