# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.data.shards``: draw samples ahead of training and keep them in files.

Training from shards repeats to the bit, which training from freshly drawn samples cannot.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from mien.core.writing import save_arrays
from tqdm import tqdm

from ..generator.neighbouring_frames import FRAMES
from .sample_buffer import FIELDS, Batch, SampleBuffer
from .samples import CHUNK, draw_chunk, open_generator, stream

SHARD = 4096
"""Samples of a file, 180 MB of crops unpacked."""
HELD_OUT = "held_out.npz"
"""The file of samples from photos that training never sees."""
KEPT = 48 * SHARD
"""Samples that are kept of a run, 8.5 GB: what the networks of the parts have use for."""


def main() -> None:
    """Write shards of samples to train on, and one of photos that training never sees."""
    parser = argparse.ArgumentParser(
        prog="python -m training.data.shards", description=main.__doc__
    )
    parser.add_argument("--out", type=Path, default=Path("cache/shards"))
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--people", type=Path, help="file that made-up people are drawn with")
    parser.add_argument("--count", type=int, default=16 * SHARD)
    parser.add_argument("--held-out", type=int, default=1024)
    parser.add_argument("--clips", action="store_true", help="draw short clips (section 2.4)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    generator = open_generator(
        arguments.labels, arguments.seed, held_out=True, people=arguments.people
    )
    held_out = arguments.held_out // FRAMES * FRAMES
    save_shard(arguments.out / HELD_OUT, draw_chunk(generator, False, held_out))
    number = -(-arguments.count // CHUNK)
    loader = stream(
        arguments.labels,
        arguments.seed,
        arguments.workers,
        arguments.clips,
        chunks=number,
        people=arguments.people,
    )
    chunks: list[Batch] = []
    written = 0
    for drawn, chunk in enumerate(tqdm(loader, total=number, unit=" chunks"), 1):
        chunks.append(chunk)
        if len(chunks) == SHARD // CHUNK or drawn == number:
            whole = {name: torch.cat([c[name] for c in chunks]) for name in FIELDS}
            save_shard(arguments.out / f"shard_{written:04d}.npz", whole)
            chunks, written = [], written + 1


def save_shard(path: Path, samples: Batch) -> None:
    """Write samples to an ``.npz`` file."""
    save_arrays(path, {name: value.numpy() for name, value in samples.items()})


def save_pool(pool: SampleBuffer, folder: Path, held_out: Batch) -> None:
    """Write the newest samples of a pool as shards, for networks that learn after the one it was drawn for.

    Args:
        pool: of which at most ``KEPT`` samples are written.
        folder: for the shards.
        held_out: samples of photos that training never sees.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_shard(folder / HELD_OUT, {name: value.cpu() for name, value in held_out.items()})
    newest = pool.newest(KEPT)
    for number, at in enumerate(range(0, len(newest["crop"]), SHARD)):
        part = {name: value[at : at + SHARD].cpu() for name, value in newest.items()}
        save_shard(folder / f"shard_{number:04d}.npz", part)


def load_shard(path: Path) -> Batch:
    """Read what :func:`save_shard` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return {name: torch.from_numpy(file[name]) for name in FIELDS}


def load_shards(folder: Path) -> Iterator[Batch]:
    """All shards of a folder, one after the other.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    paths = sorted(folder.glob("shard_*.npz"))
    if not paths:
        raise FileNotFoundError(
            f"{folder} holds no shard_*.npz; run python -m training.data.shards"
        )
    for path in paths:
        yield load_shard(path)


def load_pool(folder: Path, device: torch.device) -> SampleBuffer:
    """All shards of a folder in one pool.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    shards = list(load_shards(folder))
    pool = SampleBuffer(sum(len(s["crop"]) for s in shards), device)
    for shard in shards:
        pool.add(shard)
    return pool


if __name__ == "__main__":
    main()
