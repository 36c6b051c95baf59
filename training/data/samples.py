# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws samples in worker processes and keeps a pool filled with them."""

import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from tqdm import tqdm

from ..generator.generator import Generator
from ..generator.neighbouring_frames import FRAMES
from ..generator.people_assets import load_people_assets
from ..generator.sample import Sample
from ..labels.split import split_photos
from ..labels.store import load_labels
from .sample_buffer import FIELDS, Batch, SampleBuffer

CHUNK = 64
"""Samples that a process draws at a time: whole runs of eight."""
CLIP_SHARE = 0.4
"""Of the runs of eight, when clips are drawn at all; the others are stills and negatives."""


def draw_chunk(generator: Generator, clips: bool, count: int = CHUNK) -> Batch:
    """Draw ``count`` samples, a multiple of eight.

    With ``clips`` some of the runs of eight are clips.
    """
    runs: list[Batch] = []
    for _ in range(count // FRAMES):
        clip = clips and generator.rng.random() < CLIP_SHARE
        drawn = stack(generator.clip(FRAMES)) if clip else generator.batch(FRAMES)
        fields = {**drawn, "clip": np.full(FRAMES, clip)}
        runs.append({name: torch.from_numpy(np.asarray(fields[name])) for name in FIELDS})
    return {
        name: torch.cat([run[name] for run in runs]).to(kind) for name, (_, kind) in FIELDS.items()
    }


def stack(frames: list[Sample]) -> dict[str, NDArray[np.generic]]:
    """Frames of a clip as arrays with one row each."""
    return {
        "crop": np.stack([f["crop"] for f in frames]),
        "params": np.stack([f["params"] for f in frames]),
        "units": np.stack([f["units"] for f in frames]),
        "units_mask": np.stack([f["units_mask"] for f in frames]),
        "face": np.array([f["face"] for f in frames], np.float32),
    }


def open_generator(
    labels: Path, seed: int, held_out: bool = False, people: Path | None = None
) -> Generator:
    """A generator over the photos for training, or over those that training never sees.

    ``people`` is the file that made-up people are drawn with, of :mod:`training.generator.assets`.
    """
    head = load_head(head_path())
    photos = split_photos(load_labels(labels, head))[held_out]
    return Generator(head, photos, seed, load_people_assets(people, head) if people else None)


class Drawing(IterableDataset[Batch]):
    """Draws chunks of samples, so many or for ever; each worker process has a seed of its own."""

    def __init__(
        self, labels: Path, seed: int, clips: bool, held_out: bool, chunks: int | None,
        people: Path | None,
    ) -> None:  # fmt: skip
        self.labels, self.seed, self.clips, self.people = labels, seed, clips, people
        self.held_out, self.chunks = held_out, chunks

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        if worker:  # this process's own threads are for its user to choose
            cv2.setNumThreads(1)
            torch.set_num_threads(1)
        here, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        seed = self.seed * 1000 + here
        generator = open_generator(self.labels, seed, self.held_out, self.people)
        for _ in count(here, workers) if self.chunks is None else range(here, self.chunks, workers):
            yield draw_chunk(generator, self.clips)


def stream(
    labels: Path,
    seed: int,
    workers: int,
    clips: bool,
    held_out: bool = False,
    chunks: int | None = None,
    people: Path | None = None,
) -> "DataLoader[Batch]":
    """Chunks of samples.

    Args:
        labels: labelled photos.
        seed: of the samples.
        workers: processes that draw; 0 draws in this one.
        clips: whether to draw short clips.
        held_out: of photos that training never sees.
        chunks: how many; by default there is no end.
        people: file that made-up people are drawn with.
    """
    return DataLoader(
        Drawing(labels, seed, clips, held_out, chunks, people),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        multiprocessing_context="spawn" if workers else None,
    )


def draw_many(
    labels: Path, seed: int, samples: int, workers: int, clips: bool, held_out: bool = False,
    people: Path | None = None,
) -> Batch:  # fmt: skip
    """So many samples, a multiple of eight, of :func:`stream`."""
    number = -(-samples // CHUNK)
    drawn = stream(labels, seed, workers, clips, held_out, number, people)
    chunks = list(tqdm(drawn, total=number, unit=" chunks", leave=False))
    return {name: torch.cat([c[name] for c in chunks])[:samples] for name in FIELDS}


class Feeder:
    """Fills a pool from worker processes, in a thread, as far as it is allowed to.

    Args:
        pool: to fill.
        labels: labelled photos.
        seed: of the samples.
        workers: processes that draw; 0 draws in the thread itself.
        clips: whether to draw short clips.
        people: file that made-up people are drawn with.
    """

    def __init__(
        self, pool: SampleBuffer, labels: Path, seed: int, workers: int, clips: bool,
        people: Path | None = None,
    ) -> None:  # fmt: skip
        self.pool, self._allowed = pool, 0
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        loader = stream(labels, seed, workers, clips, people=people)
        self._thread = threading.Thread(target=self._fill, args=(loader,), daemon=True)
        self._thread.start()

    def _fill(self, loader: "DataLoader[Batch]") -> None:
        try:
            for chunk in loader:
                while self.pool.drawn >= self._allowed and not self._stop.is_set():
                    time.sleep(0.05)  # the cores are better spent on training for now
                if self._stop.is_set():
                    return
                self.pool.add(chunk)
        except (
            BaseException
        ) as error:  # shown where the trainer waits, instead of a silent standstill
            self._failure = error

    def allow(self, drawn: int) -> None:
        """Let workers draw on until that many samples have been drawn in all."""
        self._allowed = drawn

    def wait(self, least: int) -> None:
        """Wait until that many samples have been drawn.

        Raises:
            RuntimeError: drawing has failed.
        """
        while self.pool.drawn < least:
            if self._failure:
                raise RuntimeError("samples can no longer be drawn") from self._failure
            time.sleep(0.02)

    def close(self) -> None:
        """Stop filling."""
        self._stop.set()
        self._thread.join(timeout=10)
