# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.regressor``: the shipped networks against the paper's MobileNet x1.0.

Both run in ONNX Runtime on one thread, one crop at a time. The peer is built here with random
weights, which does not change its speed: 3 x 120 x 120 float input, 62 outputs. Footage is seen straight and
in a mirror in turn, and both ways where the face moves fast: that is timed on the crops of videos, the
demonstration's if none is named.
"""

import argparse
import io
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import torch
from mien.cli.commands import demo_clip
from mien.core.assets import regressor_path, small_regressor_path
from mien.core.capture.alternating_views import AlternatingViews
from mien.core.capture.capture import Models, capture, load_models
from mien.core.capture.sources import open_source
from mien.core.model.crop import CropBox, ImageArray, cut
from mien.core.model.params import CROP_SIZE, N_PARAMS
from numpy.typing import NDArray
from torch import nn

from training.networks.backbones import build_backbone

from .timing import paired

PER_ROUND = 20
"""Runs that are timed together: one is shorter than the clock's noise."""
FRAMES = 300
"""Of each video, at most."""
ROUNDS = 5
"""Of a whole video's frames, which are many runs each."""


class PaperNetwork(nn.Module):
    """MobileNet-V1 x1.0 with the paper's 62 outputs and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = build_backbone("mobilenet_x1")
        self.params = nn.Linear(self.backbone.width, N_PARAMS)

    def forward(self, crop: torch.Tensor) -> torch.Tensor:
        return self.params(self.backbone(crop))


def peer_session() -> ort.InferenceSession:
    """The paper's network on one thread."""
    torch.manual_seed(0)
    file = io.BytesIO()
    crop = torch.zeros(1, 3, CROP_SIZE, CROP_SIZE)
    torch.onnx.export(PaperNetwork().eval(), (crop,), file, dynamo=False)  # type: ignore[arg-type]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])


def seen(path: Path, models: Models) -> list[tuple[ImageArray, CropBox]]:
    """What the network sees of a video's face, frame by frame."""
    frames = islice(open_source(path), FRAMES)
    take = capture(open_source(path), models)
    boxes = (CropBox(*map(float, box)) for box in take.boxes)
    return [(cut(f.image, box), box) for f, box in zip(frames, boxes, strict=False) if box.size > 0]


def main() -> None:
    """Print milliseconds a crop of each file and of the peer, and the ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("footage", type=Path, nargs="*", default=[demo_clip()])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    peer = peer_session()
    name = peer.get_inputs()[0].name
    planes = np.zeros((1, 3, CROP_SIZE, CROP_SIZE), np.float32)
    pixels = np.random.default_rng(0).integers(0, 255, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)

    def run_peer(times: int) -> None:
        for _ in range(times):
            peer.run(None, {name: planes})

    for path in (regressor_path(), small_regressor_path()):
        models = load_models(regressor=path)
        look = partial(_look, models, pixels)
        mine, theirs, ratio = paired(look, partial(run_peer, PER_ROUND))
        print(
            f"{models.regressor.id}, one look: {1000 * mine / PER_ROUND:.2f} ms a crop on one thread; the "
            f"paper's MobileNet x1.0 {1000 * theirs / PER_ROUND:.2f} ms; ratio {ratio:.2f}"
        )
        for video in arguments.footage:
            frames = seen(video, models)
            follow = partial(_follow, models, frames)
            mine, _, ratio = paired(follow, partial(run_peer, len(frames)), ROUNDS)
            print(
                f"  {video.name}: {1000 * mine / len(frames):.2f} ms a frame, {follow() / len(frames):.2f} "
                f"looks; ratio {ratio:.2f}"
            )


def _look(models: Models, pixels: NDArray[np.uint8]) -> None:
    for _ in range(PER_ROUND):
        models.regressor.look(pixels)


def _follow(models: Models, frames: list[tuple[ImageArray, CropBox]]) -> int:
    """Look at a face frame by frame, as a capture does; how many looks that took."""
    views = AlternatingViews(models.regressor, models.head.landmark_model())
    views.begin(*frames[0])
    return sum(2 - (views.follow(*frame)[1].half is None) for frame in frames)


if __name__ == "__main__":
    main()
