# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the finder as the ONNX file that Mien ships."""

import copy
from pathlib import Path

import torch
from mien.core.capture.finder import LAYOUT
from torch import Tensor, nn
from torch.nn import functional

from ..deploy.folding import fold_normalisation
from ..deploy.onnx_writing import traced, write_model
from .network import COARSEST, STRIDE, UNIT, FinderNetwork


class ShippedFinder(nn.Module):
    """What is exported: a frame of bytes in; peaks and boxes out, in pixels of the frame.

    Normalisation is folded into the convolutions. Cells that are no peak have score 0.
    """

    def __init__(self, network: FinderNetwork) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).cpu().eval()
        fold_normalisation(self.network)

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        """A frame ``(1, h, w, 3)`` uint8 BGR to ``(h/8, w/8)`` scores and ``(3, h/8, w/8)``: x, y, size."""
        sure, box = self.network(frame.permute(0, 3, 1, 2).float())
        score = sure.sigmoid()
        peak = functional.max_pool2d(score[:, None], 3, 1, 1)[:, 0]
        score = score * (score >= peak).float()
        middle = (STRIDE - 1) / 2
        x = STRIDE * (box[0, 0] + torch.cumsum(torch.ones_like(box[0, 0]), dim=1) - 1) + middle
        y = STRIDE * (box[0, 1] + torch.cumsum(torch.ones_like(box[0, 1]), dim=0) - 1) + middle
        return score[0], torch.stack([x, y, UNIT * box[0, 2].clamp(-3, 4).exp()])


def to_onnx(network: FinderNetwork, path: Path) -> None:
    """Write the network for frames of any size in whole multiples of 32."""
    model = traced(
        ShippedFinder(network),
        (torch.zeros(1, 3 * COARSEST, 4 * COARSEST, 3, dtype=torch.uint8),),
        ["frame"],
        ["score", "box"],
        {
            "frame": {1: "h", 2: "w"}, "score": {0: "rows", 1: "columns"},
            "box": {1: "rows", 2: "columns"},
        },
    )  # fmt: skip
    write_model(model, {"mien.finder": LAYOUT, "mien.multiple": str(COARSEST)}, path)
