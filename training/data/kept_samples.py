# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples drawn once and kept in files that are mapped into memory, more of them than memory holds.

A drawing that was cut off goes on where it stopped, and more may be asked for later. Processes that train side by
side share the one copy that the system keeps of the files.
"""

import json
from collections.abc import Callable, Iterable
from math import prod
from pathlib import Path

import torch

from ..generator.neighbouring_frames import FRAMES
from ..saving import save_text
from .sample_buffer import FIELDS, Batch, SampleBuffer

COUNT = "count.json"
"""The file that says how many samples are drawn already."""


def kept_samples(
    folder: Path, count: int, draw: Callable[[int, int], Iterable[Batch]]
) -> SampleBuffer:
    """A pool of ``count`` samples in a folder's files; those that are missing are drawn.

    Args:
        folder: of the files, made if it is not there.
        count: rounded down to whole runs of eight.
        draw: gives chunks of samples, so many at least, and not the same after another number: called with how
            many samples there are already, and how many are missing.
    """
    count = count // FRAMES * FRAMES
    folder.mkdir(parents=True, exist_ok=True)
    drawn = _read(folder / COUNT)
    length = max(count, drawn)
    kept = {name: _mapped(folder / f"{name}.bin", length, *kind) for name, kind in FIELDS.items()}
    if drawn < count:
        for chunk in draw(drawn, count - drawn):
            more = min(len(chunk["crop"]), count - drawn)
            for name, values in kept.items():
                values[drawn : drawn + more] = chunk[name][:more]
            drawn += more
            _write(folder / COUNT, drawn)
            if drawn == count:
                break
    return SampleBuffer.over({name: values[:count] for name, values in kept.items()})


def _mapped(path: Path, length: int, shape: tuple[int, ...], kind: torch.dtype) -> torch.Tensor:
    size = length * prod(shape)
    with path.open("ab") as file:  # torch would empty a file that it makes longer
        file.truncate(size * kind.itemsize)
    flat = torch.from_file(str(path), shared=True, size=size, dtype=kind)
    return flat.reshape(length, *shape)


def _read(path: Path) -> int:
    return int(json.loads(path.read_text())["drawn"]) if path.exists() else 0


def _write(path: Path, drawn: int) -> None:
    save_text(path, json.dumps({"drawn": drawn}))
