# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a face cut out of its crop, upright: what the networks that look at parts have in common."""

import torch
from mien.core.model.params import CROP_SIZE
from torch import Tensor, nn
from torch.nn import functional

EVEN = 1e-3
"""Variance that a patch without any contrast is given."""
ROOT = 1e-6
"""Added to squares before their root is taken, which has no slope at 0."""


def layer(before: int, after: int, stride: int) -> tuple[nn.Module, ...]:
    """A convolution, normalised and cut off at zero."""
    convolution = nn.Conv2d(before, after, 3, stride, 1, bias=False)
    return convolution, nn.BatchNorm2d(after), nn.ReLU()


def grid_of(size: tuple[int, int], reach: tuple[float, float]) -> Tensor:
    """``(height * width, 3)``: to the right and up from a patch's middle to each of its pixels, and 1.

    Args:
        size: width and height in pixels.
        reach: from the middle to the sides, and to top and bottom.
    """
    across, up = ((torch.arange(n) + 0.5) * (2 / n) - 1 for n in size)
    u, v = torch.meshgrid(across * reach[0], -up * reach[1], indexing="xy")
    return torch.stack([u, v, torch.ones_like(u)], dim=-1).reshape(-1, 3)


def upright(params: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors ``(B, 2)`` to the right and up in the picture, by the head's own up."""
    up = params[:, [1, 5]]
    up = up / (up.square().sum(dim=1, keepdim=True) + ROOT).sqrt()
    return up[:, [1, 0]] * up.new_tensor([1.0, -1.0]), up


def facing(params: Tensor) -> Tensor:
    """``(B, 3)`` where the face looks, a unit vector."""
    forward = params[:, [2, 6, 10]]
    return forward / (forward.square().sum(dim=1, keepdim=True) + ROOT).sqrt()


def cut_out(crop: Tensor, grid: Tensor, frames: Tensor, size: tuple[int, int]) -> Tensor:
    """``(B k, 3, height, width)``: k patches of each crop, one after the other.

    Args:
        crop: ``(B, 3, n, n)``.
        grid: of :func:`grid_of`.
        frames: ``(B, k, 3, 2)`` crop space: one unit to the right, one up, and the middle of each patch.
        size: width and height in pixels.
    """
    width, height = size
    count = frames.shape[1]
    places = grid @ (
        frames * frames.new_tensor([2 / CROP_SIZE, -2 / CROP_SIZE])
    )  # down is positive
    # Kept within the outermost pixels' centres, which runs faster than sampling that pads with them.
    edge = 1 - 1 / int(crop.shape[-1])
    patches = functional.grid_sample(
        crop,
        places.reshape(-1, count * height, width, 2).clamp(-edge, edge),
        padding_mode="zeros",
        align_corners=False,
    )
    if count > 1:
        patches = patches.reshape(-1, 3, count, height, width).transpose(1, 2)
    return patches.reshape(-1, 3, height, width)


def evenly_lit(patch: Tensor) -> Tensor:
    """Patches with their own mean and contrast taken out: an eye in the dark is still an eye."""
    shape = [int(n) for n in patch.shape[1:]]  # a constant to the exporter
    return functional.layer_norm(patch, shape, eps=EVEN)
