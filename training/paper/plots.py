# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's figures drawn of our own runs, each with what it cost written under it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter
from mien.core.model.params import N_EXPRESSION, N_IDENTITY
from numpy.typing import NDArray

from ..ablation.data import Budget
from ..ablation.measure import CURVE

LOSSES = {"fwpdc": "tab:blue", "vdc": "tab:red"}
NAMES = {"fwpdc": "fWPDC", "vdc": "VDC"}


class Sweep(NamedTuple):
    """Errors over one setting.

    Attributes:
        setting: ``(n,)``.
        errors: ``(n, seeds)`` shares of the box.
    """

    setting: Sequence[float]
    errors: NDArray[np.floating[Any]]


class Network(NamedTuple):
    """A point of figure 10.

    Attributes:
        family: whose line it is on.
        label: written beside it.
        macs: multiply-accumulates of a crop.
        errors: shares of the box, one for each seed.
    """

    family: str
    label: str
    macs: float
    errors: list[float]


def budget_line(budget: Budget, seeds: int, size: bool = True) -> str:
    """What every row of a figure had, as it stands under it."""
    crops = f"crops of {budget.size} pixels, " if size else ""
    which = f"{budget.backbone}, " if size else ""
    apart = "a state for each loss" if budget.states == "apart" else "one state for both losses"
    optimiser = {"adamw": "AdamW", "sgd": "SGD"}[budget.optimiser]
    return (
        f"{which}{crops}{budget.steps} steps of {budget.batch} out of {budget.samples} samples, "
        f"{optimiser} at {budget.rate:g} ({apart}), seeds: {seeds}; "
        f"measured on {budget.measured} pictures of photos never trained on"
    )


def draw_convergence(
    curves: Mapping[str, list[list[dict[str, float]]]], line: str, path: Path
) -> None:
    """Figure 3: vertex error over steps, the mean over seeds, for each row."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, seeds in curves.items():
        steps = [point["step"] for point in seeds[0]]
        errors = np.array([[point["vdc"] for point in curve] for curve in seeds])
        axes.plot(steps, 1e4 * errors.mean(axis=0), ".-", markersize=3, linewidth=1, label=name)
    axes.set(xlabel="step", ylabel="VDC, 1e-4 crops squared", yscale="log",
             title=f"Figure 3: vertex error on {CURVE} pictures of photos never trained on")  # fmt: skip
    _plain(axes.yaxis)
    axes.legend()
    _finish(figure, [axes], line, path)


def draw_sweeps(beta: Sweep, k: Sweep, line: str, path: Path) -> None:
    """Figure 6: NME over beta of vanilla-joint and over k of meta-joint, on one scale."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    panels = list(figure.subplots(1, 2, sharey=True))
    for axes, sweep, name, title in zip(
        panels, (beta, k), ("beta", "k, steps"), ("vanilla-joint", "meta-joint"), strict=True
    ):
        mean, spread = 100 * sweep.errors.mean(axis=1), 100 * sweep.errors.std(axis=1)
        axes.errorbar(sweep.setting, mean, spread, fmt="o-", capsize=3)
        axes.set(xlabel=name, title=f"Figure 6: {title}")
    panels[0].set_ylabel("NME, %, mean of three bins of yaw")
    _finish(figure, panels, line, path)


def draw_choices(chosen: Mapping[str, list[dict[str, Any]]], line: str, path: Path) -> None:
    """Figure 7: which loss each look-ahead kept, and the share of VDC around it, for each row and seed."""
    figure = Figure(figsize=(8, 0.9 + 1.3 * len(chosen)), layout="constrained")
    panels = list(figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0])
    for axes, (name, rounds) in zip(panels, chosen.items(), strict=True):
        steps = np.array([r["step"] for r in rounds])
        vdc = np.array([r["chosen"] == "vdc" for r in rounds], float)
        for loss, colour in LOSSES.items():
            here = vdc == (loss == "vdc")
            axes.scatter(steps[here], vdc[here], s=14, color=colour)
        width = max(1, len(rounds) // 5)
        kernel = np.ones(width)
        share = np.convolve(vdc, kernel, "same") / np.convolve(np.ones(len(vdc)), kernel, "same")
        axes.plot(steps, share, color="grey", label=f"share of VDC over {width} rounds")
        axes.set_yticks([0, 1], [NAMES[loss] for loss in LOSSES])
        axes.set_ylim(-0.2, 1.2)
        axes.set_title(name, fontsize=9)
    panels[-1].set_xlabel("step")
    panels[0].legend(fontsize=7, loc="center right", framealpha=0.5)
    figure.suptitle("Figure 7: the loss that each look-ahead kept")
    _finish(figure, panels, line, path)


def draw_heat_map(
    errors: NDArray[np.floating[Any]], shapes: Sequence[int], expressions: Sequence[int], line: str,
    path: Path,
) -> None:  # fmt: skip
    """Figure 9: NME ``(expressions, shapes)`` over numbers of components; the star marks 40 and 10."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    image = axes.pcolormesh(shapes, expressions, 100 * errors, shading="nearest", cmap="viridis")
    figure.colorbar(image, label="NME, %, 68 points")
    axes.plot([N_IDENTITY], [N_EXPRESSION], "*", color="red", markersize=14)
    at = errors[list(expressions).index(N_EXPRESSION), list(shapes).index(N_IDENTITY)]
    axes.annotate(
        f"{100 * at:.2f} %",
        (N_IDENTITY, N_EXPRESSION),
        (8, 8),
        textcoords="offset points",
        color="w",
    )
    axes.set(xlabel="shape components", ylabel="expression components",
             title="Figure 9: what is lost with fewer components")  # fmt: skip
    _finish(figure, [], line, path)


def draw_trade_off(networks: list[Network], line: str, path: Path) -> None:
    """Figure 10: NME over multiply-accumulates, a line for each family at 120 pixels, other sizes beside it."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for number, family in enumerate(dict.fromkeys(n.family for n in networks)):
        mine = sorted((n for n in networks if n.family == family), key=lambda n: n.macs)
        mean = [100 * float(np.mean(n.errors)) for n in mine]
        colour = f"C{number}"
        axes.errorbar([n.macs / 1e6 for n in mine], mean, [100 * float(np.std(n.errors)) for n in mine],
                      fmt="o-", color=colour, capsize=3, linewidth=1, label=family)  # fmt: skip
        for network, value in zip(mine, mean, strict=True):
            axes.annotate(network.label, (network.macs / 1e6, value), (3, 4),
                          textcoords="offset points", fontsize=6, color=colour)  # fmt: skip
    axes.set(xlabel="MACs of a crop, millions", ylabel="NME, %, mean of three bins of yaw", xscale="log",
             title="Figure 10: error over computation")  # fmt: skip
    _plain(axes.xaxis)
    axes.legend()
    _finish(figure, [axes], line, path)


def _plain(axis: Axis) -> None:
    """Numbers as they are at the ticks of a logarithmic axis, rather than powers of ten."""
    for form in (axis.set_major_formatter, axis.set_minor_formatter):
        form(StrMethodFormatter("{x:.3g}"))


def _finish(figure: Figure, grids: Sequence[Axes], line: str, path: Path) -> None:
    for axes in grids:
        axes.grid(alpha=0.3)
    figure.supxlabel(fill(line, round(14 * figure.get_figwidth())), fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
