# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of mouth and brows: looks closely at both, where the 62 parameters have laid them.

What a pucker or a raised brow moves is a few pixels, lost among errors of pose where the whole crop is seen
at once. So both are cut out upright, at one size and as they would lie without an expression, and a few
layers see what the regressor's expression leaves to be said: a correction of the ten coefficients, and the
weights of the blendshapes that are not the eyes'. Like the eyes' network it is a part of the exported graph.
"""

import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import N_EXPRESSION, N_IDENTITY, N_POSE
from torch import Tensor, nn

from .cut_region import CutRegion, Region, convolutions
from .patches import evenly_lit, facing

DETAIL_BLENDSHAPES = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eye")]
"""Which of the 52 weights are read here."""


REGIONS = (
    Region(slice(48, 60), -0.0065, (0.042, 0.052), (32, 40)),
    Region(slice(17, 27), 0.0035, (0.066, 0.028), (48, 20)),
)
"""Mouth with nostrils and chin; both brows."""
WIDTHS = (12, 24, 32, 48)
SEEN, SAID = 64, 96
"""Channels of the four convolutions, numbers that a patch is brought to, and those of the layer that joins them;
larger ones told no more of held-out faces."""


class Looked(CutRegion):
    """Cuts one region out and sees it."""

    def __init__(self, head: Head, region: Region) -> None:
        super().__init__(head, region)
        self.see, flat = convolutions(WIDTHS, region.size)
        self.squeeze = nn.Sequential(nn.Linear(flat, SEEN), nn.BatchNorm1d(SEEN), nn.ReLU())

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Features ``(B, 64)`` of crops ``(B, 3, n, n)`` and raw parameters ``(B, 62)``."""
        return self.after(evenly_lit(self.patch(crop, params)))

    def after(self, patch: Tensor) -> Tensor:
        """Features ``(B, 64)`` of patches ``(B, 3, height, width)``, evenly lit."""
        out: Tensor = self.squeeze(self.see(patch))
        return out


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
