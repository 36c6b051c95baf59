# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.regressor``: the shipped network against the paper's MobileNet x1.0.

Both run in ONNX Runtime on one thread, one crop at a time. The peer is built here with random
weights, which does not change its speed: 3 x 120 x 120 float input, 62 outputs.
"""

import io

import numpy as np
import onnxruntime as ort
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.capture.flip_augmentation import Mirror
from mien.core.capture.regressor import Regressor
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE, N_PARAMS
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
    """Print milliseconds a crop of both, and the ratio."""
    torch.manual_seed(0)
    file = io.BytesIO()
    crop = torch.zeros(1, 3, CROP_SIZE, CROP_SIZE)
    torch.onnx.export(PaperNetwork().eval(), (crop,), file, dynamo=False)  # type: ignore[arg-type]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    peer = ort.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    name = peer.get_inputs()[0].name
    ours = Regressor(regressor_path())
    pixels = np.random.default_rng(0).integers(0, 255, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    planes = crop.numpy()

    def run_ours() -> None:
        for _ in range(PER_ROUND):
            ours.run(pixels)

    def run_peer() -> None:
        for _ in range(PER_ROUND):
            peer.run(None, {name: planes})

    mine, theirs, ratio = paired(run_ours, run_peer)
    print(f"{ours.id}: {1000 * mine / PER_ROUND:.2f} ms a crop, one thread")
    print(f"the paper's MobileNet x1.0: {1000 * theirs / PER_ROUND:.2f} ms")
    print(f"ratio {ratio:.2f}")
    twice = Regressor(regressor_path(), mirror=Mirror(load_head(head_path())))
    both, _, ratio = paired(lambda: [twice.run(pixels) for _ in range(PER_ROUND)], run_peer)
    print(
        f"seen in a mirror too, as footage is: {1000 * both / PER_ROUND:.2f} ms, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
