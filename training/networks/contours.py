# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of contours: where the edges of lips and brows are in a crop, beside what hardly moves near them.

What a face does with a whole mouth is read off weights that are learnt with it; where a corner of a mouth is can be
seen on any face, and against the same face at rest it says how wide a mouth is and how far one corner is above the
other. So mouth and brows are cut out upright, as the network of details does, and points are told in each
of both parts.
"""

import torch
from mien.core.model.head import Head
from mien.core.refine.contour_regions import MIDDLE, REGIONS, Region, RegionFrames
from torch import Tensor, nn

from .cut_region import convolutions
from .patches import cut_out, evenly_lit, grid_of

WIDTHS = (16, 24, 40, 56)
THOUGHT = 128
"""Channels of the four convolutions, and numbers that points are told from (chosen by eye)."""
UPWARD = torch.tensor([1.0, -1.0])
"""From pixels, whose y is down, to crop space."""
SPREAD = 0.003
"""Metres by which points are off where they are on the mean head, about: the answers' unit."""


class RegionReader(nn.Module):
    """Tells the points of one region from its patch."""

    usual: Tensor
    grid: Tensor

    def __init__(self, head: Head, region: Region) -> None:
        super().__init__()
        self.size = region.size
        middle = head.landmark_model().mean[region.landmarks, :2].mean(axis=0) + [0, region.above]
        usual = head.mediapipe_model().mean[list(region.points), :2] - middle
        self.register_buffer("usual", torch.from_numpy(usual).float(), persistent=False)
        self.register_buffer("grid", grid_of(region.size, region.reach), persistent=False)
        self.see, flat = convolutions(WIDTHS, region.size)
        self.think = nn.Sequential(nn.Linear(flat, THOUGHT), nn.BatchNorm1d(THOUGHT), nn.ReLU())
        self.tell = nn.Linear(THOUGHT, 2 * len(region.points))

    def forward(self, patch: Tensor) -> Tensor:
        """Points ``(B, K, 2)`` to the right and up from the region's middle, metres.

        Args:
            patch: ``(B, 3, height, width)`` normalised.
        """
        told = self.tell(self.think(self.see(evenly_lit(patch))))
        return told.reshape(-1, len(self.usual), 2) * SPREAD + self.usual

    def patch(self, crop: Tensor, frame: Tensor) -> Tensor:
        """The region cut out of crops ``(B, 3, 120, 120)`` by frames ``(B, 3, 2)``: ``(B, 3, height, width)``."""
        in_space = torch.cat([frame[:, :2], frame[:, 2:] - MIDDLE], dim=1) * UPWARD
        return cut_out(crop, self.grid, in_space[:, None], self.size)


class ContourReader(nn.Module):
    """Crops and their parameters to the points of :data:`mien.core.model.contour_points.CONTOUR_POINTS`."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.regions = nn.ModuleList(RegionReader(head, region) for region in REGIONS)
        self._frames = RegionFrames(head)

    def readers(self) -> list[RegionReader]:
        """Those of mouth and brows."""
        return [region for region in self.regions if isinstance(region, RegionReader)]

    def frames(self, params: Tensor) -> list[Tensor]:
        """Where each region lies by parameters ``(B, 62)``: ``(B, 3, 2)``."""
        frames = torch.from_numpy(self._frames.of(params.cpu().numpy())).to(params.device)
        return list(frames.unbind(dim=1))

    def tell(self, crop: Tensor, frames: list[Tensor]) -> list[Tensor]:
        """What each region's reader says of crops ``(B, 3, 120, 120)``, normalised, by :meth:`frames`."""
        return [
            reader(reader.patch(crop, frame))
            for reader, frame in zip(self.readers(), frames, strict=True)
        ]

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Points ``(B, K, 2)`` in pixels of the crop, x right, y down, integers the pixels' centres.

        Args:
            crop: ``(B, 3, 120, 120)`` normalised.
            params: ``(B, 62)`` raw.
        """
        frames = self.frames(params)
        told = zip(self.tell(crop, frames), frames, strict=True)
        return torch.cat([points @ frame[:, :2] + frame[:, 2:] for points, frame in told], dim=1)


def in_region(points: Tensor, frame: Tensor) -> Tensor:
    """Points ``(B, K, 2)`` in pixels of the crop as :class:`RegionReader` tells them, metres.

    Args:
        points: x right, y down.
        frame: ``(B, 3, 2)`` of :meth:`ContourReader.frames`.
    """
    return (points - frame[:, 2:]) @ torch.linalg.inv(frame[:, :2])
