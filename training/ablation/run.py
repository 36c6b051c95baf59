# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains one row of the ablation; a row that was cut off goes on from where it was last written down."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..data.disjoint import ChosenBatches, draw_round
from ..data.sample_buffer import Batch, run_length
from ..geometry.face_model import FaceModel
from ..networks.network import ZScore
from ..optimise.algorithm_1 import Algorithm1, levelled
from ..optimise.learner import Learner
from ..optimise.loop import Loop
from ..optimise.meta_joint import Choice, look_ahead
from ..optimise.objective import Options, loss_at
from ..optimise.schedule import schedule
from ..saving import save_tensors, save_text
from .data import Budget, Data, shrunk
from .measure import curve_point, measure
from .rows import LOOK_AHEAD_SHARE, Row

BASE_SEED, BASE_RATE = 77, 2e-3
"""Of the weights from which all rows begin, so that no row has a start of its own; any seed would do, the rate is
that of the rows."""
LEVEL_SAMPLES = 256
"""On which the losses are brought to one size before the first step; few enough to cost nothing beside a row."""
POINTS = 25
"""Of a row's curve."""


def train_base(budget: Budget, data: Data, face: FaceModel, path: Path) -> None:
    """Write the weights that all rows go on from: plain distances on stills, none of the paper's losses."""
    torch.manual_seed(BASE_SEED)
    draw, vary = (torch.Generator(d).manual_seed(BASE_SEED) for d in ("cpu", data.device))
    learner = begun(budget, data, face, Options())

    def take(progress: float) -> int:
        batch = data.here(data.pool("stills").batch(budget.batch, draw))
        learner.step(batch, "distance", BASE_RATE * schedule(progress), budget.size, vary)
        return 1

    Loop(budget.base, name="base").run(take)
    save_tensors(learner.network.state_dict(), path)


def begun(
    budget: Budget, data: Data, face: FaceModel, options: Options, base: Path | None = None
) -> Learner:
    """A learner at the base's weights, or at random ones; the z-score is that of the stills."""
    learner = Learner(budget.backbone, face, data.device, options, budget.optimiser)
    params = data.pool("stills").first(4096)
    learner.zscore.load_state_dict(ZScore(params["params"][params["face"] > 0]).state_dict())
    if base is not None:
        weights = torch.load(base, map_location=data.device, weights_only=True)
        learner.network.load_state_dict(weights)
        learner.averaged.load_state_dict(weights)
    if budget.optimiser == "sgd":
        levelled(learner, [data.here(data.pool("stills").first(LEVEL_SAMPLES))])
    return learner


def untrained(budget: Budget, data: Data, face: FaceModel) -> dict[str, float]:
    """What the mean of the labels gives for every picture."""
    learner = begun(budget, data, face, Options())
    torch.nn.init.zeros_(learner.network.params.weight)
    return measure(learner, data)


def look_ahead_steps(row: Row, budget: Budget) -> int:
    """k of a meta-joint row."""
    return row.look_ahead or max(1, round(LOOK_AHEAD_SHARE * budget.steps))


