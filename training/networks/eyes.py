# SPDX-License-Identifier: GPL-3.0-or-later
"""The eyes' own small network: looks at both eyes of a crop, where the 62 parameters have laid them.

An eye is a hundredth of the crop, and pooled over the whole of it a blink is lost. So each eye is cut
out upright and at one size, the right one mirrored, and seen by the same few layers; what they say of
one eye helps with the other, which a turned head may hide. All of it is differentiable and becomes
part of the exported graph: nothing changes for who runs the model.
"""

import numpy as np
import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import N_POSE
from torch import Tensor, nn

from .patches import cut_out, evenly_lit, facing, grid_of, layer, upright

KINDS = ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide")
SIDES = ("Left", "Right")
N_KINDS = len(KINDS)
EYE_BLENDSHAPES = [ARKIT_BLENDSHAPES.index(f"eye{kind}{side}") for side in SIDES for kind in KINDS]
"""Which of the 52 weights are read here: those of the left eye, then of the right."""
WIDTH, HEIGHT = 32, 24
"""Of a patch, in pixels."""
REACH = (1.16, 0.87)
"""From a patch's middle to its sides, and to its top and bottom, in widths of the eye."""
NARROWEST = 1e-3
"""Square of the width, pixels of the crop, that an eye has at least."""
_LANDMARKS = (slice(42, 48), slice(36, 42))
_INNER_OUTER = ((0, 3), (3, 0))
"""The left and the right eye among the 68, and each one's inner and outer corner among its six."""


class EyeRefiner(nn.Module):
    """Crops and their parameters to the 14 weights of the eyes."""

    rows: Tensor
    basis: Tensor
    grid: Tensor

    def __init__(self, head: Head) -> None:
        super().__init__()
        model = head.landmark_model()
        shapes = torch.from_numpy(
            np.concatenate([model.mean[None], model.identity, model.expression])
        )
        eyes = [shapes[:, at] for at in _LANDMARKS]
        across = [eye[:, o] - eye[:, i] for eye, (i, o) in zip(eyes, _INNER_OUTER, strict=True)]
        rows = torch.stack([*(eye.mean(dim=1) for eye in eyes), *across], dim=1)
        # With a fourth coordinate T moves both: 1 for places in the mean shape, 0 for what lies between two.
        rows = torch.cat([rows, torch.zeros(len(rows), 4, 1)], dim=2)
        rows[0, :2, 3] = 1
        self.register_buffer("rows", rows[0].flatten(), persistent=False)
        self.register_buffer("basis", rows[1:].flatten(1), persistent=False)
        self.register_buffer("grid", grid_of((WIDTH, HEIGHT), REACH), persistent=False)
        self.see = nn.Sequential(
            *layer(3, 16, 1), *layer(16, 32, 2), *layer(32, 48, 2), *layer(48, 64, 2),
            nn.Flatten(), nn.Linear(64 * (HEIGHT // 8) * (WIDTH // 8), 64), nn.BatchNorm1d(64), nn.ReLU(),
        )  # fmt: skip
        self.answer = nn.Linear(64, N_KINDS)
        self.say = nn.Sequential(nn.Linear(2 * 64 + 3, 64), nn.ReLU(), self.answer)

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Logits ``(B, 14)`` in the order of :data:`EYE_BLENDSHAPES`.

        Args:
            crop: ``(B, 3, n, n)`` normalised.
            params: ``(B, 62)`` raw.
        """
        seen = self.see(evenly_lit(self.patches(crop, params))).reshape(-1, 2, 64)
        forward = facing(params)
        mirrored = forward * forward.new_tensor([-1.0, 1.0, 1.0])
        turn = torch.cat([forward, mirrored], dim=1).reshape(-1, 2, 3)
        both = torch.cat([seen, seen[:, [1, 0]], turn], dim=2)
        said: Tensor = self.say(both)
        return said.reshape(-1, 2 * N_KINDS)

    def patches(self, crop: Tensor, params: Tensor) -> Tensor:
        """Both eyes cut out, ``(2 B, 3, 24, 32)``, left before right, outer corners to the right."""
        transform = params[:, :N_POSE].reshape(-1, 3, 4)
        shape = (params[:, N_POSE:] @ self.basis + self.rows).reshape(-1, 4, 4)
        # Both eyes' middles, then both ways from corner to corner.
        placed = shape @ transform.transpose(1, 2)
        width = placed[:, 2:].square().sum(dim=2, keepdim=True).clamp(min=NARROWEST).sqrt()
        right, up = upright(params)
        axes = torch.cat([right, up, -right, up], dim=1).reshape(-1, 2, 4)
        frames = torch.cat([width * axes, placed[:, :2, :2]], dim=2).reshape(-1, 2, 3, 2)
        return cut_out(crop, self.grid, frames, (WIDTH, HEIGHT))
