# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of training: its learner, its samples, its place in the schedule, its files."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head

from ..data.disjoint import draw_round
from ..data.sample_buffer import Batch, SampleBuffer
from ..data.samples import Feeder, draw_chunk, open_generator
from ..data.shards import HELD_OUT, load_pool, load_shard, save_pool
from ..geometry.face_model import FaceModel
from ..networks.network import ZScore
from ..networks.spatial_pooling import begin_from
from . import parallel
from .algorithm_1 import Algorithm1, levelled
from .curves import draw_curves
from .learner import Learner
from .loop import Loop
from .meta_joint import look_ahead
from .objective import Options, loss_at
from .run_folder import RunFolder
from .schedule import crop_size, schedule
from .validation import validate

WARM_UP = 4096
"""Samples drawn before the first step; the z-score is theirs."""
REUSE = 8
"""How many times a drawn sample is trained on, each time varied anew. On a few cores, drawing
waits for training, so that little of their time goes into samples; on a fast device training
waits for samples only past twice this."""
HELD_OUT_SAMPLES = 512
"""On which is validated where no file of them is given."""
ROUNDS = ("meta_joint", "algorithm_1")
"""Recipes that take several steps at a time."""
LOG_EVERY = 50
"""Steps between two lines of the log."""


class Trainer:
    """A run: its learner, its samples, its place in the schedule, its files."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.rank, self.world, self.device = parallel.start()
        torch.manual_seed(arguments.seed)  # the same weights to begin with in every process
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        options = Options(arguments.lrr, arguments.lmk, arguments.svs, arguments.rnd)
        face = FaceModel(load_head(head_path()))
        self.learner = Learner(arguments.backbone, face, self.device, options, arguments.optimiser)
        self.algorithm_1 = Algorithm1(self.learner) if arguments.recipe == "algorithm_1" else None
        seed = arguments.seed * self.world + self.rank
        self.random = torch.Generator(self.device).manual_seed(seed)
        self.state: dict[str, Any] = {"fitted": False, "started": False}
        self.loop = Loop(
            arguments.steps, arguments.minutes * 60, self._validate if self.rank == 0 else None,
            shown=self.rank == 0,
        )  # fmt: skip
        self.files = RunFolder(arguments.out)
        if arguments.resume:
            self._resume(self.files.load(self.device))
        elif self.files.checkpoint.exists():
            raise SystemExit(f"{arguments.out} holds a run; add --resume or choose another --out")
        elif arguments.start:
            self._begin_from(arguments.start)
        arguments.out.mkdir(parents=True, exist_ok=True)  # what cannot be written fails at once
        self.begun = self.loop.step
        self.feeder: Feeder | None = None
        if arguments.data:
            self.pool = load_pool(arguments.data, self.device)
            held_out = load_shard(arguments.data / HELD_OUT)
        else:
            self.pool = SampleBuffer(arguments.pool, self.device)
            self.feeder = Feeder(
                self.pool, arguments.labels, seed + self.begun, arguments.workers,
                arguments.svs or arguments.rnd, arguments.people,
            )  # fmt: skip
            unseen = open_generator(
                arguments.labels, arguments.seed, held_out=True, people=arguments.people
            )
            held_out = draw_chunk(unseen, False, HELD_OUT_SAMPLES)
        self.held_out = {name: value.to(self.device) for name, value in held_out.items()}

    def run(self) -> None:
        """Train to the end of the schedule."""
        self._fit_zscore()
        self.loop.run(self._round if self.arguments.recipe in ROUNDS else self._single)
        if self.feeder:
            self.feeder.close()
        if self.rank == 0 and self.arguments.keep:
            save_pool(self.pool, self.arguments.keep, self.held_out)

    def _fit_zscore(self) -> None:
        """Mean and deviation of the parameters, of the first samples drawn (section 2.1)."""
        if self.feeder:
            self.feeder.allow(WARM_UP)
            self.feeder.wait(min(WARM_UP, self.pool.capacity))
        if not self.state["fitted"]:
            seen = self.pool.first(WARM_UP)
            zscore = ZScore(seen["params"][seen["face"] > 0])
            mean, std = (parallel.mean_of_all(t.to(self.device)) for t in (zscore.mean, zscore.std))
            self.learner.zscore.load_state_dict({"mean": mean, "std": std})
            self.state["fitted"] = True
            if self.arguments.optimiser == "sgd":
                scale = levelled(self.learner, [self.held_out])
                self.state["vertex_scale"] = scale

    def _await_samples(self) -> None:
        if self.feeder:
            used = (self.loop.step - self.begun) * self.arguments.batch
            self.feeder.allow(WARM_UP + used // REUSE)
            self.feeder.wait(min(used // (2 * REUSE), WARM_UP + used // REUSE))

    def _batch(self) -> Batch:
        self._await_samples()
        return self.pool.batch(self.arguments.batch, self.random, self.arguments.svs)

    def _single(self, progress: float) -> int:
        loss = loss_at(self.arguments.recipe, progress)
        rate = self.arguments.rate * schedule(progress)
        size = crop_size(progress, self.state["started"])
        values = self.learner.step(self._batch(), loss, rate, size, self.random)
        if (self.loop.step + 1) % LOG_EVERY == 0 and self.rank == 0:
            row = self._log("log.jsonl", values, ahead=1)
            self.loop.show(landmarks=f"{row['landmarks']:.4f}", step=row["step"])
        return 1

    def _round(self, progress: float) -> int:
        """One iteration of algorithm 1, which counts as k steps of the schedule."""
        k = self.arguments.look_ahead
        if self.arguments.steps:
            k = min(k, self.arguments.steps - self.loop.step)
        rates = [self.arguments.rate * schedule(progress)] * k
        size = crop_size(progress, self.state["started"])
        if self.algorithm_1:
            self._await_samples()
            drawn = draw_round(self.pool, self.arguments.batch, k, self.random, self.arguments.svs)
            if self.feeder:  # it turns the pool while the round lasts
                drawn = drawn._replace(train=list(drawn.train))
            choice = self.algorithm_1.round(drawn, rates, size, self.random)
        else:
            train = [self._batch() for _ in range(k)]
            choice = look_ahead(self.learner, train, self._batch(), rates, size, self.random)
        if self.rank == 0:
            self._log("choices.jsonl", {"chosen": choice.loss, **choice.errors}, ahead=k)
        return k

    def _validate(self) -> None:
        self._log("errors.jsonl", validate(self.learner, self.held_out))
        state = self.state | {"step": self.loop.step, "seconds": self.loop.seconds}
        learned = {"backbone": self.arguments.backbone, **self.learner.state()}
        run = {"random": self.random.get_state(), "state": state}
        if self.algorithm_1:
            run["branches"] = self.algorithm_1.states
        self.files.save(learned, run)
        draw_curves(self.files.folder)

    def _log(self, name: str, values: dict[str, Any], ahead: int = 0) -> dict[str, Any]:
        """Log values; ``ahead``: steps that were taken and that the loop has not counted yet."""
        seconds = round(self.loop.seconds, 1)
        place = {"step": self.loop.step + ahead, "seconds": seconds, "drawn": self.pool.drawn}
        return self.files.log(name, values | place)

    def _resume(self, saved: dict[str, Any]) -> None:
        self.learner.load_state(saved)
        if self.algorithm_1 and "branches" in saved:
            self.algorithm_1.states = saved["branches"]
        self.state = saved["state"] | {"fitted": True}
        self.loop.step, self.loop.seconds = self.state["step"], self.state["seconds"]
        scale = self.state.get("vertex_scale", 1.0)
        self.learner.options = replace(self.learner.options, vertex_scale=scale)
        if self.world == 1:
            self.random.set_state(saved["random"].cpu())
        else:  # every process goes on with numbers of its own
            self.random.manual_seed(self.random.initial_seed() + self.loop.step * self.world)

    def _begin_from(self, path: Path) -> None:
        saved = torch.load(path, map_location=self.device, weights_only=True)
        begin_from(self.learner.network, saved["average"])
        begin_from(self.learner.averaged, saved["average"])
        self.learner.zscore.load_state_dict(saved["zscore"])
        self.state |= {"fitted": True, "started": True}
