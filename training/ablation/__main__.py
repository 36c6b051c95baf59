# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.ablation``: train rows of the paper's tables 3 and 4.

Rows that are in the log already are not trained again, and one that was cut off goes on, so it can be stopped at
any time.
"""

import argparse
from pathlib import Path

from ..optimise.objective import Options
from .measure import measure
from .report import BASE, UNTRAINED, draw_choices, write_report
from .rows import DECIDING, ROWS
from .run import begun, train_base, untrained
from .study import Study, add_budget, budget_of, command_of


def main() -> None:
    """Train what is missing, then write the table and the plot of the selector's choices."""
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--table", type=Path, default=Path("training/ABLATION.md"))
    names = [row.name for row in ROWS]
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rows", nargs="+", choices=names, default=names, help="all, or some")
    which.add_argument("--deciding", action="store_true", help="those that decide")
    add_budget(parser)
    arguments = parser.parse_args()
    if arguments.deciding:
        arguments.rows = list(DECIDING)
    budget = budget_of(arguments)
    study = Study(arguments.out, arguments.labels, budget, arguments.workers)
    data, face = study.data, study.face
    begin = {UNTRAINED: untrained(budget, data, face)}
    base = arguments.out / "base.pt" if budget.base else None
    if base:
        if not base.exists():
            train_base(budget, data, face, base)
        begin[BASE] = measure(begun(budget, data, face, Options(), base), data)
    command = command_of("training.ablation", arguments.seeds, budget)
    if arguments.deciding:
        command += " --deciding"
    elif arguments.rows != names:
        command += " --rows " + " ".join(f'"{name}"' for name in arguments.rows)
    for seed in range(arguments.seeds):
        for row in (row for row in ROWS if row.name in arguments.rows):
            study.trained(row, seed, base)
            write_report(study.results(), begin, budget, arguments.table, command)
    draw_choices(arguments.out, arguments.table.with_name("ablation_choices.png"))


if __name__ == "__main__":
    main()
