# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.ablation``: train every row of the paper's tables 3 and 4, a little.

Rows that are in the log already are not trained again, so it can be stopped at any time.
"""

import argparse
import json
import re
from dataclasses import asdict
from pathlib import Path

import cv2
import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head

from ..geometry.face_model import FaceModel
from ..optimise import parallel
from ..optimise.objective import Options
from .data import Budget, Data
from .report import BASE, UNTRAINED, draw_choices, write_report
from .rows import ROWS
from .run import begun, measure, train_base, train_row, untrained


def main() -> None:
    """Train what is missing, then write the table and the plot of the selector's choices."""
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--table", type=Path, default=Path("training/ABLATION.md"))
    parser.add_argument("--seeds", type=int, default=2)
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", nargs="+", choices=names, default=names, help="all, or some")
    parser.add_argument("--backbone", default="mobilenet_x05")
    parser.add_argument("--size", type=int, default=48, help="side of the crops")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--base", type=int, default=0, help="steps that all rows have in common")
    parser.add_argument("--samples", type=int, default=4096)
    parser.add_argument("--measured", type=int, default=768)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw samples")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    budget = Budget(
        arguments.backbone, arguments.size, arguments.steps, arguments.batch, arguments.rate,
        arguments.base, arguments.samples, arguments.measured,
    )  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    log = arguments.out / "rows.jsonl"
    results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if any(r["budget"] != asdict(budget) for r in results):
        raise SystemExit(f"{log} has rows of another budget; choose another --out")
    device = parallel.start()[2]
    samples = arguments.out / "samples"
    data = Data(samples, arguments.labels, budget, device, arguments.workers)
    face = FaceModel(load_head(head_path()))
    begin = {UNTRAINED: untrained(budget, data, face)}
    base = arguments.out / "base.pt" if budget.base else None
    if base:
        if not base.exists():
            train_base(budget, data, face, base)
        begin[BASE] = measure(begun(budget, data, face, Options(), base), data)
    command = " ".join(
        ["python -m training.ablation", f"--seeds {arguments.seeds}"]
        + [f"--{name} {value}" for name, value in asdict(budget).items()]
    )
    if arguments.rows != names:
        command += " --rows " + " ".join(f'"{name}"' for name in arguments.rows)
    for seed in range(arguments.seeds):
        for row in (row for row in ROWS if row.name in arguments.rows):
            if any(r["name"] == row.name and r["seed"] == seed for r in results):
                continue
            slug = re.sub(r"[^a-z]+", "_", row.name.lower())
            choices = arguments.out / f"{slug}_{seed}.choices.jsonl"
            result = {"name": row.name, "seed": seed, "budget": asdict(budget)}
            result |= train_row(row, budget, data, face, seed, choices, base)
            results.append(result)
            with log.open("a") as file:
                file.write(json.dumps(result) + "\n")
            print({k: v for k, v in result.items() if k != "budget"}, flush=True)
            write_report(results, begin, budget, arguments.table, command)
    write_report(results, begin, budget, arguments.table, command)
    draw_choices(arguments.out, arguments.table.with_name("ablation_choices.png"))


if __name__ == "__main__":
    main()
