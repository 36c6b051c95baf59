# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots that go with the tables."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from mien.core.model.params import FloatArray

STEP = 10.0
"""Degrees of yaw that one point of the curve stands for."""


def draw_blendshapes(each: dict[str, float], path: Path) -> None:
    """A bar for the correlation of each weight, best first; those that do not move are left out."""
    known = sorted((v, n) for n, v in each.items() if np.isfinite(v))
    figure = Figure(figsize=(7, 10), layout="constrained")
    axes = figure.subplots()
    axes.barh([n for _, n in known], [v for v, _ in known])
    axes.set(xlim=(min(0.0, known[0][0] if known else 0.0), 1), title="correlation with the truth")
    axes.tick_params(axis="y", labelsize=7)
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def draw_curves_by_yaw(yaw: FloatArray, errors: dict[str, FloatArray], path: Path) -> None:
    """Mean errors (shares of the box) over yaw in degrees, in steps of ten."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    steps = (yaw // STEP).astype(int)
    for name, values in errors.items():
        present = [k for k in range(steps.max() + 1) if np.isfinite(values[steps == k]).any()]
        means = [100 * np.nanmean(values[steps == k]) for k in present]
        axes.plot([STEP * (k + 0.5) for k in present], means, ".-", label=name)
    axes.set(xlabel="yaw, degrees", ylabel="% of the box", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def draw_blinks(times: FloatArray, weights: FloatArray, aspect: FloatArray, path: Path) -> None:
    """The weights of both eyes ``(n, 2)``, and the openness that the labelling tool sees."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    for k, (side, axes) in enumerate(
        zip(("left", "right"), figure.subplots(2, sharex=True), strict=True)
    ):
        axes.plot(times, weights[:, k], label=f"eyeBlink, {side}")
        axes.plot(times, aspect[:, k], label="height of the eye over its median")
        axes.set_ylim(0, 1.4)
        axes.grid(alpha=0.3)
        axes.legend(loc="upper right")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
