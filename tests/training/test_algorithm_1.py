# SPDX-License-Identifier: GPL-3.0-or-later
"""What the paper prints of its optimiser, of algorithm 1 and of "rnd.", on real samples."""

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from mien.core.model.head import Head

from training.data.disjoint import Round, draw_round
from training.data.sample_buffer import Batch, SampleBuffer
from training.data.samples import draw_chunk
from training.data.short_video import turned_alone
from training.generator.generator import Generator
from training.generator.neighbouring_frames import FRAMES, ROLL_STEP, SCALE_STEP, SHIFT_STEP
from training.geometry.face_model import FaceModel
from training.labels.store import LabelledPhoto
from training.networks.network import ZScore
from training.optimise.algorithm_1 import Algorithm1, levelled
from training.optimise.learner import Learner
from training.optimise.objective import Options, make_training_batch
from training.optimise.optimisers import build_optimiser

CPU = torch.device("cpu")
PLAIN = Options()
Make = Callable[..., Learner]


@pytest.fixture(scope="module")
def chunk(head: Head, photos: list[LabelledPhoto]) -> Batch:
    return draw_chunk(Generator(head, photos, 3), True, 64)


@pytest.fixture
def learner_of(head: Head, chunk: Batch) -> Make:
    def make(options: Options = PLAIN, optimiser: str = "adamw") -> Learner:
        torch.manual_seed(0)
        learner = Learner("mobilenet_x05", FaceModel(head, 100), CPU, options, optimiser)
        zscore = ZScore(chunk["params"][chunk["face"] > 0])
        learner.zscore.load_state_dict(zscore.state_dict())
        return learner

    return make


def part(chunk: Batch, start: int) -> Batch:
    return {name: value[start : start + 16] for name, value in chunk.items()}


def marked(count: int, runs: bool = False) -> SampleBuffer:
    """A pool whose samples tell by their first parameter which they are."""
    pool = SampleBuffer(count, CPU)
    empty = {name: torch.zeros((count, *kept.shape[1:]), dtype=kept.dtype)
             for name, kept in pool.first(1).items()}  # fmt: skip
    empty["params"][:, 0] = torch.arange(count)
    empty["clip"][:] = runs
    pool.add(empty)
    return pool


def numbers(batch: Batch) -> list[int]:
    return batch["params"][:, 0].int().tolist()


def test_sgd_goes_as_the_paper_prints_it() -> None:
    """Two steps by hand: ``v = .9 v + (g + 5e-4 w)``, ``w -= rate v``, on weights and on biases."""
    layer = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(layer.weight, 2.0)
    torch.nn.init.constant_(layer.bias, -1.0)
    optimiser, longest = build_optimiser("sgd", layer)
    assert longest == np.inf
    optimiser.param_groups[0]["lr"] = 0.1
    weight, bias, v_weight, v_bias = 2.0, -1.0, 0.0, 0.0
    for gradient in (3.0, -1.0):
        layer.weight.grad = torch.full_like(layer.weight, gradient)
        layer.bias.grad = torch.full_like(layer.bias, gradient)
        optimiser.step()
        v_weight = 0.9 * v_weight + gradient + 5e-4 * weight
        v_bias = 0.9 * v_bias + gradient + 5e-4 * bias
        weight, bias = weight - 0.1 * v_weight, bias - 0.1 * v_bias
    assert np.isclose(layer.weight.item(), weight, rtol=1e-6)
    assert np.isclose(layer.bias.item(), bias, rtol=1e-6)


def test_a_learner_takes_the_optimiser_that_is_asked_for(learner_of: Make, chunk: Batch) -> None:
    learner = learner_of(optimiser="sgd")
    learner.step(part(chunk, 0), "fwpdc", 1e-3, 48, torch.Generator().manual_seed(0))
    groups = learner.state()["optimiser"]["param_groups"]
    assert [(g["momentum"], g["weight_decay"], g["lr"]) for g in groups] == [(0.9, 5e-4, 1e-3)]
    assert len(groups[0]["params"]) == len(list(learner.network.parameters()))


@pytest.mark.parametrize(("count", "k"), [(160, 4), (64, 9)])
@pytest.mark.parametrize("in_runs", [False, True])
def test_the_meta_test_batch_is_disjoint(count: int, k: int, in_runs: bool) -> None:
    pool, generator = marked(count, runs=True), torch.Generator().manual_seed(5)
    tested = set()
    for _ in range(30):
        train, test = draw_round(pool, 16, k, generator, in_runs)
        seen = [n for batch in train for n in numbers(batch)]
        assert len(train) == k
        assert all(len(batch["params"]) == 16 for batch in [*train, test])
        assert not set(numbers(test)) & set(seen)
        assert len(set(numbers(test))) == 16
        if 16 * k <= count - 16:
            assert len(set(seen)) == len(seen)
        for batch in [*train, test]:
            assert batch["clip"].all() == in_runs
            if in_runs:
                starts = np.array(numbers(batch)).reshape(-1, FRAMES)
                assert (starts - starts[:, :1] == np.arange(FRAMES)).all()
        tested |= set(numbers(test))
    assert len(tested) > 0.8 * count  # any sample may be the one to judge by


