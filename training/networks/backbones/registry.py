# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backbone is, and the list of them by name."""

from collections.abc import Callable

from torch import Tensor, nn

from ..spatial_pooling import VIEWS, LearnedSpatialPool

BACKBONES: dict[str, Callable[[], "Backbone"]] = {}


class Backbone(nn.Module):
    """Crop ``(B, 3, 120, 120)`` in, features ``(B, width)`` out.

    Attributes:
        width: length of the feature vector.
    """

    def __init__(self, body: nn.Module, width: int, pool: LearnedSpatialPool | None = None) -> None:
        super().__init__()
        self.body = body
        self.pool = pool
        self.width = width if pool is None else VIEWS * width

    def forward(self, crop: Tensor) -> Tensor:
        """Run the body and pool over the remaining positions, plainly unless told how."""
        features: Tensor = self.body(crop)
        if self.pool is None:
            return features.mean(dim=(2, 3))
        pooled: Tensor = self.pool(features)
        return pooled


def register(name: str) -> Callable[[Callable[[], Backbone]], Callable[[], Backbone]]:
    """Enter a backbone under ``name``."""

    def enter(build: Callable[[], Backbone]) -> Callable[[], Backbone]:
        BACKBONES[name] = build
        return build

    return enter


def build_backbone(name: str) -> Backbone:
    """The backbone of that name, freshly initialised.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in BACKBONES:
        raise ValueError(f"no backbone {name!r}; there are {', '.join(sorted(BACKBONES))}")
    return BACKBONES[name]()
