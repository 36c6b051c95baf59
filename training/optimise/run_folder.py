# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a training run: the checkpoint that it goes on from, its weights, its logs."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..saving import save_tensors


class RunFolder:
    """A run's folder, which must be there before something is written.

    Attributes:
        folder: where it is.
        checkpoint: all that a run needs to go on exactly.
        weights: what ``python -m training.deploy.export`` needs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoint = folder / "checkpoint.pt"
        self.weights = folder / "weights.pt"

    def log(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        """Add a line to a log; returns it as it was written, numbers rounded."""
        row = {
            key: round(float(value), 6) if isinstance(value, Tensor | float) else value
            for key, value in values.items()
        }
        with (self.folder / name).open("a") as file:
            file.write(json.dumps(row) + "\n")
        return row

    def save(self, learned: dict[str, Any], run: dict[str, Any]) -> None:
        """Write both files.

        Args:
            learned: the network's name, and what :meth:`.learner.Learner.state` gives.
            run: what else is needed to go on.
        """
        save_tensors(learned | run, self.checkpoint)
        save_tensors({n: learned[n] for n in ("backbone", "average", "zscore")}, self.weights)

    def load(self, device: torch.device) -> dict[str, Any]:
        """The checkpoint as it was saved; tensors and plain values alone are read, no code is run.

        Raises:
            SystemExit: there is none.
        """
        if not self.checkpoint.exists():
            raise SystemExit(f"{self.folder} holds no run to go on with; leave --resume out")
        saved: dict[str, Any] = torch.load(self.checkpoint, device, weights_only=True)
        return saved