def test_batches_are_read_when_they_are_asked_for() -> None:
    pool = marked(64)
    moved = []

    def place(batch: Batch) -> Batch:
        moved.append(len(batch["params"]))
        return batch

    train, _ = draw_round(pool, 16, 500, torch.Generator().manual_seed(0), place=place)
    assert (len(train), moved) == (500, [16])
    first = numbers(train[0])
    assert numbers(train[0]) == first == numbers(next(iter(train)))
    assert numbers(train[3:][0]) == numbers(train[3])
    assert len(moved) == 6


def test_two_batches_must_be_there() -> None:
    with pytest.raises(ValueError, match="too few for two batches of 16"):
        draw_round(marked(24), 16, 1, torch.Generator())
    with pytest.raises(ValueError, match="runs of 8"):
        draw_round(marked(64), 12, 1, torch.Generator(), in_runs=True)


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_each_branch_keeps_an_optimiser_of_its_own(
    learner_of: Make, chunk: Batch, optimiser: str
) -> None:
    learner, dice = learner_of(optimiser=optimiser), torch.Generator().manual_seed(2)
    rounds = [
        Round([part(chunk, a), part(chunk, b)], part(chunk, 32)) for a, b in ((0, 16), (48, 0))
    ]
    meta, before = Algorithm1(learner), learner.state()
    first = meta.round(rounds[0], [1e-3] * 2, 48, dice)
    kept, states, again = learner.state(), copy.deepcopy(meta.states), dice.get_state()
    assert first.errors[first.loss] == min(first.errors.values())
    meta.round(rounds[1], [1e-3] * 2, 48, dice)
    key = "exp_avg" if optimiser == "adamw" else "momentum_buffer"
    assert not torch.equal(states["fwpdc"]["state"][0][key], states["vdc"]["state"][0][key])
    # By hand: both branches of round two begin at the weights kept, each with its own state of round one.
    for loss in ("fwpdc", "vdc"):
        dice = dice_at(again)
        learner.load_state(kept | {"optimiser": states[loss]})
        learner.make(rounds[1].test, 48, dice)
        for batch in rounds[1].train:
            learner.step(batch, loss, 1e-3, 48, dice)
        wanted = learner.state()["optimiser"]["state"]
        found = meta.states[loss]["state"]
        assert all(torch.equal(wanted[p][key], found[p][key]) for p in wanted)
        steps = [v["step"] for v in found.values()] if optimiser == "adamw" else []
        assert all(step == 4 for step in steps)
    assert before["optimiser"]["state"] == {}


def dice_at(state: torch.Tensor) -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(state)
    return generator


def test_branches_are_judged_by_short_videos(
    learner_of: Make, chunk: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The meta-test batch is varied as the meta-train batches are, once for both branches, and not learnt on."""
    learner, judged = learner_of(Options(svs=True)), []
    measure = learner.measure_made

    def seen(crop: torch.Tensor, labels: Batch) -> dict[str, torch.Tensor]:
        judged.append((crop, labels))
        return measure(crop, labels)

    monkeypatch.setattr(learner, "measure_made", seen)
    start = torch.Generator().manual_seed(4).get_state()
    test = {name: value[:32] for name, value in chunk.items()}
    Algorithm1(learner).round(Round([part(chunk, 32)], test), [1e-3], 48, dice_at(start))
    wanted, labels = make_training_batch(test, 48, dice_at(start), svs=True)
    assert len(judged) == 2
    for crop, seen_labels in judged:
        assert torch.equal(crop, wanted)
        assert torch.equal(seen_labels["params"], labels["params"])
    assert labels["clip"].any()
    assert not torch.equal(labels["params"], test["params"])


def test_the_levelled_losses_begin_alike(learner_of: Make, chunk: Batch) -> None:
    learner = learner_of(optimiser="sgd")
    terms = learner.measure(chunk, averaged=False)
    scale = levelled(learner, [chunk])
    assert np.isclose(scale, float(terms["fwpdc"] / terms["vdc"]), rtol=1e-5)
    assert learner.options == replace(Options(), vertex_scale=scale)


def test_rnd_turns_each_picture_by_itself() -> None:
    alone = torch.zeros(4000, dtype=torch.bool)
    motion = turned_alone(alone, torch.Generator().manual_seed(0), 0.25)
    moved = motion.roll != 0
    assert 0.22 < moved.float().mean() < 0.28
    assert (motion.scale[~moved] == 1).all()
    assert (motion.shift[~moved] == 0).all()
    assert motion.roll.abs().max() <= np.radians(7 * ROLL_STEP) + 1e-6
    assert motion.roll.abs().max() > np.radians(2 * ROLL_STEP)
    assert motion.scale.max() <= (1 + SCALE_STEP) ** 7 + 1e-6
    assert motion.shift.abs().max() > SHIFT_STEP
    # Neighbours in the batch are no neighbours in time.
    assert not torch.isclose(motion.roll[moved][1:], motion.roll[moved][:-1]).any()


def test_rnd_leaves_clean_what_svs_makes_noisy(chunk: Batch) -> None:
    single = chunk | {"clip": torch.zeros_like(chunk["clip"])}
    _, plain = make_training_batch(single, 48, torch.Generator().manual_seed(1), False)
    crop, turned = make_training_batch(
        single, 48, torch.Generator().manual_seed(1), False, rnd=True
    )
    assert crop.shape == (64, 3, 48, 48)
    assert not turned["clip"].any()
    assert not torch.equal(plain["params"], turned["params"])
