# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts keys on whole frames while a scene is exported: exporters look at whole frames only.

Footage of 30 frames a second in a scene of 24 has its keys between the frames; sampled there, every
peak would be cut. The scene is therefore run at a rate at which the keys fall on whole frames, and the
keys are moved along, so that every key keeps its time in seconds. Nothing is resampled.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from bpy.types import ID, FCurve, Object, Scene
from numpy.typing import NDArray

from .action import curves_of
from .typed import animation_of

Frames = NDArray[np.float64]

OFF_GRID = 0.02
"""A key this far from a frame, in frames, still counts as on it: half a millisecond."""
DENSER = 4
"""Frames in the shortest gap between keys that lie on no grid, such as those of a phone's video."""
PARTS = ("co", "handle_left", "handle_right")


class Grid(NamedTuple):
    """Where the keys fall on whole frames.

    Attributes:
        factor: frames of the grid for one frame of the scene.
        even: whether every key lies on it; otherwise it is only dense.
    """

    factor: float
    even: bool


def grid_of(frames: Frames, start: float) -> Grid:
    """The coarsest grid, not coarser than the scene's frames, that holds all keys.

    Args:
        frames: ``(K,)`` where keys lie, in any order.
        start: a frame that lies on the grid, too.
    """
    if np.allclose(frames, np.round(frames), rtol=0, atol=OFF_GRID):
        return Grid(1.0, True)
    times = np.unique(np.concatenate([frames - start, [0.0]]))
    gaps = np.diff(times)
    gaps = gaps[gaps > OFF_GRID]
    gap = float(gaps[gaps < 1.5 * gaps.min()].mean())
    for _ in range(3):  # a short gap times a long shot is not exact; the farthest key is
        steps = np.round(times / gap)
        gap = float(steps @ times / (steps @ steps))
    if np.abs(times / gap - np.round(times / gap)).max() <= OFF_GRID:
        return Grid(float(np.ceil(gap - 1e-6)) / gap if gap > 1 else 1 / gap, True)
    return Grid(float(DENSER * np.ceil(1 / gap)), False)


def grid_for(scene: Scene, things: Iterable[Object]) -> Grid:
    """The grid for what moves some things of a scene."""
    keys = [_part(curve, "co")[:, 0] for curve in _curves(things)]
    grid = grid_of(np.concatenate(keys), scene.frame_start) if keys else Grid(1.0, True)
    if grid.factor != 1 and any(_has_strips(thing) for thing in scene.objects):
        return Grid(1.0, False)  # strips of the nonlinear animation stay where they are
    return grid


@contextmanager
def whole_frames(scene: Scene, things: Iterable[Object], grid: Grid, first: int) -> Iterator[None]:
    """Inside, keys lie on whole frames of the grid and the scene's range spans those of the things.

    Afterwards everything is as it was before.

    Args:
        scene: whose rate, range and keys are changed meanwhile.
        things: to be exported.
        grid: of :func:`grid_for`.
        first: the frame that the scene's first one becomes.
    """
    keys = [_part(curve, "co")[:, 0] for curve in _curves(things)]
    frames = np.concatenate(keys) if keys else np.full(1, float(scene.frame_start))
    curves = list(_curves(scene.objects))
    kept = [{part: _part(curve, part) for part in PARTS} for curve in curves]
    render = scene.render
    before = (
        scene.frame_start, scene.frame_end, render.fps, render.fps_base, scene.frame_current,
        scene.frame_subframe,
    )  # fmt: skip

    def moved(frames: Any) -> Any:
        return first + (frames - before[0]) * grid.factor

    try:
        for curve, parts in zip(curves, kept, strict=True):
            for part, values in parts.items():
                times = moved(values[:, 0])
                if part == "co":
                    near = np.abs(times - np.round(times)) <= OFF_GRID
                    times = np.where(near, np.round(times), times)
                curve.keyframe_points.foreach_set(
                    part, np.column_stack([times, values[:, 1]]).astype(np.float32).ravel()
                )
            curve.update()
        rate = before[2] / before[3] * grid.factor
        render.fps = max(1, round(rate))
        render.fps_base = render.fps / rate
        span = moved(frames)
        scene.frame_start = round(float(np.floor(span.min() + OFF_GRID)))
        scene.frame_end = round(float(np.ceil(span.max() - OFF_GRID)))
        yield
    finally:
        for curve, parts in zip(curves, kept, strict=True):
            for part, values in parts.items():
                curve.keyframe_points.foreach_set(part, values.astype(np.float32).ravel())
            curve.update()
        scene.frame_start, scene.frame_end, render.fps, render.fps_base = before[:4]
        scene.frame_set(before[4], subframe=before[5])


def _blocks(thing: Object) -> list[ID]:
    keys = getattr(thing.data, "shape_keys", None)
    return [block for block in (thing, thing.data, keys) if block is not None]


def _curves(things: Iterable[Object]) -> Iterator[FCurve]:
    """Curves that move objects, their data and their shape keys, each once."""
    seen: set[int] = set()
    for thing in things:
        for block in _blocks(thing):
            for curve in curves_of(block):
                if curve.as_pointer() not in seen:
                    seen.add(curve.as_pointer())
                    yield curve


def _has_strips(thing: Object) -> bool:
    data = [animation_of(block) for block in _blocks(thing)]
    return any(track.strips for one in data if one for track in one.nla_tracks)


def _part(curve: FCurve, part: str) -> Frames:
    values = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get(part, values)
    return values.reshape(-1, 2).astype(np.float64)