class RowRun:
    """One row with one seed, in training.

    Args:
        row, budget: what and how long.
        data: to train and to measure on.
        face: what the losses are measured on.
        seed: of weights, batches and variation: rows with one seed begin alike.
        stem: of the row's files: ``.checkpoint.pt`` until it is done, ``.curve.jsonl`` and, of meta-joint
            rows, ``.choices.jsonl``, a JSON object a line.
        base: weights to go on from; without them it begins from random ones.
    """

    def __init__(
        self, row: Row, budget: Budget, data: Data, face: FaceModel, seed: int, stem: Path,
        base: Path | None = None,
    ) -> None:  # fmt: skip
        self.row, self.budget, self.data, self.stem = row, budget, data, stem
        torch.manual_seed(seed)
        self.draw, self.vary = (
            torch.Generator(device).manual_seed(seed) for device in ("cpu", data.device)
        )
        self.learner = begun(budget, data, face, row.options, base)
        self.pool = data.pool("clips" if row.clips else "stills")
        self.meta = Algorithm1(self.learner)
        self.choices: list[dict[str, Any]] = []
        self.curve: list[dict[str, Any]] = []
        self.loop = Loop(budget.steps, save=self._save, name=stem.name)
        self.checkpoint = self._file(".checkpoint.pt")

    def run(self) -> dict[str, Any]:
        """Train to the end and measure: errors as shares of the box, and seconds."""
        if self.checkpoint.exists():
            self._load(torch.load(self.checkpoint, self.data.device, weights_only=True))
        self.loop.run(self._advance)
        self._point()
        for name, rows in ((".choices.jsonl", self.choices), (".curve.jsonl", self.curve)):
            if rows:
                save_text(self._file(name), "".join(json.dumps(r) + "\n" for r in rows))
        return measure(self.learner, self.data) | {"seconds": round(self.loop.seconds, 1)}

    def _advance(self, progress: float) -> int:
        """One step, or one round of meta-joint optimisation; how many steps that is."""
        if len(self.curve) <= POINTS * self.loop.step // self.budget.steps:
            self._point()
        rate = self.budget.rate * schedule(progress)
        if self.row.recipe == "meta_joint":
            left = self.budget.steps - self.loop.step
            k = min(look_ahead_steps(self.row, self.budget), left)
            choice = self._round([rate] * k)
            done = self.loop.step + k
            self.choices.append({"chosen": choice.loss, **choice.errors, "step": done})
            return k
        loss = loss_at(self.row.recipe, progress)
        turn = -(-self.budget.steps // 2)
        turning = self.row.recipe == "vdc_from_fwpdc" and self.loop.step == turn
        if turning and self.budget.states == "apart":
            self.learner.begin_anew()
        self.learner.step(self._batch(), loss, rate, self.budget.size, self.vary)
        return 1

    def _round(self, rates: list[float]) -> Choice:
        size, count, svs = self.budget.size, self.budget.batch, self.row.options.svs
        if self.budget.states == "apart":
            drawn = draw_round(self.pool, count, len(rates), self.draw, svs, self.data.here)
            return self.meta.round(drawn, rates, size, self.vary)
        test = shrunk(self._batch(), size)
        chosen = [self.pool.choose(count, self.draw, svs) for _ in rates]
        batches = ChosenBatches(self.pool, chosen, run_length(count, svs), self.data.here)
        return look_ahead(self.learner, batches, test, rates, size, self.vary)

    def _batch(self) -> Batch:
        return self.data.here(self.pool.batch(self.budget.batch, self.draw, self.row.options.svs))

    def _point(self) -> None:
        point = curve_point(self.learner, self.data)
        if not math.isfinite(point["vdc"]):
            raise SystemExit(
                f"{self.row.name} came apart before step {self.loop.step} at a rate of {self.budget.rate:g}; "
                "choose a lower --rate"
            )
        self.curve.append({"step": self.loop.step, **point})

    def _file(self, ending: str) -> Path:
        return self.stem.with_name(self.stem.name + ending)

    def _save(self) -> None:
        state = {
            "learner": self.learner.state(), "states": self.meta.states,
            "draw": self.draw.get_state(), "vary": self.vary.get_state(),
            "vertex_scale": self.learner.options.vertex_scale,
            "curve": self.curve, "choices": self.choices,
            "step": self.loop.step, "seconds": self.loop.seconds,
        }  # fmt: skip
        save_tensors(state, self.checkpoint)

    def _load(self, saved: dict[str, Any]) -> None:
        self.learner.load_state(saved["learner"])
        self.learner.options = replace(self.learner.options, vertex_scale=saved["vertex_scale"])
        self.meta.states = saved["states"]
        self.draw.set_state(saved["draw"].cpu())
        self.vary.set_state(saved["vary"].cpu())
        self.curve, self.choices = saved["curve"], saved["choices"]
        self.loop.step, self.loop.seconds = saved["step"], saved["seconds"]
