# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the face that is cut out upright, where the 62 parameters have laid it and whatever it expresses."""

from typing import NamedTuple

import torch
from mien.core.model.head import Head
from mien.core.model.params import N_IDENTITY, N_POSE
from torch import Tensor, nn
from torch.nn import functional

from .patches import cut_out, grid_of, layer, upright


class Region(NamedTuple):
    """A part of the face.

    Attributes:
        landmarks: of the 68, whose middle is the patch's.
        above: how much higher the patch's middle is, metres.
        reach: from the middle to the sides, and to top and bottom, metres.
        size: width and height of the patch in pixels.
    """

    landmarks: slice
    above: float
    reach: tuple[float, float]
    size: tuple[int, int]


class CutRegion(nn.Module):
    """Cuts one region out."""

    point: Tensor
    basis: Tensor
    grid: Tensor

    def __init__(self, head: Head, region: Region) -> None:
        super().__init__()
        model = head.landmark_model()
        middle = torch.from_numpy(model.mean[region.landmarks].mean(axis=0))
        point = torch.cat([middle + torch.tensor([0.0, region.above, 0.0]), torch.ones(1)])
        basis = torch.from_numpy(model.identity[:, region.landmarks].mean(axis=1))
        # A fourth coordinate of 1 takes T's translation along.
        self.register_buffer("point", point, persistent=False)
        self.register_buffer("basis", functional.pad(basis, (0, 1)), persistent=False)
        self.size = region.size
        self.register_buffer("grid", grid_of(region.size, region.reach), persistent=False)

    def frame(self, params: Tensor) -> Tensor:
        """``(B, 3, 2)`` crop space: a metre to the right in the region, a metre up, and its middle."""
        point = params[:, N_POSE : N_POSE + N_IDENTITY] @ self.basis + self.point
        middle = (params[:, :8].reshape(-1, 2, 4) * point[:, None]).sum(dim=2)
        scale = params[:, :3].square().sum(dim=1, keepdim=True).sqrt()
        axes = scale * torch.cat(upright(params), dim=1)
        return torch.cat([axes, middle], dim=1).reshape(-1, 3, 2)

    def patch(self, crop: Tensor, params: Tensor) -> Tensor:
        """The region cut out, ``(B, 3, height, width)``, upright."""
        return cut_out(crop, self.grid, self.frame(params)[:, None], self.size)


def convolutions(
    widths: tuple[int, int, int, int], size: tuple[int, int]
) -> tuple[nn.Sequential, int]:
    """Four layers that see a patch, and how many numbers they make of it.

    Args:
        widths: channels of the four.
        size: width and height of the patch.
    """
    a, b, c, d = widths
    see = nn.Sequential(
        *layer(3, a, 2), *layer(a, b, 1), *layer(b, c, 2), *layer(c, d, 2), nn.Flatten()
    )
    width, height = (-(-pixels // 8) for pixels in size)  # three halvings, rounded up
    return see, d * width * height
