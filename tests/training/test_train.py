# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import torch

from training.train import _cosine, _size

WORDS = ["--backbone", "mobilenet_x05", "--batch", "16", "--workers", "0", "--pool", "256"]


def run(labels: Path, out: Path, minutes: float) -> None:
    command = [sys.executable, "-m", "training.train", *WORDS, "--labels", str(labels)]
    command += ["--out", str(out), "--minutes", str(minutes)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_run_is_resumed_where_it_stopped(labels: Path, tmp_path: Path) -> None:
    run(labels, tmp_path, 0.08)
    first = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    run(labels, tmp_path, 0.16)
    second = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert second["state"]["step"] > first["state"]["step"] > 0
    assert second["state"]["seconds"] > first["state"]["seconds"]
    assert second["counted"] == second["state"]["step"]
    assert torch.equal(first["zscore"]["mean"], second["zscore"]["mean"])
    assert all(torch.isfinite(v).all() for v in second["average"].values())


def test_the_schedule_falls_and_the_crops_grow() -> None:
    rates = [_cosine(p / 10) for p in range(11)]
    assert rates == sorted(rates, reverse=True)
    sizes = [_size(p / 10) for p in range(11)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 120
