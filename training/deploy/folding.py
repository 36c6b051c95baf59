# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained network rewritten to compute the same in fewer steps, and its weights read back from that."""

import itertools

import torch
from mien.core.model.params import CROP_SIZE
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from ..networks.spatial_pooling import VIEWS, LearnedSpatialPool

CHANNELS = 3
"""Of a crop, which lie side by side in each pixel."""
GREY, CONTRAST = 127.5, 128
"""Of :func:`training.networks.network.normalise`."""
FIRST = "backbone.body.0.0.weight"
"""Weights of every backbone's first convolution, the only one that sees the crop."""
POOL, VIEW = "backbone.pool.kernel", "backbone.pool.views.{}.weight"


def fold_normalisation(module: nn.Module) -> None:
    """Merge every batch normalisation into the convolution or linear layer just before it, in place."""
    children = list(module.named_children())
    for (before, first), (name, second) in itertools.pairwise(children):
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            setattr(module, before, fuse_conv_bn_eval(first, second))
            setattr(module, name, nn.Identity())
        elif isinstance(first, nn.Linear) and isinstance(second, nn.BatchNorm1d):
            setattr(module, before, fuse_linear_bn_eval(first, second))
            setattr(module, name, nn.Identity())
    for _, child in children:
        fold_normalisation(child)


def grey_rows(crop: Tensor) -> Tensor:
    """Crops ``(B, 120, 120, 3)`` of bytes as rows of numbers around 0, ``(B, 1, 120, 360)``."""
    return crop.reshape(-1, 1, CROP_SIZE, CHANNELS * CROP_SIZE).float() - GREY


def on_rows(first: nn.Conv2d) -> nn.Conv2d:
    """The convolution that sees in :func:`grey_rows` what another sees in normalised planes.

    A row holds the three channels of a pixel one after the other, so that a kernel three times as wide sees
    the same pixels: nothing need be moved before it, nor divided.
    """
    height, width = first.kernel_size
    down, across = first.stride
    above, beside = (int(n) for n in first.padding)
    made = nn.Conv2d(
        1,
        first.out_channels,
        (height, CHANNELS * width),
        (down, CHANNELS * across),
        (above, CHANNELS * beside),
    )
    made.bias = first.bias
    with torch.no_grad():
        made.weight.copy_(first.weight.permute(0, 2, 3, 1).reshape(made.weight.shape) / CONTRAST)
    return made


class ViewsByConvolution(nn.Module):
    """:class:`LearnedSpatialPool` as convolutions that see one channel and the whole map each."""

    def __init__(self, pool: LearnedSpatialPool) -> None:
        super().__init__()
        channels = pool.kernel.shape[1]
        self.views = nn.ModuleList()
        for kernel in pool.kernel.detach():
            view = nn.Conv2d(channels, channels, pool.side, groups=channels, bias=False)
            view.weight = nn.Parameter(kernel.reshape(view.weight.shape).clone())
            self.views.append(view)

    def forward(self, features: Tensor) -> Tensor:
        """Features ``(B, C, n, n)`` to ``(B, 3 C)``."""
        return torch.cat([view(features) for view in self.views], dim=1).flatten(1)


def unfold_backbone(stored: dict[str, Tensor]) -> None:
    """Give the first convolution and the pool among a file's tensors the shapes and names of training, in place.

    Raises:
        KeyError: there is no first convolution.
    """
    rows = stored[FIRST]
    shape = (rows.shape[0], rows.shape[2], rows.shape[3] // CHANNELS, CHANNELS)
    stored[FIRST] = rows.reshape(shape).permute(0, 3, 1, 2) * CONTRAST
    views = [stored[name] for k in range(VIEWS) if (name := VIEW.format(k)) in stored]
    if views:
        stored[POOL] = torch.stack([view.flatten(1) for view in views])
