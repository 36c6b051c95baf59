# SPDX-License-Identifier: GPL-3.0-or-later
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.optimise.run_folder import RunFolder
from training.optimise.schedule import crop_size, schedule

WORDS = ["--backbone", "mobilenet_x05", "--batch", "16", "--workers", "0", "--pool", "256"]


def run(labels: Path, out: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "training.optimise.train", *WORDS, "--labels", str(labels)]
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
    assert not second["state"]["started"]
    # A run that begins from weights keeps to full crops, also when it is resumed.
    other = tmp_path / "other"
    done = run(labels, other, "--steps", "1", "--start", str(tmp_path / "weights.pt"))
    assert done.returncode == 0, done.stderr
    done = run(labels, other, "--steps", "2", "--resume")
    assert done.returncode == 0, done.stderr
    assert saved(other)["state"]["started"]


def test_there_must_be_a_run_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no run"):
        RunFolder(tmp_path / "none").load(torch.device("cpu"))
    assert not (tmp_path / "none").exists()


def test_a_save_is_whole_and_takes_no_other_files_name(tmp_path: Path) -> None:
    files = RunFolder(tmp_path)
    learned = {"backbone": "x", "average": {}, "zscore": {}, "optimiser": {"rate": 1.0}}
    (tmp_path / "checkpoint.part").write_bytes(b"half of a")
    files.save(learned, {"state": {"step": 4}})
    assert "optimiser" not in torch.load(files.weights, weights_only=True)
    assert files.load(torch.device("cpu"))["state"] == {"step": 4}
    assert (tmp_path / "checkpoint.part").read_bytes() == b"half of a"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_log_holds_plain_rounded_numbers(tmp_path: Path) -> None:
    row = RunFolder(tmp_path).log("log.jsonl", {"loss": torch.tensor(1 / 3), "chosen": "vdc"})
    assert row == {"loss": 0.333333, "chosen": "vdc"}
    assert json.loads((tmp_path / "log.jsonl").read_text()) == row


def test_the_schedule_falls_and_the_crops_grow() -> None:
    rates = [schedule(p / 20) for p in range(1, 21)]
    assert rates == sorted(rates, reverse=True)
    sizes = [crop_size(p / 10) for p in range(11)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 120


def test_the_papers_recipe_is_resumed_with_both_optimisers(labels: Path, tmp_path: Path) -> None:
    words = ["--recipe", "algorithm_1", "--optimiser", "sgd", "--look-ahead", "2", "--rnd"]
    done = run(labels, tmp_path, *words, "--steps", "2")
    assert done.returncode == 0, done.stderr
    first = saved(tmp_path)
    momenta = [first["branches"][loss]["state"][0]["momentum_buffer"] for loss in ("fwpdc", "vdc")]
    assert not torch.equal(*momenta)
    assert first["state"]["vertex_scale"] > 1
    done = run(labels, tmp_path, *words, "--steps", "4", "--resume")
    assert done.returncode == 0, done.stderr
    second = saved(tmp_path)
    assert second["state"]["vertex_scale"] == first["state"]["vertex_scale"]
    assert second["state"]["step"] == 4
    rows = [json.loads(r) for r in (tmp_path / "choices.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4]
    assert all(row["chosen"] in ("fwpdc", "vdc") for row in rows)
