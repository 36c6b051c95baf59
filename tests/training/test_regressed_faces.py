# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples drawn ahead by worker processes, and the networks of parts that learn from them."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.data.samples import draw_many
from training.data.shards import HELD_OUT, load_shard, load_shards
from training.networks.network import Regressor, ZScore
from training.optimise.regressed_faces import regress


def run(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def shards(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 192 samples by two workers, and 64 of photos that are held out."""
    folder = tmp_path_factory.mktemp("shards")
    words = ["--count", "192", "--held-out", "64", "--workers", "2", "--seed", "5"]
    done = run("training.data.shards", "--labels", str(labels), "--out", str(folder), *words)
    assert "Error" not in done.stderr  # the workers end by themselves
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "weights.pt"
    network = Regressor("mobilenet_x05")
    state = {"average": network.state_dict(), "zscore": ZScore().state_dict()}
    torch.save({"backbone": "mobilenet_x05", **state}, path)
    return path


def test_workers_draw_what_one_would_but_for_their_seeds(shards: Path, labels: Path) -> None:
    drawn = torch.cat([shard["crop"] for shard in load_shards(shards)])
    assert drawn.shape == (192, 120, 120, 3)
    assert len(load_shard(shards / HELD_OUT)["crop"]) == 64
    alone = draw_many(labels, 5, 64, 0, False)["crop"]
    assert torch.equal(drawn[:64], alone)  # the first worker has the seed of one that works alone
    assert not torch.equal(drawn[64:128], alone)
    again = draw_many(labels, 5, 136, 2, False)["crop"]
    assert torch.equal(again, drawn[:136])


def test_faces_alone_are_laid(shards: Path, weights: Path) -> None:
    drawn = list(load_shards(shards))
    data = regress(weights, drawn)
    assert len(data) == sum(int((shard["face"] > 0).sum()) for shard in drawn) < 192
    assert data.params.shape == data.truth.shape == (len(data), 62)
    assert data.crop.dtype == torch.uint8


@pytest.mark.parametrize("part", ["eyes", "details"])
def test_parts_learn_from_shards(part: str, shards: Path, weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "part.pt"
    words = ["--data", str(shards), "--epochs", "1", "--out", str(out)]
    done = run(f"training.optimise.train_{part}", str(weights), *words)
    assert "correlation" in done.stdout
    assert out.exists()
