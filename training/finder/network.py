# SPDX-License-Identifier: GPL-3.0-or-later
"""The finder's network: a frame of some 320 x 180 pixels in, a map of face centres out.

One pass down to a 32nd of the frame and back up to an 8th. Every cell of the result says how surely
the middle of a face's crop lies in it, where exactly, and how large the crop is. There are no
anchors: a face of any size answers in one place.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 8
"""Pixels of the frame that a cell of the map covers, along each axis."""
COARSEST = 32
"""Frames must be whole multiples of this."""
UNIT = 32.0
"""Side of the crop in pixels whose logarithm the network calls 0."""
LEAST_LIGHT = 6.0
"""Added to the mean brightness by which a frame is divided, so that noise in the dark stays noise."""


def _pointwise(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())


def _separable(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False),
        nn.BatchNorm2d(before),
        nn.ReLU(),
        *_pointwise(before, after),
    )


class FinderNetwork(nn.Module):
    """A frame to a map of faces."""

    def __init__(self) -> None:
        super().__init__()
        self.to_4 = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            _separable(16, 32, 2),
        )
        self.to_8 = nn.Sequential(_separable(32, 48, 2), _separable(48, 48), _separable(48, 48))
        self.to_16 = nn.Sequential(_separable(48, 96, 2), _separable(96, 96), _separable(96, 96))
        self.to_32 = nn.Sequential(
            _separable(96, 128, 2), _separable(128, 128), _separable(128, 128)
        )
        self.across_16, self.up_16 = _pointwise(96, 64), _pointwise(128, 64)
        self.join_16 = _separable(64, 64)
        self.across_8, self.up_8 = _pointwise(48, 48), _pointwise(64, 48)
        self.join_8 = nn.Sequential(_separable(48, 48), _separable(48, 48))
        self.sure = nn.Conv2d(48, 1, 1)
        self.box = nn.Conv2d(48, 3, 1)
        nn.init.constant_(self.sure.bias, -4.0)  # type: ignore[arg-type]  # faces are rare
        nn.init.zeros_(self.box.bias)  # type: ignore[arg-type]

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """Find faces in frames ``(B, 3, h, w)`` of bytes as floats.

        Returns:
            Logits ``(B, h/8, w/8)`` of a face's middle lying in each cell; and ``(B, 3, h/8, w/8)``:
            how far right and down of the cell's middle it lies, in cells, and the logarithm of the
            crop's side over :data:`UNIT`.
        """
        at_8 = self.to_8(self.to_4(lit(frame)))
        at_16 = self.to_16(at_8)
        at_32 = self.to_32(at_16)
        at_16 = self.join_16(self.across_16(at_16) + _twice(self.up_16(at_32)))
        at_8 = self.join_8(self.across_8(at_8) + _twice(self.up_8(at_16)))
        return self.sure(at_8)[:, 0], self.box(at_8)


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def lit(frame: Tensor) -> Tensor:
    """Frames ``(B, 3, h, w)`` of 0 to 255 over their mean brightness, so that darkness is lifted."""
    mean = frame.mean(dim=(1, 2, 3), keepdim=True)
    return torch.clamp(frame / (mean + LEAST_LIGHT) - 1, max=3.0)
