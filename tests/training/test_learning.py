# SPDX-License-Identifier: GPL-3.0-or-later
"""The learner, meta-joint look-ahead, the pool, and shards: what a run is made of."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.model.head import Head

from training.data.sample_buffer import Batch, SampleBuffer
from training.data.samples import draw_chunk
from training.data.shards import load_pool, load_shard, save_shard
from training.generator.generator import Generator
from training.geometry.face_model import FaceModel
from training.labels.store import LabelledPhoto
from training.networks.network import ZScore
from training.optimise.curves import draw_curves
from training.optimise.learner import Learner
from training.optimise.meta_joint import look_ahead
from training.optimise.objective import Options
from training.optimise.validation import validate

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def chunk(head: Head, photos: list[LabelledPhoto]) -> Batch:
    return draw_chunk(Generator(head, photos, 3), True, 64)


def learner_of(head: Head, chunk: Batch, options: Options) -> Learner:
    torch.manual_seed(0)
    learner = Learner("mobilenet_x05", FaceModel(head, 100), DEVICE, options)
    learner.zscore.load_state_dict(ZScore(chunk["params"][chunk["face"] > 0]).state_dict())
    return learner


def part(chunk: Batch, start: int) -> Batch:
    return {name: value[start : start + 16] for name, value in chunk.items()}


@pytest.mark.parametrize("loss", ["distance", "vdc", "fwpdc", "vanilla_joint"])
@pytest.mark.parametrize("options", [Options(), Options(True, True, True)])
def test_a_few_steps_on_one_batch_lower_its_loss(
    head: Head, chunk: Batch, loss: str, options: Options
) -> None:
    learner, dice = learner_of(head, chunk, options), torch.Generator().manual_seed(0)
    before = learner.measure(part(chunk, 0), averaged=False)
    for _ in range(12):
        values = learner.step(part(chunk, 0), loss, 1e-3, 64, dice)
        assert torch.isfinite(values["loss"])
    after = learner.measure(part(chunk, 0), averaged=False)
    assert after["units"] < before["units"]


def test_a_state_brings_back_everything(head: Head, chunk: Batch) -> None:
    learner = learner_of(head, chunk, Options())
    state = learner.state()
    dice = torch.Generator().manual_seed(1)
    one = learner.step(part(chunk, 0), "vdc", 1e-3, 64, dice)["loss"]
    learner.step(part(chunk, 16), "vdc", 1e-3, 64, dice)
    learner.load_state(state)
    again = learner.step(part(chunk, 0), "vdc", 1e-3, 64, torch.Generator().manual_seed(1))["loss"]
    assert torch.equal(one, again)


def test_look_ahead_keeps_the_better_branch_with_its_optimiser(head: Head, chunk: Batch) -> None:
    learner = learner_of(head, chunk, Options())
    start, dice = learner.state(), torch.Generator().manual_seed(2)
    train, test, rates = [part(chunk, 0), part(chunk, 16)], part(chunk, 32), [1e-3, 1e-3]
    choice = look_ahead(learner, train, test, rates, 64, dice)
    assert choice.errors[choice.loss] == min(choice.errors.values())
    kept = learner.state()
    # The same steps taken with the chosen loss alone lead to the same place.
    learner.load_state(start)
    dice = torch.Generator().manual_seed(2)
    for batch in train:
        learner.step(batch, choice.loss, 1e-3, 64, dice)
    alone = learner.state()
    for name, value in kept["network"].items():
        assert torch.equal(value, alone["network"][name])
    moments = [v["exp_avg"] for v in kept["optimiser"]["state"].values()]
    wanted = [v["exp_avg"] for v in alone["optimiser"]["state"].values()]
    assert all(torch.equal(a, b) for a, b in zip(moments, wanted, strict=True))


def test_the_pool_keeps_the_newest_and_whole_runs(chunk: Batch) -> None:
    pool = SampleBuffer(40, DEVICE)
    first, second = part(chunk, 0), part(chunk, 16)
    for samples in (first, second, first):
        pool.add(samples)
    assert pool.drawn == 48
    dice = torch.Generator().manual_seed(0)
    runs = pool.batch(80, dice, in_runs=True)
    starts = runs["params"].reshape(10, 8, 62)
    kept = torch.cat([first["params"], second["params"]]).reshape(-1, 8, 62)
    for run in starts:
        assert any(torch.equal(run, one) for one in kept)
    with pytest.raises(ValueError, match="runs of 8"):
        pool.batch(12, dice, in_runs=True)


def test_shards_survive_the_file(tmp_path: Path, chunk: Batch) -> None:
    save_shard(tmp_path / "shard_0000.npz", chunk)
    found = load_shard(tmp_path / "shard_0000.npz")
    assert all(torch.equal(found[name], chunk[name]) for name in chunk)
    assert load_pool(tmp_path, DEVICE).drawn == 64
    with pytest.raises(FileNotFoundError, match="run python -m"):
        load_pool(tmp_path / "none", DEVICE)


def test_half_of_the_runs_are_clips_if_clips_are_drawn(chunk: Batch) -> None:
    runs = chunk["clip"].reshape(-1, 8)
    assert (runs.all(dim=1) | ~runs.any(dim=1)).all()
    assert 0 < runs.all(dim=1).float().mean() < 1


def test_validation_measures_what_the_network_says(head: Head, chunk: Batch) -> None:
    found = validate(learner_of(head, chunk, Options()), chunk)
    assert 0.02 < found["nme"] < 2
    assert 0 <= found["face"] <= 1
    bins = [found["nme_0"], found["nme_30"], found["nme_60"]]
    if np.isfinite(bins).all():
        assert np.isclose(found["balanced"], np.mean(bins))


def test_curves_are_drawn_of_what_was_logged(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"loss": 1.0, "step": 50}\n{"loss": 0.5, "step": 100}\n')
    (tmp_path / "choices.jsonl").write_text('{"chosen": "vdc", "step": 100}\n' * 12)
    assert [p.name for p in draw_curves(tmp_path)] == ["losses.png", "choices.png"]
    assert not draw_curves(tmp_path / "none")
