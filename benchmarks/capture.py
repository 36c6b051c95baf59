# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.capture``: frames a second of processor time of a capture, and each stage's share.

The peer is decoding the same file and doing nothing with it. With ``--mediapipe TASK`` what a capture does beside
decoding is set against two of MediaPipe's trackers on the same frames, held in memory.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
from mien.core.capture import tracker
from mien.core.capture.capture import Models, capture, load_models
from mien.core.capture.sources import FrameSource, open_source
from mien.core.model import crop

from .footage import enlarge
from .timing import paired

ROUNDS = 5
"""Of both sides in turn; the medians of them are compared."""
HELD = 60
"""Frames held in memory; of 1080p they take 370 MB, and what starting a tracker costs is spread over them."""


class Stopwatch:
    """Adds up the time spent inside functions that it wraps."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def wrap(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return run(*arguments, **named)
            finally:
                self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - start

        return timed


class Timed:
    """A source of which is timed how long its frames are waited for: they are decoded ahead."""

    def __init__(self, source: FrameSource, watch: Stopwatch) -> None:
        self._source, self._watch = source, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def __iter__(self) -> Any:
        step = self._watch.wrap("wait for decoder", iter(self._source).__next__)
        while True:
            try:
                yield step()
            except StopIteration:
                return


class Held:
    """Frames in memory as footage, so that nothing is decoded."""

    def __init__(self, source: FrameSource, count: int) -> None:
        self._source = source
        self.frames = [frame for frame, _ in zip(source, range(count), strict=False)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def __iter__(self) -> Any:
        return iter(self.frames)


def beside_mediapipe(path: Path, models: Models, task: Path) -> None:
    """Print what following a face costs without decoding, and what MediaPipe's trackers cost."""
    from .mediapipe_faces import face_mesh, landmarker  # only who asks for it needs MediaPipe

    held = Held(open_source(path), HELD)
    for name, peer in (
        ("MediaPipe's landmarker with blendshapes", landmarker(task, held.frames)),
        ("MediaPipe's FaceMesh", face_mesh(held.frames)),
    ):
        ours, theirs, ratio = paired(lambda: capture(held, models), peer, ROUNDS)
        print(
            f"without decoding: {1000 * ours / HELD:.2f} ms a frame; {name} "
            f"{1000 * theirs / HELD:.2f}; ratio of times {ratio:.2f}"
        )


def stages(path: Path, models: Models) -> tuple[dict[str, float], float]:
    """Seconds by stage, and seconds in all, of one capture."""
    watch = Stopwatch()
    plain_cut, plain_look, plain_find = crop.cut, models.regressor.look, models.finder.find
    vars(tracker)["cut"] = watch.wrap("crop", plain_cut)
    models.regressor.look = watch.wrap("network", plain_look)  # type: ignore[method-assign]
    models.finder.find = watch.wrap("find", plain_find)  # type: ignore[method-assign]
    start = time.perf_counter()
    try:
        capture(Timed(open_source(path), watch), models)
    finally:
        vars(tracker)["cut"] = plain_cut
        models.regressor.look, models.finder.find = plain_look, plain_find  # type: ignore[method-assign]
    whole = time.perf_counter() - start
    watch.spent["rest"] = whole - sum(watch.spent.values())
    return watch.spent, whole


def wall_time(path: Path, cores: set[int]) -> float:
    """Seconds by the clock of one capture that may use some of the processor's cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)  # of this thread, and of all that it starts
    try:
        models = load_models()
        start = time.perf_counter()
        capture(open_source(path), models)
        return time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, before)


def beside_one_core(path: Path) -> float:
    """How many times as many frames a second a capture makes on all cores as on one, by the clock."""
    cores = os.sched_getaffinity(0)
    ratios = [wall_time(path, {min(cores)}) / wall_time(path, cores) for _ in range(ROUNDS)]
    return statistics.median(ratios)


def main() -> None:
    """Print frames a second, shares, and the ratio to decoding alone."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--mediapipe", type=Path, metavar="TASK", help="face_landmarker.task")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    models = load_models()
    with tempfile.TemporaryDirectory() as folder:
        path = enlarge(Path(folder) / "clip.mp4", arguments.height, arguments.frames)
        ours, peer, ratio = paired(
            lambda: capture(open_source(path), models),
            lambda: sum(1 for _ in open_source(path)),
            ROUNDS,
        )
        spent, whole = stages(path, models)
        if hasattr(os, "sched_setaffinity"):  # Linux
            faster, cores = beside_one_core(path), len(os.sched_getaffinity(0))
            print(f"by the clock on {cores} cores {faster:.2f} times as fast as on one")
        if arguments.mediapipe:
            beside_mediapipe(path, models, arguments.mediapipe)
    rate = arguments.frames / ours
    print(f"{arguments.frames} frames, {arguments.height}p: {rate:.0f} a second of processor time")
    print("  ".join(f"{name} {share / whole:.0%}" for name, share in spent.items()))
    print(f"decoding alone: {arguments.frames / peer:.0f} a second; ratio of times {ratio:.2f}")


if __name__ == "__main__":
    main()
