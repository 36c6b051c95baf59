# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of contours: where the edges of lips and brows are in a crop, beside what hardly moves near them.

What a face does with a whole mouth is read off weights that are learnt with it; where a corner of a mouth is can be
seen on any face, and against the same face at rest it says how wide a mouth is and how far one corner is above the
other. So mouth and brows are cut out upright, as the network of details does, and points are told in each
of both parts.
"""

from typing import NamedTuple

import torch
from mien.core.model.contour_points import BROW_POINTS, MOUTH_POINTS
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_IDENTITY, N_POSE
from torch import Tensor, nn
from torch.nn import functional

from .patches import cut_out, evenly_lit, grid_of, layer, upright


class Region(NamedTuple):
    """A part of the face whose points are told.

    Attributes:
        landmarks: of the 68, whose middle is the part's.
        above: how much higher the part's middle is, metres.
        reach: from the middle to the sides, and to top and bottom, metres.
        size: width and height in pixels, about those of the crop.
        points: which of MediaPipe's.
    """

    landmarks: slice
    above: float
    reach: tuple[float, float]
    size: tuple[int, int]
    points: tuple[int, ...]


REGIONS = (
    Region(slice(48, 60), -0.0065, (0.045, 0.053), (56, 64), MOUTH_POINTS),
    Region(slice(17, 27), -0.002, (0.066, 0.034), (72, 40), BROW_POINTS),
)
"""Mouth with nose and chin; both brows with the eyes' corners."""
WIDTHS = (16, 24, 40, 56)
THOUGHT = 128
"""Channels of the four convolutions, and numbers that points are told from (chosen by eye)."""
SPREAD = 0.003
"""Metres by which points are off where they are on the mean head, about: the answers' unit."""


class RegionReader(nn.Module):
    """Cuts one region out and tells its points."""

    point: Tensor
    basis: Tensor
    grid: Tensor
    usual: Tensor

    def __init__(self, head: Head, region: Region) -> None:
        super().__init__()
        model = head.landmark_model()
        middle = torch.from_numpy(model.mean[region.landmarks].mean(axis=0))
        middle = middle + torch.tensor([0.0, region.above, 0.0])
        basis = torch.from_numpy(model.identity[:, region.landmarks].mean(axis=1))
        # A fourth coordinate of 1 takes T's translation along.
        self.register_buffer("point", torch.cat([middle, torch.ones(1)]), persistent=False)
        self.register_buffer("basis", functional.pad(basis, (0, 1)), persistent=False)
        self.register_buffer("grid", grid_of(region.size, region.reach), persistent=False)
        usual = torch.from_numpy(head.mediapipe_model().mean)[list(region.points)] - middle
        self.register_buffer("usual", usual[:, :2].float(), persistent=False)
        self.size = region.size
        a, b, c, d = WIDTHS
        self.see = nn.Sequential(
            *layer(3, a, 2), *layer(a, b, 1), *layer(b, c, 2), *layer(c, d, 2), nn.Flatten()
        )
        width, height = (-(-pixels // 8) for pixels in region.size)  # three halvings, rounded up
        self.think = nn.Sequential(
            nn.Linear(d * width * height, THOUGHT), nn.BatchNorm1d(THOUGHT), nn.ReLU()
        )
        self.tell = nn.Linear(THOUGHT, 2 * len(region.points))

    def frame(self, params: Tensor) -> Tensor:
        """``(B, 3, 2)`` crop space: a metre to the right in the region, a metre up, and its middle."""
        point = params[:, N_POSE : N_POSE + N_IDENTITY] @ self.basis + self.point
        middle = (params[:, :8].reshape(-1, 2, 4) * point[:, None]).sum(dim=2)
        scale = params[:, :3].square().sum(dim=1, keepdim=True).sqrt()
        axes = scale * torch.cat(upright(params), dim=1)
        return torch.cat([axes, middle], dim=1).reshape(-1, 3, 2)

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Points ``(B, K, 2)`` to the right and up from the region's middle, metres."""
        patch = cut_out(crop, self.grid, self.frame(params)[:, None], self.size)
        told = self.tell(self.think(self.see(evenly_lit(patch))))
        return told.reshape(-1, len(self.usual), 2) * SPREAD + self.usual


class ContourReader(nn.Module):
    """Crops and their parameters to the points of :data:`mien.core.model.contour_points.CONTOUR_POINTS`."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.regions = nn.ModuleList(RegionReader(head, region) for region in REGIONS)

    def readers(self) -> list[RegionReader]:
        """Those of mouth and brows."""
        return [region for region in self.regions if isinstance(region, RegionReader)]

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Points ``(B, K, 2)`` in pixels of the crop, x right, y down, integers the pixels' centres.

        Args:
            crop: ``(B, 3, 120, 120)`` normalised.
            params: ``(B, 62)`` raw.
        """
        told = []
        for reader in self.readers():
            frame = reader.frame(params)
            told.append(reader(crop, params) @ frame[:, :2] + frame[:, 2:])
        return torch.cat(told, dim=1) * crop.new_tensor([1.0, -1.0]) + (CROP_SIZE - 1) / 2


def in_region(points: Tensor, frame: Tensor) -> Tensor:
    """Points ``(B, K, 2)`` in pixels of the crop as :class:`RegionReader` tells them, metres.

    Args:
        points: x right, y down.
        frame: ``(B, 3, 2)`` of :meth:`RegionReader.frame`.
    """
    placed = (points - (CROP_SIZE - 1) / 2) * points.new_tensor([1.0, -1.0]) - frame[:, 2:]
    return placed @ torch.linalg.inv(frame[:, :2])
