# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.losses``: fWPDC against WPDC on a batch of 128, values and time.

WPDC places every vertex once for each of the 62 parameters; fWPDC (algorithm 2) places them once.
"""

import argparse

import numpy as np
import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head
from mien.core.model.params import Pose, compose, join
from scipy.spatial.transform import Rotation
from torch import Tensor

from training.geometry.face_model import FaceModel
from training.networks.network import ZScore
from training.optimise.losses import fwpdc, wpdc

from .timing import paired

BATCH = 128
"""Samples in a step, as in training;"""
ROUNDS = 5
"""rounds of both sides in turn, whose medians are compared."""


def plausible(count: int, seed: int) -> Tensor:
    """Parameters ``(count, 62)`` of turned heads of about the crop's size."""
    rng = np.random.default_rng(seed)
    turn = Rotation.from_euler("yxz", rng.normal(0, 25, (count, 3)), degrees=True)
    pose = Pose(
        rng.uniform(350, 480, count).astype(np.float32),
        turn.as_matrix().astype(np.float32),
        np.column_stack([rng.normal(0, 4, (count, 2)), np.zeros(count)]).astype(np.float32),
    )
    identity, expression = (rng.normal(size=(count, n)).astype(np.float32) for n in (40, 10))
    return torch.from_numpy(join(compose(pose), identity, expression))


def main() -> None:
    """Print the largest difference, milliseconds of both, and the ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--whole", action="store_true", help="all vertices of the head, not a thousand"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    head = load_head(head_path())
    face = FaceModel(head)
    if arguments.whole:
        basis = np.concatenate([head.identity, head.expression]).transpose(0, 2, 1)
        face.mean = torch.from_numpy(np.ascontiguousarray(head.vertices.T))
        face.basis = torch.from_numpy(np.ascontiguousarray(basis))
    params, truth = plausible(BATCH, 0), plausible(BATCH, 1)
    zscore = ZScore(plausible(2000, 2))
    exact, fine = face.double(), zscore.double()
    slow, fast = (loss(params.double(), truth.double(), exact, fine) for loss in (wpdc, fwpdc))
    print(f"largest relative difference: {float(((fast - slow) / slow).abs().max()):.1e}")
    face, zscore = face.float(), zscore.float()
    mine, theirs, ratio = paired(
        lambda: fwpdc(params, truth, face, zscore),
        lambda: wpdc(params, truth, face, zscore),
        ROUNDS,
    )
    print(
        f"{BATCH} samples, {face.mean.shape[1]} vertices, {arguments.threads} thread: "
        f"fWPDC {1000 * mine:.2f} ms, WPDC {1000 * theirs:.1f} ms; the paper has 3.6 and 41.7"
    )
    print(f"ratio {1 / ratio:.1f}")


if __name__ == "__main__":
    main()
