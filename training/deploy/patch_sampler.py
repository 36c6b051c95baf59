# SPDX-License-Identifier: GPL-3.0-or-later
"""The patches of mouth, brows and eyes cut out in one go, where the networks of the parts each cut their own.

A step of ONNX Runtime takes as long for ten numbers as for a thousand, and its GridSample weighs the four
neighbours of every pixel anew in each channel. So one linear layer turns the 62 parameters into all that places
the patches, few steps place them together, and their pixels are gathered with weights that are worked out once.
"""

from typing import cast

import torch
from mien.core.model.params import CROP_SIZE, N_PARAMS, N_POSE
from torch import Tensor, nn

from ..networks.details import Looked, MouthBrowRefiner
from ..networks.eyes import HEIGHT, NARROWEST, WIDTH, EyeRefiner
from ..networks.patches import ROOT
from .folding import CHANNELS

MIDDLE = (CROP_SIZE - 1) / 2
"""Pixel where crop space begins."""
LAST = CROP_SIZE - 1 - 1e-4
"""The furthest place that is looked up: it has a neighbour below and to the right."""
EYES = 2
"""Patches that both eyes have."""
_VECTORS = ((0, 1, 2), (1, 5), (2, 6, 10))
"""Which parameters are the head's scale (the length of that row), its up in the picture, and forward."""
_SCALE, _UP, _FORWARD = (EYES + k for k in range(len(_VECTORS)))
"""Where their lengths stand, behind the widths of both eyes."""


class PatchSampler(nn.Module):
    """Crops and their parameters to patches, as the networks of eyes, mouth and brows cut them."""

    grids: Tensor
    numbers: Tensor
    rows: Tensor
    least: Tensor
    added: Tensor

    def __init__(self, eyes: EyeRefiner, details: MouthBrowRefiner) -> None:
        super().__init__()
        looks = [cast(Looked, look) for look in details.looks]
        self.sizes = [look.size for look in looks] + [(WIDTH, HEIGHT)] * EYES
        self.count = len(self.sizes)
        # Each patch's grid on the diagonal: one product places all pixels.
        all_grids = [*(look.grid for look in looks), *[eyes.grid] * EYES]
        grids: Tensor = torch.block_diag(*all_grids)  # type: ignore[no-untyped-call]
        self.register_buffer("grids", grids.T.contiguous())
        self.pixels = len(grids)
        beside = torch.tensor([0, 1, CROP_SIZE, CROP_SIZE + 1])
        numbers = torch.arange(CHANNELS)[:, None] + CHANNELS * beside
        self.register_buffer("numbers", numbers.reshape(-1, 1))
        self.register_buffer("rows", CHANNELS * torch.tensor([[1.0, CROP_SIZE]]))
        self.register_buffer("least", torch.tensor([NARROWEST] * EYES + [0.0] * len(_VECTORS)))
        self.register_buffer("added", torch.tensor([0.0] * _UP + [ROOT, ROOT]))
        self.shares = [4 * (self.count + EYES), N_POSE, 3 * len(_VECTORS), 4 * self.count]
        self.place = nn.Linear(N_PARAMS, sum(self.shares))
        with torch.no_grad():
            self._set_up(eyes, looks)

    def _set_up(self, eyes: EyeRefiner, looks: list[Looked]) -> None:
        """What is linear in the parameters: points, T with y down, three vectors, the patches' axes."""
        self.place.weight.zero_()
        self.place.bias.zero_()
        points, transform, vectors, axes = torch.split(self.place.weight, self.shares)
        mean, shift, _, _ = torch.split(self.place.bias, self.shares)
        # With four coordinates: middles of the patches, then the ways from corner to corner of the eyes.
        for k, look in enumerate(looks):
            mean[4 * k : 4 * k + 4] = look.point
            points[4 * k : 4 * k + 4, N_POSE : N_POSE + len(look.basis)] = look.basis.T
        mean[-len(eyes.rows) :] = eyes.rows
        points[-len(eyes.rows) :, N_POSE:] = eyes.basis.T
        for column in range(4):
            for row, down in enumerate((1, -1, 1)):
                transform[3 * column + row, 4 * row + column] = down
        shift[9:11] = MIDDLE
        for k, vector in enumerate(_VECTORS):
            for j, index in enumerate(vector):
                vectors[3 * k + j, index] = 1
        for k in range(self.count):
            # To the right, which is mirrored for the last patch, the right eye; then up.
            right = -1 if k == self.count - 1 else 1
            axes[4 * k, 5], axes[4 * k + 1, 1] = right, right
            axes[4 * k + 2, 1], axes[4 * k + 3, 5] = 1, -1

    def forward(self, rows: Tensor, params: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Where the face looks, a unit vector ``(B, 3)``; patches ``(B, 3, height, width)``, both eyes in one.

        Args:
            rows: ``(B, 1, 120, 360)`` of :func:`training.deploy.folding.grey_rows`.
            params: ``(B, 62)`` raw.
        """
        points, transform, vectors, axes = torch.split(self.place(params), self.shares, dim=1)
        placed = points.reshape(-1, self.count + EYES, 4) @ transform.reshape(-1, 4, 3)
        middles, across = torch.split(placed, [self.count, EYES], dim=1)
        vectors = vectors.reshape(-1, len(_VECTORS), 3)
        measured = torch.cat([across, vectors], dim=1)
        squares = (measured * measured).sum(dim=2) + self.added
        lengths = torch.maximum(squares, self.least).sqrt()
        units = [_SCALE] * (self.count - EYES) + list(range(EYES))
        zoom = lengths[:, units] / lengths[:, _UP : _UP + 1]
        axes = axes.reshape(-1, self.count, 4) * zoom[:, :, None]
        frames = torch.cat([axes, middles[:, :, :2]], dim=2).reshape(-1, 3 * self.count, 2)
        facing = vectors[:, 2] / lengths[:, _FORWARD : _FORWARD + 1]
        return facing, self._patches(self._sampled(rows, frames))

    def _sampled(self, picture: Tensor, frames: Tensor) -> Tensor:
        """Pixels ``(B, 3, P)`` of all patches, one patch after the other."""
        places = (frames.transpose(1, 2) @ self.grids).clamp(0, LAST)
        corner = places.floor()
        beyond = places - corner
        x, y = torch.split(torch.stack([1 - beyond, beyond], dim=2), 1, dim=1)
        weights = (y.reshape(-1, 2, 1, self.pixels) * x).reshape(-1, 1, 4, self.pixels)
        at = (self.rows @ corner).long() + self.numbers
        found = picture.flatten(1).gather(1, at.flatten(1))
        neighbours = found.reshape(-1, CHANNELS, 4, self.pixels)
        return (neighbours * weights).sum(dim=2)

    def _patches(self, pixels: Tensor) -> list[Tensor]:
        single = self.sizes[:-EYES]
        areas = [width * height for width, height in single]
        *parts, eyes = torch.split(pixels, [*areas, EYES * WIDTH * HEIGHT], dim=2)
        both = eyes.reshape(-1, CHANNELS, EYES, HEIGHT, WIDTH).transpose(1, 2)
        return [
            *(p.reshape(-1, CHANNELS, h, w) for p, (w, h) in zip(parts, single, strict=True)),
            both.reshape(-1, CHANNELS, HEIGHT, WIDTH),
        ]
