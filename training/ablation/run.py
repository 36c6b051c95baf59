# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains one row of the ablation and measures it on photos that training never saw."""

import json
import time
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ..data.sample_buffer import Batch
from ..data.short_video import FRAMES
from ..evaluate.yaw import by_yaw
from ..geometry.face_model import FaceModel
from ..networks.network import ZScore
from ..optimise.learner import Learner
from ..optimise.losses import landmark_error, offset_error
from ..optimise.meta_joint import look_ahead
from ..optimise.objective import Options
from ..optimise.schedule import schedule
from ..optimise.validation import yaw_degrees
from .data import Budget, Data, shrunk
from .rows import LOOK_AHEAD_SHARE, Row

BASE_SEED, BASE_RATE = 77, 2e-3


def train_base(budget: Budget, data: Data, face: FaceModel, path: Path) -> None:
    """Write the weights that all rows go on from: plain distances on stills, none of the paper's losses."""
    torch.manual_seed(BASE_SEED)
    generator = torch.Generator(data.device).manual_seed(BASE_SEED)
    learner = begun(budget, data, face, Options())
    for step in tqdm(range(budget.base), desc="base"):
        batch = data.train["stills"].batch(budget.batch, generator)
        rate = BASE_RATE * schedule(step / budget.base)
        learner.step(batch, "distance", rate, budget.size, generator)
    torch.save(learner.network.state_dict(), path)


def begun(
    budget: Budget, data: Data, face: FaceModel, options: Options, base: Path | None = None
) -> Learner:
    """A learner at the base's weights, or at random ones; the z-score is that of the stills."""
    learner = Learner(budget.backbone, face, data.device, options)
    params = data.train["stills"].first(4096)
    learner.zscore.load_state_dict(ZScore(params["params"][params["face"] > 0]).state_dict())
    if base is not None:
        weights = torch.load(base, map_location=data.device, weights_only=True)
        learner.network.load_state_dict(weights)
        learner.average.module.load_state_dict(weights)
    return learner


def train_row(
    row: Row,
    budget: Budget,
    data: Data,
    face: FaceModel,
    seed: int,
    log: Path,
    base: Path | None = None,
) -> dict[str, Any]:
    """Train a row and measure it.

    Args:
        row, budget: what and how long.
        data: to train and to measure on.
        face: what the losses are measured on.
        seed: of weights, batches and variation: rows with one seed begin alike.
        log: file for the choices of meta-joint rows, a JSON object a line.
        base: weights to go on from; without them it begins from random ones.

    Returns:
        Errors as shares of the box, and seconds.
    """
    torch.manual_seed(seed)
    start = time.monotonic()
    generator = torch.Generator(data.device).manual_seed(seed)
    learner = begun(budget, data, face, row.options, base)
    pool = data.train["clips" if row.clips else "stills"]
    choices: list[dict[str, Any]] = []
    step = 0

    def draw() -> Batch:
        return pool.batch(budget.batch, generator, row.options.svs)

    while step < budget.steps:
        progress = step / budget.steps
        rate = budget.rate * schedule(progress)
        if row.recipe == "meta_joint":
            k = min(max(1, round(LOOK_AHEAD_SHARE * budget.steps)), budget.steps - step)
            test = shrunk(draw(), budget.size)
            batches = [draw() for _ in range(k)]
            choice = look_ahead(learner, batches, test, [rate] * k, budget.size, generator)
            step += k
            choices.append({"chosen": choice.loss, **choice.errors, "step": step})
        else:
            loss = row.recipe
            if loss == "vdc_from_fwpdc":
                loss = "fwpdc" if progress < 0.5 else "vdc"
            learner.step(draw(), loss, rate, budget.size, generator)
            step += 1
    if choices:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(json.dumps(c) + "\n" for c in choices))
    return measure(learner, data) | {"seconds": round(time.monotonic() - start, 1)}


def measure(learner: Learner, data: Data) -> dict[str, float]:
    """NME of the 68 landmarks by yaw on stills; NME and stability on clips of eight frames.

    The weights are those of the last step: their running average needs more steps than a row has.
    """
    stills, clips = data.held_out["stills"], data.held_out["clips"]
    faces = stills["face"] > 0
    error = _errors(learner, stills)[faces]
    out = by_yaw(error.cpu().numpy(), yaw_degrees(stills["params"][faces]).cpu().numpy())
    moving = clips["clip"]
    placed, truth = _landmarks(learner, clips)
    out["clips"] = float(landmark_error(placed[moving], truth[moving]).mean())
    out["stability"] = float(offset_error(placed[moving], truth[moving], FRAMES).mean())
    return {name: round(value, 5) for name, value in out.items()}


def untrained(budget: Budget, data: Data, face: FaceModel) -> dict[str, float]:
    """What the mean of the labels gives for every picture."""
    learner = begun(budget, data, face, Options())
    torch.nn.init.zeros_(learner.network.params.weight)
    return measure(learner, data)


def _errors(learner: Learner, batch: Batch) -> torch.Tensor:
    return landmark_error(*_landmarks(learner, batch))


def _landmarks(learner: Learner, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    out = learner.predict(batch, averaged=False)
    placed = learner.face.landmarks(learner.zscore.decode(out.params))
    return placed, learner.face.landmarks(batch["params"])
