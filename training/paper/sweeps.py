# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows that figures 3, 6 and 7 train: those of tables 3 and 4, and the same with another beta or k."""

from dataclasses import replace

from ..ablation.data import Budget
from ..ablation.report import Result
from ..ablation.rows import ROWS, Row
from ..ablation.run import look_ahead_steps
from ..ablation.study import Study
from ..optimise.losses import BETA
from ..optimise.objective import Options

BY_NAME = {row.name: row for row in ROWS}
CURVES = ("VDC", "fWPDC", "VDC from fWPDC", "Vanilla-joint", "Meta-joint", "Meta-joint w/ lrr")
"""The rows of figure 3."""


def vanilla_joint(beta: float) -> Row:
    """The vanilla-joint row with another beta, from 0 (VDC) to 1 (fWPDC)."""
    row = BY_NAME["Vanilla-joint"]
    if beta == BETA:
        return row
    return replace(row, name=f"Vanilla-joint, beta {beta:g}", options=Options(beta=beta))


def meta_joint(k: int, budget: Budget) -> Row:
    """The meta-joint row with another k."""
    row = BY_NAME["Meta-joint"]
    if k == look_ahead_steps(row, budget):
        return row
    return replace(row, name=f"Meta-joint, k {k}", look_ahead=k)


def train_all(study: Study, rows: list[Row], seeds: int) -> dict[str, list[Result]]:
    """Errors of rows by name, one for each seed."""
    done: dict[str, list[Result]] = {row.name: [] for row in rows}
    for seed in range(seeds):
        for row in rows:
            done[row.name].append(study.trained(row, seed))
    return done
