# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import torch

from training.train import crop_size, schedule

WORDS = ["--backbone", "mobilenet_x05", "--batch", "16", "--workers", "0", "--pool", "256"]


def run(labels: Path, out: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "training.train", *WORDS, "--labels", str(labels)]
    return subprocess.run([*command, "--out", str(out), *words], capture_output=True, text=True)


def saved(out: Path) -> dict:  # type: ignore[type-arg]
    return torch.load(out / "checkpoint.pt", weights_only=True)  # type: ignore[no-any-return]


def test_a_run_is_resumed_where_it_stopped(labels: Path, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    done = run(labels, tmp_path, "--steps", "4")
    assert done.returncode == 0, done.stderr
    first = saved(tmp_path)
    assert first["state"]["step"] == 4
    done = run(labels, tmp_path, "--steps", "6")
    assert done.returncode != 0
    assert "--resume" in done.stderr
    done = run(labels, tmp_path, "--steps", "6", "--resume")
    assert done.returncode == 0, done.stderr
    second = saved(tmp_path)
    assert second["state"]["step"] == second["counted"] == 6
    assert torch.equal(first["zscore"]["mean"], second["zscore"]["mean"])
    assert all(torch.isfinite(v).all() for v in second["average"].values())
    assert (tmp_path / "errors.png").exists()


def test_the_schedule_falls_and_the_crops_grow() -> None:
    rates = [schedule(p / 20) for p in range(1, 21)]
    assert rates == sorted(rates, reverse=True)
    sizes = [crop_size(p / 10) for p in range(11)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 120
