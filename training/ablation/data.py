# SPDX-License-Identifier: GPL-3.0-or-later
"""What every row of the ablation gets: the same budget, and the same samples, drawn once."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from ..data.sample_buffer import Batch, SampleBuffer
from ..data.samples import draw_many
from ..data.shards import load_shard, save_shard

KINDS = ("stills", "clips")
DRAWN_SEED = 7


@dataclass(frozen=True)
class Budget:
    """What every row gets.

    Attributes:
        backbone: of :data:`training.networks.backbones.BACKBONES`.
        size: side of the crops in pixels.
        steps, batch, rate: of each row. A meta-joint row takes its steps with both losses.
        base: steps of plain distances that all rows go on from; 0 begins from random weights.
        samples: drawn ahead, of each kind; measured: held-out pictures, of each kind.
    """

    backbone: str
    size: int
    steps: int
    batch: int
    rate: float
    base: int
    samples: int
    measured: int


class Data:
    """Samples drawn once and kept in files, so that all rows see the same.

    Args:
        folder: of the files, drawn if they are not there.
        labels: of photos.
        budget: how many, and of which size.
        device: to train on.
        workers: processes that draw.
    """

    def __init__(
        self, folder: Path, labels: Path, budget: Budget, device: torch.device, workers: int = 0
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.device = device
        self.train: dict[str, SampleBuffer] = {}
        self.held_out: dict[str, Batch] = {}
        for kind in KINDS:
            clips = kind == "clips"
            drawn = _drawn(folder / f"{kind}.npz", labels, clips, budget.samples, False, workers)
            self.train[kind] = SampleBuffer(len(drawn["crop"]), device)
            self.train[kind].add(drawn)
            unseen = folder / f"{kind}_unseen.npz"
            seen = _drawn(unseen, labels, clips, budget.measured, True, workers)
            seen = {name: value.to(device) for name, value in seen.items()}
            self.held_out[kind] = shrunk(seen, budget.size)


def _drawn(
    path: Path, labels: Path, clips: bool, count: int, held_out: bool, workers: int
) -> Batch:
    if not path.exists():
        save_shard(path, draw_many(labels, DRAWN_SEED, count, workers, clips, held_out))
    drawn = load_shard(path)
    if len(drawn["crop"]) < count:
        raise SystemExit(f"{path} holds fewer than {count} samples; remove it, or ask for fewer")
    return {name: value[:count] for name, value in drawn.items()}


def shrunk(batch: Batch, size: int) -> Batch:
    """The same samples with crops of ``size`` pixels, as a network trained on those sees them."""
    crops = functional.interpolate(batch["crop"].permute(0, 3, 1, 2).float(), size, mode="area")
    return batch | {"crop": crops.round().to(torch.uint8).permute(0, 2, 3, 1)}
