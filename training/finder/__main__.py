# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.finder``: train the face finder on generated scenes and write its ONNX file.

Stop it at any time; ``--resume`` goes on.
"""

import argparse
import json
import time
from collections import deque
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from mien.core.assets import finder_path, head_path
from mien.core.capture.finder import HeatmapFinder
from mien.core.model.head import load_head
from torch import Tensor

from ..labels.split import split_photos
from ..labels.store import load_labels
from ..optimise.descent import Descent
from ..optimise.loop import Loop
from ..optimise.optimisers import adamw
from ..optimise.schedule import cosine
from ..saving import save_tensors
from .export import to_onnx
from .measure import hits
from .network import FinderNetwork
from .scenes import Scene, SceneMaker
from .targets import Targets, loss, targets

SHAPES = (
    (160, 96, 0.6, 48), (224, 128, 0.2, 20), (320, 192, 0.1, 10), (192, 320, 0.05, 10),
    (320, 256, 0.05, 8),
)  # fmt: skip
"""Width and height of the frames of a batch, how often, and how many."""
LEARNING_RATE = 4e-3
"""At its height; not tuned."""
WEIGHT_DECAY = 0.01
"""That of AdamW by default."""
EMA_DECAY = 0.998
"""Share of the averaged weights, which are what is shipped, that a step leaves in place."""
WARMUP_FRACTION = 0.02
"""Share of the time over which the learning rate rises (chosen by eye)."""
MAX_GRAD_NORM = 5.0
"""Larger than elsewhere: the loss is summed over peaks, of which a frame may have several."""
HEADS = 2000
"""Drawn heads, and photos, that are kept and used again."""
REUSE, KEPT = 5, 500
"""How often a scene is trained on, each time mirrored or not and lit anew; how many are at hand."""
HELD_OUT = 100
"""Scenes on which is validated, of portraits that are not trained on."""


def main() -> None:
    """Train for some minutes; log errors on scenes of held-out photos; write the finder."""
    parser = argparse.ArgumentParser(prog="python -m training.finder", description=main.__doc__)
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--minutes", type=float, default=32.0, help="of processor time")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--out", type=Path, default=Path("runs/finder"))
    parser.add_argument("--onnx", type=Path, default=finder_path(), help="file to write at the end")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    run = Run(arguments)
    run.train()
    to_onnx(run.averaged(), arguments.onnx)
    print(f"{arguments.onnx}: {arguments.onnx.stat().st_size / 1024:.0f} KiB")


class Run:
    """The finder while it learns."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        head = load_head(head_path())
        train, held_out = split_photos(load_labels(arguments.labels, head))
        torch.manual_seed(arguments.seed)
        self.network = FinderNetwork().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        build = partial(adamw, decay=WEIGHT_DECAY, longest=MAX_GRAD_NORM)
        self.descent = Descent(self.network, build, EMA_DECAY)
        self.loop = Loop(None, 60 * arguments.minutes, self._save, time.process_time)
        self.value = 0.0
        self.checkpoint = arguments.out / "checkpoint.pt"
        if arguments.resume:
            self._resume()
        elif self.checkpoint.exists():
            raise SystemExit(f"{arguments.out} holds a run; add --resume or choose another --out")
        arguments.out.mkdir(parents=True, exist_ok=True)
        self.maker = SceneMaker(head, train, arguments.seed * 100_000 + self.loop.step, HEADS)
        self.kept: dict[tuple[int, int], deque[Scene]] = {
            shape[:2]: deque(maxlen=KEPT) for shape in SHAPES
        }
        unseen = SceneMaker(head, held_out, 1, HELD_OUT)
        self.unseen = [unseen.make(320, 192) for _ in range(HELD_OUT)]

    def averaged(self) -> FinderNetwork:
        """The averaged weights."""
        network = self.descent.averaged
        assert isinstance(network, FinderNetwork)
        return network

    def train(self) -> None:
        """Train until the time is spent."""
        self.loop.run(self.take)

    def take(self, progress: float) -> int:
        """Take one step at a share of the time."""
        frames, wanted = self._batch()
        self.network.train()
        sure, box = self.network(frames)
        value = loss(sure, box, wanted)
        rate = cosine(progress, WARMUP_FRACTION, 0.05)
        self.descent.step(value, LEARNING_RATE * rate + 1e-5)
        self.value = float(value.detach())
        return 1

    def _batch(self) -> tuple[Tensor, Targets]:
        rng = self.maker.rng
        width, height, _, count = SHAPES[int(rng.choice(len(SHAPES), p=[s[2] for s in SHAPES]))]
        kept = self.kept[width, height]
        new = [self.maker.make(width, height) for _ in range(count // REUSE)]
        kept.extend(new)
        scenes = new + [kept[int(k)] for k in rng.integers(len(kept), size=count - len(new))]
        pixels = torch.from_numpy(np.stack([scene.image for scene in scenes])).permute(0, 3, 1, 2)
        faces = [scene.boxes for scene in scenes]
        if rng.random() < 0.5:
            pixels = pixels.flip(3)
            faces = [[box._replace(x=width - 1 - box.x) for box in boxes] for boxes in faces]
        light = torch.from_numpy(np.exp(rng.normal(0, 0.15, (count, 3, 1, 1))).astype(np.float32))
        frames = (pixels.float() * light).clamp(0, 255)
        return frames.contiguous(memory_format=torch.channels_last), targets(faces, width, height)

    def _save(self) -> None:
        place = {"step": self.loop.step, "spent": self.loop.seconds}
        state = self.descent.state() | place
        save_tensors(state, self.checkpoint)
        onnx = self.arguments.out / "finder.onnx"
        to_onnx(self.averaged(), onnx)
        row: dict[str, float] = {"step": self.loop.step, "loss": round(self.value, 3)}
        row["minutes"] = round(self.loop.seconds / 60, 2)
        row |= hits(HeatmapFinder(onnx), self.unseen)
        with (self.arguments.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)

    def _resume(self) -> None:
        saved = torch.load(self.checkpoint, weights_only=True)
        self.descent.load_state(saved)
        self.loop.step, self.loop.seconds = saved["step"], saved["spent"]


if __name__ == "__main__":
    main()
