# SPDX-License-Identifier: GPL-3.0-or-later
"""The network: a backbone, the 62 parameters, and what rides beside them."""

from typing import NamedTuple

import torch
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.head import N_LANDMARKS
from mien.core.model.params import N_PARAMS
from torch import Tensor, nn

from .backbones import build_backbone


class Outputs(NamedTuple):
    """What the network says of B crops.

    Attributes:
        params: ``(B, 62)`` z-scored parameters.
        blendshapes: ``(B, 52)`` logits of the ARKit weights.
        face: ``(B,)`` logit of there being a face.
        landmarks: ``(B, 68, 2)`` in half crops, y up: the auxiliary task of section 2.3, which is
            not exported.
    """

    params: Tensor
    blendshapes: Tensor
    face: Tensor
    landmarks: Tensor


class Regressor(nn.Module):
    """Backbone and four linear heads on its pooled features."""

    def __init__(self, backbone: str) -> None:
        super().__init__()
        self.backbone = build_backbone(backbone)
        width = self.backbone.width
        self.params = nn.Linear(width, N_PARAMS)
        self.units = nn.Linear(width, N_BLENDSHAPES)
        self.face = nn.Linear(width, 1)
        self.landmarks = nn.Linear(width, N_LANDMARKS * 2)
        for layer in (self.params, self.units, self.face, self.landmarks):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, crop: Tensor) -> Outputs:
        """Run on normalised crops ``(B, 3, 120, 120)`` (see :func:`normalise`).

        Where the backbone runs in 16 bits, what is read off its features does not: eight bits of
        mantissa are a hundredth of a standard deviation, as much as a trained network is off.
        """
        features = self.backbone(crop).float()
        with torch.autocast(features.device.type, enabled=False):
            return Outputs(
                self.params(features),
                self.units(features),
                self.face(features).squeeze(1),
                self.landmarks(features).reshape(-1, N_LANDMARKS, 2),
            )


def normalise(crop: Tensor) -> Tensor:
    """Bytes 0 to 255 to the paper's range: ``(x - 127.5) / 128``."""
    return (crop.float() - 127.5) * (1 / 128)


class ZScore(nn.Module):
    """Mean and standard deviation of the 62 parameters over the training samples (section 2.1)."""

    mean: Tensor
    std: Tensor

    def __init__(self, params: Tensor | None = None) -> None:
        super().__init__()
        mean, std = torch.zeros(N_PARAMS), torch.ones(N_PARAMS)
        if params is not None:
            mean = params.mean(dim=0).cpu()
            std = params.std(dim=0).cpu()
            std[std < 1e-6] = 1.0  # the depth of the translation is always 0
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def encode(self, params: Tensor) -> Tensor:
        """Raw to z-scored."""
        return (params - self.mean) / self.std

    def decode(self, params: Tensor) -> Tensor:
        """Z-scored to raw."""
        return params * self.std + self.mean
