# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.steps VIDEO ...``: processor time a frame of every step from footage to scene."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import bpy
import mien
from mien.core.capture.sources import open_source
from mien.core.model.head import shipped_head
from mien.core.refine.refine import refine_take
from mien.core.texture.bake import texture_take

Value = TypeVar("Value")


def timed(step: Callable[[], Value]) -> tuple[Value, float]:
    """What a step gives, and the seconds of processor time that it takes, all threads together."""
    before = time.process_time()
    value = step()
    return value, time.process_time() - before


def steps(footage: Path) -> dict[str, float]:
    """Milliseconds a frame of each step."""
    head = shipped_head()
    seconds: dict[str, float] = {}
    frames, seconds["decoding alone"] = timed(lambda: sum(1 for _ in open_source(footage)))
    take, seconds["capture, decoding included"] = timed(
        lambda: mien.capture(footage, refine=False, texture=False)
    )
    take, seconds["refine, decoding included"] = timed(
        lambda: refine_take(take, open_source(footage), head)
    )
    take, seconds["texture, decoding included"] = timed(
        lambda: texture_take(take, open_source(footage), head)
    )
    with TemporaryDirectory() as folder:
        _, seconds["skin in motion, decoding included"] = timed(
            lambda: mien.write_texture_sequence(take, footage, Path(folder) / "a.skin")
        )
    motion, seconds["solve"] = timed(lambda: mien.solve(take))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    _, seconds["build"] = timed(lambda: mien.build_scene(motion, footage, texture=take.texture))
    return {name: 1e3 * value / frames for name, value in seconds.items()}


def main() -> None:
    """Print a table of the steps, a column for each video."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("footage", type=Path, nargs="+")
    videos: list[Path] = parser.parse_args().footage
    mien.capture(videos[0], end=0.2, refine=False, texture=False)  # the network is loaded
    columns = [steps(video) for video in videos]
    print(f"| ms a frame | {' | '.join(video.name for video in videos)} |")
    print("|---" * (len(videos) + 1) + "|")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(f'{column[name]:.1f}' for column in columns)} |")


if __name__ == "__main__":
    main()
