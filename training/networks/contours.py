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
from mien.core.model.params import CROP_SIZE
from torch import Tensor, nn

from .cut_region import CutRegion, Region, convolutions
from .patches import evenly_lit


class ContourRegion(NamedTuple):
    """A part of the face, and which of MediaPipe's points are told of it."""

    region: Region
    points: tuple[int, ...]


REGIONS = (
    ContourRegion(Region(slice(48, 60), -0.0065, (0.045, 0.053), (56, 64)), MOUTH_POINTS),
    ContourRegion(Region(slice(17, 27), -0.002, (0.066, 0.034), (72, 40)), BROW_POINTS),
)
"""Mouth with nose and chin; both brows with the eyes' corners; about as large as in the crop."""
WIDTHS = (16, 24, 40, 56)
THOUGHT = 128
"""Channels of the four convolutions, and numbers that points are told from (chosen by eye)."""
SPREAD = 0.003
"""Metres by which points are off where they are on the mean head, about: the answers' unit."""


class RegionReader(CutRegion):
    """Cuts one region out and tells its points."""

    usual: Tensor

    def __init__(self, head: Head, told: ContourRegion) -> None:
        super().__init__(head, told.region)
        usual = torch.from_numpy(head.mediapipe_model().mean)[list(told.points)] - self.point[:3]
        self.register_buffer("usual", usual[:, :2].float(), persistent=False)
        self.see, flat = convolutions(WIDTHS, told.region.size)
        self.think = nn.Sequential(nn.Linear(flat, THOUGHT), nn.BatchNorm1d(THOUGHT), nn.ReLU())
        self.tell = nn.Linear(THOUGHT, 2 * len(told.points))

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Points ``(B, K, 2)`` to the right and up from the region's middle, metres."""
        told = self.tell(self.think(self.see(evenly_lit(self.patch(crop, params)))))
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
