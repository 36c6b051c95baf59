# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step of training minimises: every term of the loss, and how the recipes add them up."""

from dataclasses import dataclass

import torch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.params import CROP_SIZE
from torch import Tensor
from torch.nn import functional

from ..data.augment import ClipRandom, augment
from ..data.sample_buffer import Batch
from ..data.short_video import degrade_clip, stills_to_clips, turned_alone
from ..generator.neighbouring_frames import FRAMES
from ..geometry.face_model import FaceModel
from ..networks.network import Outputs, ZScore, normalise
from .losses import (
    BETA,
    balanced,
    expression_distance,
    fwpdc,
    landmark_error,
    lrr,
    offset_error,
    vanilla_joint,
    vdc,
    vertex_distance,
)

RECIPES = (
    "distance", "vdc", "fwpdc", "vdc_from_fwpdc", "vanilla_joint", "meta_joint", "algorithm_1"
)  # fmt: skip
"""``distance`` is what the shipped weights are trained with: plain distances of vertices, landmarks
and z-scored parameters, in fixed proportions. The others are the paper's, for comparison; ``algorithm_1``
is ``meta_joint`` with all that the paper prints of it (:mod:`.algorithm_1`)."""

TURN = 0.5
"""Share of the schedule at which ``vdc_from_fwpdc`` goes over to VDC: half to each (table 3, "VDC from fWPDC")."""
DISTANCE_WEIGHTS = {
    "vertices": 10.0, "landmarks": 10.0, "expression": 15.0, "params": 0.5, "units": 4.0, "face": 0.2,
}  # fmt: skip
"""Of the terms of ``distance``, so that each has a say (chosen by eye)."""
EYE_BLENDSHAPES = torch.tensor([name.startswith("eye") for name in ARKIT_BLENDSHAPES])
"""Which of the 52 are of lids and gaze."""
EYE_WEIGHT = 3.0
"""Eyes are a hundredth of the crop, and what viewers look at."""
FULL_WEIGHT = 1.5
"""How much more a blendshape at its full weight counts than one at rest. Where a picture leaves it open, the
answer leans toward what counts more: at 3 every face at rest did a little of everything."""
LRR_DISTANCE_WEIGHT = 3.0
"""Of the landmark-regression branch beside the terms of ``distance``,"""
OFFSET_WEIGHT = 20.0
"""and of the clips' offsets (both chosen by eye)."""
SIDE_SHARE = 0.2
"""Of the blendshapes and of the confidence beside a loss of the paper, in shares of that loss."""
P_STILL_CLIP = 0.25
"""How many of the runs of stills become clips that move in the plane alone."""


@dataclass(frozen=True)
class Options:
    """What is added to a recipe.

    Attributes:
        lrr: landmark-regression regularisation (section 2.3).
        landmarks: the landmark constraint on the parameters, "lmk." of table 3.
        svs: short-video synthesis (section 2.4).
        rnd: the same rotations on every picture by itself, "rnd." of table 4.
        beta: of the vanilla-joint loss.
        vertex_scale: what VDC is multiplied by where it is the loss (:func:`.algorithm_1.levelled`).
    """

    lrr: bool = False
    landmarks: bool = False
    svs: bool = False
    rnd: bool = False
    beta: float = BETA
    vertex_scale: float = 1.0


def make_training_batch(
    batch: Batch, size: int, generator: torch.Generator, svs: bool, rnd: bool = False
) -> tuple[Tensor, Batch]:
    """Turn a drawn batch into what the network sees, and the labels that go with it.

    Args:
        batch: from the pool; with ``svs`` in runs of eight.
        size: side of the crops to train on.
        generator: of the random numbers.
        svs: whether to make clips.
        rnd: whether to turn pictures as clips turn, each by itself.

    Returns:
        Normalised crops ``(B, 3, size, size)``; the batch with its parameters moved along.
    """
    motion = None
    if svs:
        still = ClipRandom(generator, batch["clip"], FRAMES)
        index, motion, clip = stills_to_clips(batch["clip"], still, P_STILL_CLIP)
        batch = {name: value[index] for name, value in batch.items()} | {"clip": clip}
    elif rnd:
        motion = turned_alone(batch["clip"], generator, P_STILL_CLIP)
    dice = ClipRandom(generator, batch["clip"], FRAMES if svs else 1)
    crop, params = augment(to_network_input(batch["crop"]), batch["params"], size, dice, motion)
    if svs:
        crop = degrade_clip(crop, batch["clip"], generator).clamp(-1, 1)
    return crop.contiguous(memory_format=torch.channels_last), batch | {"params": params}


