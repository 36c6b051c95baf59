# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the finder as the ONNX file that Mien ships."""

import copy
import io
import warnings
from pathlib import Path

import onnx
import torch
from mien.core.capture.finder import LAYOUT
from mien.core.writing import write_whole
from torch import Tensor, nn
from torch.nn import functional

from ..deploy.folding import fold_normalisation
from .network import COARSEST, STRIDE, UNIT, FinderNetwork

OPSET = 17
"""Of ONNX: all that the network needs is in it, and the oldest runtime that is asked for reads it."""


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
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            ShippedFinder(network),
            (torch.zeros(1, 3 * COARSEST, 4 * COARSEST, 3, dtype=torch.uint8),),
            buffer,  # type: ignore[arg-type]
            input_names=["frame"],
            output_names=["score", "box"],
            dynamic_axes={
                "frame": {1: "h", 2: "w"}, "score": {0: "rows", 1: "columns"},
                "box": {1: "rows", 2: "columns"},
            },
            opset_version=OPSET,
            dynamo=False,
        )  # fmt: skip
    model = onnx.load_from_string(buffer.getvalue())
    onnx.helper.set_model_props(model, {"mien.finder": LAYOUT, "mien.multiple": str(COARSEST)})
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, model.SerializeToString())
