# SPDX-License-Identifier: GPL-3.0-or-later
"""What training minimises: every term is least at the truth, and every recipe wants less of each."""

import math

import pytest
import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head

from training.data.sample_buffer import Batch
from training.data.samples import draw_chunk
from training.generator.generator import Generator
from training.geometry.face_model import FaceModel
from training.labels.store import LabelledPhoto
from training.networks.network import Outputs, ZScore
from training.optimise.losses import vanilla_joint
from training.optimise.objective import (
    DISTANCE_WEIGHTS,
    LRR_DISTANCE_WEIGHT,
    OFFSET_WEIGHT,
    RECIPES,
    Options,
    loss_at,
    loss_terms,
    total_loss,
)

SHARED = ("vertices", "landmarks", "expression", "params", "vdc", "fwpdc", "lmk")
FACES = slice(8, None)
"""Rows of the batch that show one."""
ALL = Options(lrr=True, landmarks=True, svs=True)


@pytest.fixture(scope="module")
def batch(head: Head, photos: list[LabelledPhoto]) -> Batch:
    drawn = draw_chunk(Generator(head, photos, 3), True, 32)
    drawn["face"][:8], drawn["face"][8:] = 0, 1
    return drawn


@pytest.fixture(scope="module")
def face(head: Head) -> FaceModel:
    return FaceModel(head, 100)


@pytest.fixture(scope="module")
def zscore(batch: Batch) -> ZScore:
    return ZScore(batch["params"])


def perfect(batch: Batch, face: FaceModel, zscore: ZScore) -> Outputs:
    """What a network without error would say."""
    weights = batch["units"].clamp(1e-6, 1 - 1e-6)
    marks = face.landmarks(batch["params"])[:, :2].transpose(1, 2) / 60
    return Outputs(
        zscore.encode(batch["params"]), weights.logit(), 20 * (2 * batch["face"] - 1), marks
    )


def off(out: Outputs, amount: float, rows: slice = FACES) -> Outputs:
    """The same with errors in some rows."""
    dice = torch.Generator().manual_seed(0)
    moved = [value.clone() for value in out]
    for value in moved:
        value[rows] += amount * torch.randn(value[rows].shape, generator=dice)
    moved[2] = out.face * (1 - amount)
    return Outputs(*moved)


def test_every_term_is_least_at_the_truth(batch: Batch, face: FaceModel, zscore: ZScore) -> None:
    exact = perfect(batch, face, zscore)
    best = loss_terms(exact, batch, face, zscore)
    near = loss_terms(off(exact, 0.1), batch, face, zscore)
    far = loss_terms(off(exact, 0.4), batch, face, zscore)
    for name in (*SHARED, "lrr", "lrr_distance", "offsets"):
        assert abs(float(best[name])) < 5e-3, name
    for name in best:
        assert float(best[name]) < float(near[name]) < float(far[name]), name


def test_what_is_no_face_counts_for_its_confidence_alone(
    batch: Batch, face: FaceModel, zscore: ZScore
) -> None:
    exact = perfect(batch, face, zscore)
    wrong = off(exact, 0.5, slice(0, 8))._replace(face=exact.face)
    best, found = (loss_terms(o, batch, face, zscore) for o in (exact, wrong))
    for name in best:
        assert torch.allclose(best[name], found[name], atol=1e-6), name


def test_weights_that_are_not_known_do_not_count(
    batch: Batch, face: FaceModel, zscore: ZScore
) -> None:
    exact, known = perfect(batch, face, zscore), batch["units_mask"].clone()
    known[:, 5] = 0
    wrong = exact.blendshapes.clone()
    wrong[:, 5] += 3
    masked = batch | {"units_mask": known}
    best, found = (
        loss_terms(o, masked, face, zscore)["units"]
        for o in (exact, exact._replace(blendshapes=wrong))
    )
    assert torch.equal(best, found)


def test_the_shipped_recipe_adds_up_by_its_weights() -> None:
    values = {
        name: torch.tensor(float(k))
        for k, name in enumerate([*DISTANCE_WEIGHTS, "lrr_distance", "offsets"])
    }
    want = sum(weight * float(values[name]) for name, weight in DISTANCE_WEIGHTS.items())
    assert float(total_loss(values, "distance", Options())) == pytest.approx(want)
    more = LRR_DISTANCE_WEIGHT * float(values["lrr_distance"]) + OFFSET_WEIGHT * float(
        values["offsets"]
    )
    assert float(total_loss(values, "distance", ALL)) == pytest.approx(want + more)
    assert min(*DISTANCE_WEIGHTS.values(), LRR_DISTANCE_WEIGHT, OFFSET_WEIGHT) > 0


