# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling that knows where: what a plain average over the crop throws away, and a pose is made of."""

import torch
from mien.core.model.params import CROP_SIZE
from torch import Tensor, nn
from torch.nn import functional

VIEWS = 3
"""How many weighted means are taken of each channel: in the beginning the plain one, and how far to
the right and how far down the channel is excited."""


class LearnedSpatialPool(nn.Module):
    """Means of each channel weighted by learned maps, one linear layer on what is seen where.

    The first view begins as the plain average, so that weights trained with that go on from it
    (:func:`begin_from`).

    Args:
        channels: of the features.
        stride: of the body; decides the size of its map for a whole crop.
    """

    def __init__(self, channels: int, stride: int = 32) -> None:
        super().__init__()
        self.side = -(-CROP_SIZE // stride)
        line = torch.linspace(-1, 1, self.side)
        down, across = torch.meshgrid(line, line, indexing="ij")
        views = torch.stack([torch.ones_like(across), across, down]).flatten(1) / self.side**2
        self.kernel = nn.Parameter(views[:, None].repeat(1, channels, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Features ``(B, C, n, n)`` to ``(B, 3 C)``; smaller crops are read with smaller maps."""
        side = features.shape[-1]
        kernel: Tensor = self.kernel
        if side != self.side:
            maps = kernel.reshape(VIEWS, -1, self.side, self.side)
            maps = functional.interpolate(maps, size=side, mode="bilinear", align_corners=True)
            kernel = maps.flatten(2) * (self.side / side) ** 2
        return (features.flatten(2)[:, None] * kernel).sum(dim=3).flatten(1)


def begin_from(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Load weights, also those of the same body with plain pooling: the new views then count nothing.

    Args:
        network: to load into.
        state: of such a network, or of one whose heads read the plain average alone.

    Raises:
        RuntimeError: the weights belong to another body.
    """
    own = network.state_dict()
    whole = dict(state)
    for name, tensor in own.items():
        if name not in whole and name.endswith("pool.kernel"):
            whole[name] = tensor
        elif name in whole and tensor.ndim == 2 and tensor.shape[1] == VIEWS * whole[name].shape[1]:
            whole[name] = functional.pad(whole[name], (0, tensor.shape[1] - whole[name].shape[1]))
    network.load_state_dict(whole)
