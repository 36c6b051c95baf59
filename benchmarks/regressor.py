# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.regressor``: the shipped networks against the paper's MobileNet x1.0.

Both run in ONNX Runtime on one thread, one crop at a time. The peer is built here with random
weights, which does not change its speed: 3 x 120 x 120 float input, 62 outputs.
"""

import io
from functools import partial

import numpy as np
import onnxruntime as ort
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.capture.flip_augmentation import Mirror
from mien.core.capture.regressor import Regressor
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE, N_PARAMS
from numpy.typing import NDArray
from torch import nn

from training.networks.backbones import build_backbone

from .timing import paired

PER_ROUND = 20
"""Runs that are timed together: one is shorter than the clock's noise."""


class PaperNetwork(nn.Module):
    """MobileNet-V1 x1.0 with the paper's 62 outputs and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = build_backbone("mobilenet_x1")
        self.params = nn.Linear(self.backbone.width, N_PARAMS)

    def forward(self, crop: torch.Tensor) -> torch.Tensor:
        return self.params(self.backbone(crop))


def main() -> None:
    """Print milliseconds a crop of each file and of the peer, and the ratio."""
    torch.manual_seed(0)
    file = io.BytesIO()
    crop = torch.zeros(1, 3, CROP_SIZE, CROP_SIZE)
    torch.onnx.export(PaperNetwork().eval(), (crop,), file, dynamo=False)  # type: ignore[arg-type]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    peer = ort.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    name = peer.get_inputs()[0].name
    pixels = np.random.default_rng(0).integers(0, 255, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    planes = crop.numpy()
    mirror = Mirror(load_head(head_path()))

    def run_peer() -> None:
        for _ in range(PER_ROUND):
            peer.run(None, {name: planes})

    whole = regressor_path()
    for path in (whole, whole.with_name(f"{whole.stem}_int8.onnx")):
        for words, seen in (("one look", None), ("seen in a mirror too, as footage is", mirror)):
            ours = Regressor(path, mirror=seen)
            mine, theirs, ratio = paired(partial(_run, ours, pixels), run_peer)
            print(
                f"{ours.id}, {words}: {1000 * mine / PER_ROUND:.2f} ms a crop on one thread; the "
                f"paper's MobileNet x1.0 {1000 * theirs / PER_ROUND:.2f} ms; ratio {ratio:.2f}"
            )


def _run(regressor: Regressor, pixels: NDArray[np.uint8]) -> None:
    for _ in range(PER_ROUND):
        regressor.run(pixels)


if __name__ == "__main__":
    main()
