# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train``: train a network on generated samples, for a time or some steps.

Worker processes draw samples into a pool on the training device; each step takes a batch out of it, varies it
(:mod:`training.data.augment`, :mod:`training.data.short_video`) and goes down the loss of the recipe
(:mod:`training.optimise.objective`, :mod:`training.optimise.meta_joint`, :mod:`training.optimise.algorithm_1`).
A run's folder holds the checkpoint it goes on from, ``weights.pt`` for ``python -m training.deploy.export``, the
logs, and their curves.

On several GPUs: ``torchrun --nproc-per-node N -m training.optimise.train ...``.
"""

import argparse
from pathlib import Path

from ..networks.backbones import BACKBONES
from . import parallel
from .meta_joint import LOOK_AHEAD
from .objective import RECIPES
from .optimisers import OPTIMISERS
from .trainer import Trainer


def main() -> None:
    """Train; write checkpoints, logs, curves and the averaged weights into the run's folder."""
    parser = argparse.ArgumentParser(
        prog="python -m training.optimise.train", description=main.__doc__
    )
    parser.add_argument("--backbone", default="mobilenet_x1", choices=sorted(BACKBONES))
    parser.add_argument("--recipe", default="distance", choices=RECIPES)
    parser.add_argument("--lrr", action="store_true", help="landmark-regression regularisation")
    parser.add_argument("--lmk", action="store_true", help="landmark constraint on the parameters")
    moved = parser.add_mutually_exclusive_group()
    moved.add_argument("--svs", action="store_true", help="short-video synthesis")
    moved.add_argument("--rnd", action="store_true", help="its rotations on pictures one by one")
    parser.add_argument("--look-ahead", type=int, default=LOOK_AHEAD, help="k of meta_joint")
    parser.add_argument(
        "--optimiser", default="adamw", choices=OPTIMISERS, help="sgd is as the paper prints it"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, help="length of the schedule in steps")
    length.add_argument("--minutes", type=float, default=40.0, help="or in minutes of training")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument(
        "--rate", type=float, help="highest learning rate; by default what goes with the optimiser"
    )
    parser.add_argument("--data", type=Path, help="folder of shards, instead of drawing samples")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--people", type=Path, help="file that made-up people are drawn with")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw samples")
    parser.add_argument("--pool", type=int, default=30_000, help="samples kept for reuse")
    parser.add_argument("--keep", type=Path, help="folder for the newest samples, as shards")
    parser.add_argument("--start", type=Path, help="weights.pt of an earlier run to begin from")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--out", type=Path, default=Path("runs/mobilenet_x1"))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.rate is None:
        arguments.rate = OPTIMISERS[arguments.optimiser]
    try:
        Trainer(arguments).run()
    finally:
        parallel.finish()


if __name__ == "__main__":
    main()
