# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of mouth and brows: looks closely at both, where the 62 parameters have laid them.

What a pucker or a raised brow moves is a few pixels, lost among errors of pose where the whole crop is seen
at once. So both are cut out upright, at one size and as they would lie without an expression, and a few
layers see what the regressor's expression leaves to be said: a correction of the ten coefficients, and the
weights of the blendshapes that are not the eyes'. Like the eyes' network it is a part of the exported graph.
"""

from typing import NamedTuple

import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import N_EXPRESSION, N_IDENTITY, N_POSE
from torch import Tensor, nn
from torch.nn import functional

from .patches import cut_out, evenly_lit, facing, grid_of, layer, upright

DETAIL_BLENDSHAPES = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eye")]
"""Which of the 52 weights are read here."""


class Region(NamedTuple):
    """A part of the face.

    Attributes:
        landmarks: whose middle is the patch's.
        above: how much higher the patch's middle is, metres.
        reach: from the middle to the sides, and to top and bottom, metres.
        size: width and height of the patch in pixels.
    """

    landmarks: slice
    above: float
    reach: tuple[float, float]
    size: tuple[int, int]


REGIONS = (
    Region(slice(48, 60), -0.0065, (0.042, 0.052), (32, 40)),
    Region(slice(17, 27), 0.0035, (0.066, 0.028), (48, 20)),
)
"""Mouth with nostrils and chin; both brows."""
WIDTHS = (12, 24, 32, 48)
SEEN, SAID = 64, 96
"""Channels of the four convolutions, numbers that a patch is brought to, and those of the layer that joins them;
larger ones told no more of held-out faces."""


class Looked(nn.Module):
    """Cuts one region out and sees it."""

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
        a, b, c, d = WIDTHS
        self.see = nn.Sequential(
            *layer(3, a, 2), *layer(a, b, 1), *layer(b, c, 2), *layer(c, d, 2), nn.Flatten()
        )
        flat = d * _eighth(region.size[0]) * _eighth(region.size[1])
        self.squeeze = nn.Sequential(nn.Linear(flat, SEEN), nn.BatchNorm1d(SEEN), nn.ReLU())

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Features ``(B, 64)`` of crops ``(B, 3, n, n)`` and raw parameters ``(B, 62)``."""
        return self.after(evenly_lit(self.patch(crop, params)))

    def after(self, patch: Tensor) -> Tensor:
        """Features ``(B, 64)`` of patches ``(B, 3, height, width)``, evenly lit."""
        out: Tensor = self.squeeze(self.see(patch))
        return out

    def patch(self, crop: Tensor, params: Tensor) -> Tensor:
        """The region cut out, ``(B, 3, height, width)``, upright."""
        point = params[:, N_POSE : N_POSE + N_IDENTITY] @ self.basis + self.point
        middle = (params[:, :8].reshape(-1, 2, 4) * point[:, None]).sum(dim=2)
        scale = params[:, :3].square().sum(dim=1, keepdim=True).sqrt()
        axes = scale * torch.cat(upright(params), dim=1)
        frame = torch.cat([axes, middle], dim=1).reshape(-1, 1, 3, 2)
        return cut_out(crop, self.grid, frame, self.size)


class MouthBrowRefiner(nn.Module):
    """Crops and their parameters to what mouth and brows do."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.looks = nn.ModuleList(Looked(head, region) for region in REGIONS)
        self.think = nn.Sequential(
            nn.Linear(len(REGIONS) * SEEN + 3 + N_EXPRESSION, SAID), nn.ReLU()
        )
        self.units = nn.Linear(SAID, len(DETAIL_BLENDSHAPES))
        self.correction = nn.Linear(SAID, N_EXPRESSION)
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)

    def forward(self, crop: Tensor, params: Tensor) -> tuple[Tensor, Tensor]:
        """Logits ``(B, 38)`` in the order of :data:`DETAIL_BLENDSHAPES`; expression ``(B, 10)``, corrected.

        Args:
            crop: ``(B, 3, n, n)`` normalised.
            params: ``(B, 62)`` raw.
        """
        thought = self.thought(crop, params)
        return self.units(thought), params[:, N_POSE + N_IDENTITY :] + self.correction(thought)

    def thought(self, crop: Tensor, params: Tensor) -> Tensor:
        """Features ``(B, 96)`` that both are told from."""
        expression = params[:, N_POSE + N_IDENTITY :]
        seen = [look(crop, params) for look in self.looks]
        out: Tensor = self.think(torch.cat([*seen, facing(params), expression], dim=1))
        return out


def with_expression(params: Tensor, expression: Tensor) -> Tensor:
    """Parameters ``(B, 62)`` with other ten coefficients."""
    return torch.cat([params[:, : N_POSE + N_IDENTITY], expression], dim=1)


def _eighth(pixels: int) -> int:
    """What three halvings leave, each rounded up."""
    return -(-pixels // 8)
