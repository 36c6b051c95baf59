# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.curves RUN...``: draw a run's losses, errors and choices over its steps."""

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np

LOSSES = ("loss", "vertices", "landmarks", "units", "face", "offsets")
"""What is drawn of the training log."""
ERRORS = {"nme": "all", "nme_0": "yaw 0-30", "nme_30": "yaw 30-60", "nme_60": "yaw 60-90"}
"""What is drawn of the validation, and what it is called."""


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a ``.jsonl`` file; none if it does not exist."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def draw_curves(run: Path) -> list[Path]:
    """Write ``losses.png``, ``errors.png`` and, for meta-joint runs, ``choices.png``.

    Returns:
        The pictures written; none where matplotlib is not installed, as on bare training machines:
        the logs can be drawn elsewhere.
    """
    if importlib.util.find_spec("matplotlib") is None:
        return []
    from matplotlib.figure import Figure

    written = []
    losses = read_log(run / "log.jsonl")
    if losses:
        figure = Figure(figsize=(8, 5), layout="constrained")
        axes = figure.subplots()
        for name in LOSSES:
            rows = [r for r in losses if name in r]
            axes.plot([r["step"] for r in rows], [r[name] for r in rows], label=name, linewidth=1)
        axes.set(xlabel="step", yscale="log", title=f"{run.name}: terms of the loss in training")
        written.append(_finish(figure, axes, run / "losses.png"))
    errors = read_log(run / "errors.jsonl")
    if errors:
        figure = Figure(figsize=(8, 5), layout="constrained")
        axes = figure.subplots()
        for name, label in ERRORS.items():
            axes.plot(
                [r["step"] for r in errors], [100 * r[name] for r in errors], ".-", label=label
            )
        axes.set(xlabel="step", ylabel="NME, %", title=f"{run.name}: 68 landmarks, held-out photos")
        axes.set_ylim(0, min(30.0, 110 * max(r["nme_60"] for r in errors)))
        written.append(_finish(figure, axes, run / "errors.png"))
    choices = read_log(run / "choices.jsonl")
    if choices:
        figure = Figure(figsize=(8, 3), layout="constrained")
        axes = figure.subplots()
        steps = [r["step"] for r in choices]
        chose_vdc = np.array([r["chosen"] == "vdc" for r in choices], float)
        axes.scatter(steps, chose_vdc, s=12, label="choice")
        width = max(1, len(choices) // 10)
        kernel = np.ones(width)
        share = np.convolve(chose_vdc, kernel, "same") / np.convolve(
            np.ones(len(steps)), kernel, "same"
        )
        axes.plot(steps, share, label=f"share of VDC over {width} rounds")
        axes.set_yticks([0, 1], ["fWPDC", "VDC"])
        axes.set(xlabel="step", title=f"{run.name}: the better of two look-aheads (figure 7)")
        written.append(_finish(figure, axes, run / "choices.png"))
    return written


def _finish(figure: Any, axes: Any, path: Path) -> Path:
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=100)
    return path


def main() -> None:
    """Draw the curves of runs."""
    parser = argparse.ArgumentParser(
        prog="python -m training.optimise.curves", description=main.__doc__
    )
    parser.add_argument("runs", type=Path, nargs="+")
    for run in parser.parse_args().runs:
        for path in draw_curves(run):
            print(path)


if __name__ == "__main__":
    main()
