# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured of a row: on photos that training never saw, with the weights of its last step.

Their running average needs more steps than a row has.
"""

import torch
from mien.core.model.params import CROP_SIZE

from ..data.sample_buffer import Batch
from ..evaluate.yaw import by_yaw
from ..generator.neighbouring_frames import FRAMES
from ..optimise.learner import Learner
from ..optimise.losses import landmark_error, offset_error, vdc
from ..optimise.validation import yaw_degrees
from .data import Data

CURVE = 256
"""Held-out stills that a point of a curve is measured on."""


def measure(learner: Learner, data: Data) -> dict[str, float]:
    """NME of the 68 landmarks by yaw on stills; NME and stability on clips of eight frames.

    Where the landmark branch was trained (``lrr``), its own NME too, as ``branch`` and a bin (section 3.2).
    """
    stills, clips = data.held_out("stills"), data.held_out("clips")
    faces = stills["face"] > 0
    yaw = yaw_degrees(stills["params"][faces]).cpu().numpy()
    placed, branch, truth = _landmarks(learner, stills)
    out = by_yaw(landmark_error(placed, truth)[faces].cpu().numpy(), yaw)
    if learner.options.lrr:
        own = by_yaw(landmark_error(branch, truth)[faces].cpu().numpy(), yaw)
        out |= {f"branch_{name}": value for name, value in own.items()}
    moving = clips["clip"]
    placed, _, truth = _landmarks(learner, clips)
    out["clips"] = float(landmark_error(placed[moving], truth[moving]).mean())
    out["stability"] = float(offset_error(placed[moving], truth[moving], FRAMES).mean())
    return {name: round(value, 5) for name, value in out.items()}


def curve_point(learner: Learner, data: Data) -> dict[str, float]:
    """A point of figure 3: vertex error (VDC, crops squared) and NME on the first held-out stills."""
    batch = {name: value[:CURVE] for name, value in data.held_out("stills").items()}
    faces = batch["face"] > 0
    said = learner.zscore.decode(learner.predict(batch, averaged=False).params[faces])
    truth, face = batch["params"][faces], learner.face
    return {
        "vdc": float(vdc(face.vertices(said), face.vertices(truth)).mean()),
        "nme": float(landmark_error(face.landmarks(said), face.landmarks(truth)).mean()),
    }


def _landmarks(learner: Learner, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """By the parameters ``(B, 3, 68)``, by the landmark branch ``(B, 2, 68)``, and true ones; crop space."""
    out = learner.predict(batch, averaged=False)
    placed = learner.face.landmarks(learner.zscore.decode(out.params))
    branch = out.landmarks.transpose(1, 2) * (CROP_SIZE / 2)
    return placed, branch, learner.face.landmarks(batch["params"])
