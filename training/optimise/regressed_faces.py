# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces as a trained regressor lays them: what the networks that look at parts of a face learn from."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..data.sample_buffer import Batch
from ..data.samples import CHUNK, draw_chunk, open_generator
from ..data.shards import HELD_OUT, load_shard, load_shards
from ..networks.weights import load_weights
from .descent import Descent
from .loop import Loop
from .objective import to_network_input
from .optimisers import adamw
from .parallel import usual_device
from .schedule import cosine

LEARNING_RATE, WEIGHT_DECAY, BATCH = 4e-3, 1e-2, 128
"""Of the small networks that read what the regressor said."""
WARMUP_FRACTION = 0.05
"""Share of the steps over which the learning rate rises (chosen by eye, as the three above)."""
JITTER = 0.04
"""Standard deviation by which parameters are varied, in shares of a part's place and size."""


@dataclass(frozen=True)
class RegressedFaces:
    """Drawn faces and what the regressor says of them; n faces.

    Attributes:
        crop: ``(n, 120, 120, 3)`` bytes.
        params: ``(n, 62)`` raw, by the regressor.
        truth: ``(n, 62)`` raw.
        blendshapes, mask: ``(n, 52)`` true weights, and where they are known.
    """

    crop: Tensor
    params: Tensor
    truth: Tensor
    blendshapes: Tensor
    mask: Tensor

    def __len__(self) -> int:
        return len(self.crop)

    def rows(self, index: Tensor) -> Self:
        """Some of the faces."""
        return type(self)(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The faces of several parts, one after the other."""
        return cls(*(torch.cat([getattr(p, n) for p in parts]) for n in cls.__dataclass_fields__))


Faces = TypeVar("Faces", bound=RegressedFaces)
"""Regressed faces, with whatever else is known of them."""


def reader_arguments(
    name: str, description: str | None, count: int, epochs: int
) -> argparse.ArgumentParser:
    """Words of a command that trains a network on faces, with its usual length.

    Args:
        name: of the part; the command is ``training.optimise.train_NAME``.
        description: of the command.
        count: of samples to draw.
        epochs: how often each is seen.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m training.optimise.train_{name}", description=description
    )
    parser.add_argument("weights", type=Path, help="weights.pt of the regressor")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--count", type=int, default=count, help="samples to draw")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of shards (training.data.shards), instead of drawing samples",
    )
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--out", type=Path, default=Path(f"runs/{name}.pt"))
    parser.add_argument("--start", type=Path, help="go on from these, on other samples (--seed)")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def regressed_faces_for(
    arguments: argparse.Namespace, held_out: int
) -> tuple[RegressedFaces, RegressedFaces]:
    """Faces to learn from, and about ``held_out`` of photos that training never sees.

    Args:
        arguments: of :func:`reader_arguments`.
        held_out: how many samples to draw; a folder of shards has its own.
    """
    weights, folder = arguments.weights, arguments.data
    if folder is None:
        where = (weights, arguments.labels, arguments.seed)
        return draw_regressed(*where, arguments.count, False), draw_regressed(
            *where, held_out, True
        )
    return regress(weights, load_shards(folder)), regress(weights, [load_shard(folder / HELD_OUT)])


def draw_regressed(
    weights: Path, labels: Path, seed: int, count: int, held_out: bool
) -> RegressedFaces:
    """Draw about ``count`` faces and let the regressor lay the head on each.

    Args:
        weights: ``weights.pt`` of the regressor.
        labels: of photos.
        seed: of the samples.
        count: of samples; those without a face are left out.
        held_out: of photos that training never sees.
    """
    generator = open_generator(labels, seed, held_out=held_out)
    return regress(
        weights,
        (
            draw_chunk(generator, False)
            for _ in tqdm(range(0, count, CHUNK), unit=" chunks", disable=held_out)
        ),
    )


def regress(weights: Path, drawn: Iterable[Batch]) -> RegressedFaces:
    """Let the regressor lay the head on each face among drawn samples.

    Args:
        weights: ``weights.pt`` of the regressor.
        drawn: samples, in parts.
    """
    network, zscore, _ = load_weights(weights)
    device = usual_device()
    network.to(device).eval()
    zscore.to(device)
    parts = []
    for whole in drawn:
        batch = {name: value.to(device) for name, value in whole.items()}
        here = batch["face"] > 0
        crop = batch["crop"][here]
        with torch.no_grad():
            said = [network(to_network_input(part)).params for part in torch.split(crop, 256)]
        params = zscore.decode(torch.cat(said))
        known = (batch[name][here] for name in ("params", "units", "units_mask"))
        parts.append(RegressedFaces(crop, params.detach(), *known))
    return RegressedFaces.joined(parts)


def learn(
    reader: nn.Module,
    data: Faces,
    epochs: int,
    loss: Callable[[Tensor, Tensor, Faces], Tensor],
) -> None:
    """Train a network on faces, varied each time they are seen.

    Args:
        reader: to train.
        data: to train on.
        epochs: how often each face is seen.
        loss: of normalised crops, varied parameters, and the faces that they belong to.
    """
    if len(data) < BATCH:
        raise SystemExit(f"{len(data)} faces make no batch of {BATCH}; give a larger --count")
    reader.to(data.crop.device).train()
    descent = Descent(reader, partial(adamw, decay=WEIGHT_DECAY), ema_decay=None)
    batches = len(data) // BATCH
    order = (
        index
        for _ in range(epochs)
        for index in torch.split(torch.randperm(len(data), device=data.crop.device), BATCH)[
            :batches
        ]
    )
    loop = Loop(epochs * batches)

    def take(progress: float) -> int:
        rows = data.rows(next(order))
        value = loss(*vary(to_network_input(rows.crop), rows.params), rows)
        descent.step(value, LEARNING_RATE * cosine(progress, WARMUP_FRACTION) + 1e-6)
        if (loop.step + 1) % 50 == 0:
            loop.show(loss=f"{float(value):.4f}")
        return 1

    loop.run(take)


def vary(crop: Tensor, params: Tensor) -> tuple[Tensor, Tensor]:
    """Other light and grain, and parts that are not quite where they were said to be."""
    count, device = len(crop), crop.device

    def noise(*size: int) -> Tensor:
        return torch.randn(size, device=device)

    crop = crop * (noise(count, 1, 1, 1) * 0.2).exp() + noise(count, 3, 1, 1) * 0.1
    crop = crop + noise(*crop.shape) * (torch.rand(count, 1, 1, 1, device=device) ** 2 * 0.1)
    params = params.clone()
    params[:, :12] *= (noise(count, 1) * JITTER).exp()
    params[:, [3, 7]] += noise(count, 2) * 1.5
    return crop, params