def to_network_input(crop: Tensor) -> Tensor:
    """Drawn crops ``(B, 120, 120, 3)`` as the network takes them: ``(B, 3, 120, 120)``."""
    return normalise(crop).permute(0, 3, 1, 2)


def blendshape_entropy(said: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy of each blendshape ``(B, n)``, by logits, a full weight counting :data:`FULL_WEIGHT` times."""
    entropy = functional.binary_cross_entropy_with_logits(said, wanted, reduction="none")
    return entropy * (1 + (FULL_WEIGHT - 1) * wanted)


def loss_terms(out: Outputs, batch: Batch, face: FaceModel, zscore: ZScore) -> dict[str, Tensor]:
    """Every term on one batch, each a mean over its faces; in float32."""
    here, truth = batch["face"], batch["params"]
    share = here / here.sum().clamp(min=1)
    params = zscore.decode(out.params.float())
    wanted, wanted68 = face.vertices(truth), face.landmarks(truth)
    placed, placed68 = face.vertices(params), face.landmarks(params)
    regressed68 = out.landmarks.float()
    mask = batch["units_mask"] * here[:, None]
    # Most weights are 0 most of the time; cross entropy goes on pulling where a sigmoid is flat.
    blendshapes = blendshape_entropy(out.blendshapes.float(), batch["units"])
    blendshapes = blendshapes * torch.where(EYE_BLENDSHAPES.to(blendshapes.device), EYE_WEIGHT, 1.0)
    each = {
        "vertices": vertex_distance(placed, wanted),
        "landmarks": landmark_error(placed68, wanted68),
        "expression": expression_distance(face.expressions(params), face.expressions(truth)),
        "params": (out.params.float() - zscore.encode(truth)).abs().mean(dim=1),
        "vdc": vdc(placed, wanted),
        "fwpdc": fwpdc(params, truth, face, zscore),
        "lrr": lrr(regressed68, wanted68),
        "lrr_distance": landmark_error(regressed68.transpose(1, 2) * (CROP_SIZE / 2), wanted68),
        "lmk": vdc(placed68, wanted68),
    }
    out_terms = {name: (value * share).sum() for name, value in each.items()}
    out_terms["units"] = (blendshapes * mask).sum() / mask.sum().clamp(min=1)
    out_terms["face"] = functional.binary_cross_entropy_with_logits(out.face.float(), here)
    moving = (batch["clip"] & (here > 0)).float()
    if len(moving) % FRAMES == 0:
        share = moving[::FRAMES] / moving[::FRAMES].sum().clamp(min=1)
        out_terms["offsets"] = (offset_error(placed68, wanted68, FRAMES) * share).sum()
    return out_terms


def loss_at(recipe: str, progress: float) -> str:
    """The loss that a recipe of single steps goes down at a share of its schedule."""
    if recipe == "vdc_from_fwpdc":
        return "fwpdc" if progress < TURN else "vdc"
    return recipe


def total_loss(values: dict[str, Tensor], loss: str, options: Options) -> Tensor:
    """Add the terms up.

    Args:
        values: of :func:`terms`.
        loss: ``distance``, ``vdc``, ``fwpdc`` or ``vanilla_joint``.
        options: what to add to it.
    """
    if loss == "distance":
        parts = [weight * values[name] for name, weight in DISTANCE_WEIGHTS.items()]
        if options.lrr:
            parts.append(LRR_DISTANCE_WEIGHT * values["lrr_distance"])
        if options.svs:
            parts.append(OFFSET_WEIGHT * values["offsets"])
        return torch.stack(parts).sum()
    if loss == "vanilla_joint":
        main = vanilla_joint(values["fwpdc"], values["vdc"], options.beta)
    else:
        main = values[loss] * (options.vertex_scale if loss == "vdc" else 1.0)
    parts = [main, *(SIDE_SHARE * balanced(values[name], main) for name in ("units", "face"))]
    if options.lrr:
        parts.append(balanced(values["lrr"], main))
    if options.landmarks:
        parts.append(balanced(values["lmk"], main))
    return torch.stack(parts).sum()