@pytest.mark.parametrize(("loss", "size"), [("vdc", 5.0), ("fwpdc", 2.0), ("vanilla_joint", 2.0)])
def test_the_papers_recipes_add_up_as_printed(loss: str, size: float) -> None:
    names = ("fwpdc", "vdc", "units", "face", "lrr", "lmk")
    values = {
        n: torch.tensor(v) for n, v in zip(names, (2.0, 5.0, 0.3, 0.7, 0.01, 3.0), strict=True)
    }
    for value in values.values():
        value.requires_grad_()
    # Whatever stands beside the loss is brought to its size: blendshapes and confidence to a fifth of it.
    assert float(total_loss(values, loss, Options()).detach()) == pytest.approx(size * 1.4)
    assert float(total_loss(values, loss, Options(lrr=True)).detach()) == pytest.approx(size * 2.4)
    whole = total_loss(values, loss, ALL)
    assert float(whole.detach()) == pytest.approx(size * 3.4)
    whole.backward()
    for name, share in {"units": 0.2, "face": 0.2, "lrr": 1.0, "lmk": 1.0}.items():
        assert float(values[name].grad) == pytest.approx(share * size / float(values[name])), name


def test_vanilla_joint_takes_half_of_each() -> None:
    values = {n: torch.tensor(v) for n, v in (("fwpdc", 2.0), ("vdc", 5.0))}
    for value in values.values():
        value.requires_grad_()
    vanilla_joint(values["fwpdc"], values["vdc"], 0.25).backward()
    assert float(values["fwpdc"].grad) == pytest.approx(0.25)
    assert float(values["vdc"].grad) == pytest.approx(0.75 * 2 / 5)


def test_vdc_follows_fwpdc() -> None:
    at = [loss_at("vdc_from_fwpdc", progress) for progress in (0.0, 0.49, 0.5, 1.0)]
    assert at == ["fwpdc", "fwpdc", "vdc", "vdc"]
    assert loss_at("distance", 0.9) == "distance"


@pytest.mark.parametrize(
    ("name", "weight", "factor"),
    [
        ("jawOpen", 0.0, 1.0),
        ("jawOpen", 1.0, 1.5),
        ("eyeBlinkLeft", 0.0, 3.0),
        ("eyeBlinkLeft", 1.0, 4.5),
    ],
)
def test_eyes_and_full_weights_count_more(
    batch: Batch, face: FaceModel, zscore: ZScore, name: str, weight: float, factor: float
) -> None:
    mask = torch.zeros_like(batch["units_mask"])
    mask[:, ARKIT_BLENDSHAPES.index(name)] = 1
    only = batch | {"units_mask": mask, "units": torch.full_like(batch["units"], weight)}
    out = perfect(batch, face, zscore)._replace(blendshapes=torch.zeros_like(batch["units"]))
    assert float(loss_terms(out, only, face, zscore)["units"]) == pytest.approx(
        factor * math.log(2), rel=1e-5
    )


def test_offsets_are_those_of_clips(batch: Batch, face: FaceModel, zscore: ZScore) -> None:
    clips = torch.arange(len(batch["clip"])) >= 16
    some, exact = batch | {"clip": clips}, perfect(batch, face, zscore)
    best, stills, moving = (
        float(loss_terms(out, some, face, zscore)["offsets"])
        for out in (exact, off(exact, 0.3, slice(8, 16)), off(exact, 0.3, slice(16, 24)))
    )
    assert best == pytest.approx(stills, abs=1e-6)
    assert moving > best + 1e-3


CHOOSERS = ("vdc_from_fwpdc", "meta_joint", "algorithm_1")
"""Recipes that choose among losses and are none."""


@pytest.mark.parametrize("loss", [r for r in RECIPES if r not in CHOOSERS])
def test_every_recipe_goes_down_toward_the_truth(
    batch: Batch, face: FaceModel, zscore: ZScore, loss: str
) -> None:
    exact = perfect(batch, face, zscore)
    shares = []
    for amount in (0.05, 0.2, 0.5):
        out = Outputs(*(v.clone().requires_grad_() for v in off(exact, amount)))
        whole = total_loss(loss_terms(out, batch, face, zscore), loss, ALL)
        grads = torch.autograd.grad(whole, list(out), allow_unused=True)
        shares.append(float(whole.detach()))
        for value, truth, grad in zip(out, exact, grads, strict=True):
            if grad is not None:  # against the gradient is toward the truth
                assert float((grad * (value - truth).detach()).sum()) > 0
    assert shares == sorted(shares)
