# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.paper FIGURE``: train what a figure of the paper needs, and draw it.

What was trained is kept in ``--out`` and not trained again, figures 3, 6 and 7 share rows, and a row that was cut
off goes on: any of it can be stopped at any time. ``training/PAPER.md`` lists all figures and tables.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head

from ..ablation.rows import ROWS
from ..ablation.run import look_ahead_steps
from ..ablation.study import Study, add_budget, budget_of
from ..head.archive import fetch
from ..head.build import PEOPLE
from . import plots
from .dimensions import EXPRESSIONS, SHAPES, heat_map, kept_residuals
from .scaling import train_variants, variants
from .sweeps import BY_NAME, CURVES, meta_joint, train_all, vanilla_joint

BETAS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Figure 6's, from VDC alone to fWPDC alone."""
KS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the schedule. The paper's 100 and 200 steps are less than a thousandth of its own."""


def main() -> None:
    """Run one figure's experiment."""
    parser = argparse.ArgumentParser(prog="python -m training.paper", description=main.__doc__)
    figures = parser.add_subparsers(dest="figure", required=True)
    for name, (draw, words) in FIGURES.items():
        each = figures.add_parser(name, help=draw.__doc__, description=draw.__doc__)
        each.add_argument("--out", type=Path, default=Path("runs/paper"))
        each.add_argument("--picture", type=Path, default=Path(f"training/figures/{name}.png"))
        words(each)
    arguments = parser.parse_args()
    FIGURES[arguments.figure][0](arguments)
    print(arguments.picture)


def figure3(arguments: argparse.Namespace) -> None:
    """Convergence of the losses."""
    study = _study(arguments)
    rows = [BY_NAME[name] for name in CURVES]
    train_all(study, rows, arguments.seeds)
    curves = {
        row.name: [study.rows_of(row, seed, "curve") for seed in range(arguments.seeds)]
        for row in rows
    }
    plots.draw_convergence(curves, _line(study, arguments), arguments.picture)


def figure6(arguments: argparse.Namespace) -> None:
    """Beta of vanilla-joint and k of meta-joint."""
    study = _study(arguments)
    ks = _ks(arguments)
    sweeps = []
    for settings, rows in (
        (arguments.betas, [vanilla_joint(beta) for beta in arguments.betas]),
        (ks, [meta_joint(k, study.budget) for k in ks]),
    ):
        done = train_all(study, rows, arguments.seeds)
        errors = np.array([[r["balanced"] for r in done[row.name]] for row in rows])
        sweeps.append(plots.Sweep(settings, errors))
    plots.draw_sweeps(sweeps[0], sweeps[1], _line(study, arguments), arguments.picture)


def figure7(arguments: argparse.Namespace) -> None:
    """The choice of meta-joint optimisation over time, for several k."""
    study = _study(arguments)
    rows = [meta_joint(k, study.budget) for k in _ks(arguments)]
    train_all(study, rows, arguments.seeds)
    chosen = {
        f"k {look_ahead_steps(row, study.budget)}, seed {seed}": study.rows_of(row, seed, "choices")
        for row in rows
        for seed in range(arguments.seeds)
    }
    plots.draw_choices(chosen, _line(study, arguments), arguments.picture)


def figure9(arguments: argparse.Namespace) -> None:
    """The error over numbers of shape and expression components, on a head built with more of them."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = arguments.out / f"components_{arguments.people}.npz"
    lost = kept_residuals(kept, fetch(arguments.cache), load_head(head_path()), arguments.people)
    errors = heat_map(lost, np.random.default_rng(0))
    line = (
        f"components of {arguments.people} sampled people and of the blendshapes; {len(lost.points)} other people "
        "doing what training's faces do, in its poses; 68 points in the picture over their box"
    )
    plots.draw_heat_map(errors, range(SHAPES + 1), range(EXPRESSIONS + 1), line, arguments.picture)
    for shape, expression in ((0, 0), (40, 0), (0, 10), (40, 10), (SHAPES, EXPRESSIONS)):
        print(f"{shape:3} shape, {expression:2} expression: {errors[expression, shape]:.2%}")


def figure10(arguments: argparse.Namespace) -> None:
    """The error over the multiply-accumulates of networks of several widths and sizes of crop."""
    budget = budget_of(arguments)
    chosen = [v for v in variants() if f"{v.backbone}_{v.size}" in arguments.networks]
    row = BY_NAME[arguments.row]
    trained = list(
        train_variants(
            chosen, row, budget, arguments.seeds, arguments.out, arguments.labels, arguments.workers
        )
    )
    for network in trained:
        error = np.mean(network.errors)
        print(f"{network.family} {network.label}: {network.macs / 1e6:.1f} M MACs, {error:.2%}")
    line = f"{row.name}; {plots.budget_line(budget, arguments.seeds, False)}; drawn at 120 pixels, then scaled"
    plots.draw_trade_off(trained, line, arguments.picture)


def _curves(parser: argparse.ArgumentParser) -> None:
    add_budget(parser)


def _sweeps(parser: argparse.ArgumentParser) -> None:
    add_budget(parser)
    parser.add_argument("--betas", type=float, nargs="+", default=list(BETAS))
    parser.add_argument("--ks", type=int, nargs="+", help="steps; default: shares of the schedule")


def _choices(parser: argparse.ArgumentParser) -> None:
    add_budget(parser)
    parser.add_argument("--ks", type=int, nargs="+", help="steps; default: shares of the schedule")


def _components(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="of the head's source")
    parser.add_argument("--people", type=int, default=PEOPLE, help="that components are made of")


def _networks(parser: argparse.ArgumentParser) -> None:
    add_budget(parser)
    names = [f"{v.backbone}_{v.size}" for v in variants()]
    parser.add_argument("--networks", nargs="+", choices=names, default=names)
    parser.add_argument(
        "--row", choices=[row.name for row in ROWS], default="Meta-joint w/ lrr + svs"
    )


FIGURES: dict[
    str,
    tuple[Callable[[argparse.Namespace], None], Callable[[argparse.ArgumentParser], None]],
] = {
    "figure3": (figure3, _curves),
    "figure6": (figure6, _sweeps),
    "figure7": (figure7, _choices),
    "figure9": (figure9, _components),
    "figure10": (figure10, _networks),
}


def _study(arguments: argparse.Namespace) -> Study:
    return Study(arguments.out, arguments.labels, budget_of(arguments), arguments.workers)


def _ks(arguments: argparse.Namespace) -> list[int]:
    return arguments.ks or [max(1, round(share * arguments.steps)) for share in KS]


def _line(study: Study, arguments: argparse.Namespace) -> str:
    return plots.budget_line(study.budget, arguments.seeds)


if __name__ == "__main__":
    main()
