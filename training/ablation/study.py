# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows trained with one budget and written into one log, so that none is trained twice."""

import json
import re
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import cv2
import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head

from ..geometry.face_model import FaceModel
from ..networks.backbones import BACKBONES
from ..optimise import parallel
from ..optimise.curves import read_log
from ..optimise.optimisers import OPTIMISERS
from .data import Budget, Data
from .report import Result
from .rows import Row
from .run import RowRun

STATES = ("carried", "apart")


class Study:
    """A folder of rows.

    Several processes may train different rows of one study side by side once its samples are drawn.

    Args:
        folder: of the log and of the rows' files.
        labels: of photos.
        budget: of every row.
        workers: processes that draw samples.
        samples: their folder; by default one in the study's.

    Raises:
        SystemExit: the log holds rows of another budget.
    """

    def __init__(
        self, folder: Path, labels: Path, budget: Budget, workers: int = 0,
        samples: Path | None = None,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.budget, self.log = folder, budget, folder / "rows.jsonl"
        if any(r["budget"] != asdict(budget) for r in self.results()):
            raise SystemExit(f"{self.log} has rows of another budget; choose another --out")
        device = parallel.usual_device()
        self.data = Data(samples or folder / "samples", labels, budget, device, workers)
        self.face = FaceModel(load_head(head_path()))

    def results(self) -> list[Result]:
        """All rows that are done."""
        return read_log(self.log)

    def trained(self, row: Row, seed: int, base: Path | None = None) -> Result:
        """A row's errors, out of the log or by training."""
        for result in self.results():
            if (result["name"], result["seed"]) == (row.name, seed):
                return result
        begin = RowRun(row, self.budget, self.data, self.face, seed, self.stem(row, seed), base)
        result = {"name": row.name, "seed": seed, "budget": asdict(self.budget)} | begin.run()
        with self.log.open("a") as file:
            file.write(json.dumps(result) + "\n")
        begin.checkpoint.unlink(missing_ok=True)
        print({k: v for k, v in result.items() if k != "budget"}, flush=True)
        return result

    def rows_of(self, row: Row, seed: int, kind: str) -> list[dict[str, Any]]:
        """A trained row's ``curve`` or ``choices``."""
        stem = self.stem(row, seed)
        return read_log(stem.with_name(f"{stem.name}.{kind}.jsonl"))

    def stem(self, row: Row, seed: int) -> Path:
        """What the names of a row's files begin with."""
        slug = re.sub(r"[^a-z0-9.]+", "_", row.name.lower())
        return self.folder / f"{slug}_{seed}"


def add_budget(parser: ArgumentParser) -> None:
    """Let a command be told its :class:`.data.Budget`, and what else any study needs."""
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--backbone", default="mobilenet_x05", choices=sorted(BACKBONES))
    parser.add_argument("--size", type=int, default=48, help="side of the crops")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument(
        "--rate", type=float, help="highest learning rate; by default what goes with the optimiser"
    )
    parser.add_argument("--base", type=int, default=0, help="steps that all rows have in common")
    parser.add_argument("--samples", type=int, default=4096)
    parser.add_argument("--measured", type=int, default=768)
    parser.add_argument(
        "--optimiser", default="adamw", choices=OPTIMISERS, help="sgd is as the paper prints it"
    )
    parser.add_argument(
        "--states",
        default="carried",
        choices=STATES,
        help="apart: each loss has an optimiser's state of its own (algorithm 1 as printed)",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw samples")


def budget_of(arguments: Namespace) -> Budget:
    """The budget that was told; the number of threads is set too."""
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    if arguments.rate is None:
        arguments.rate = OPTIMISERS[arguments.optimiser]
    return Budget(**{field.name: getattr(arguments, field.name) for field in fields(Budget)})


def command_of(module: str, seeds: int, budget: Budget) -> str:
    """The command that trains with a budget, as it is written under what it made."""
    words = [f"--{name} {value}" for name, value in asdict(budget).items()]
    return " ".join([f"python -m {module}", f"--seeds {seeds}", *words])
