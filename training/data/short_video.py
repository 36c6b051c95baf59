# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-video synthesis (section 2.4): batches in which one still becomes a clip of eight frames.

A frame is the one before it under ``T o F``, a similarity in the plane (equation 8) and a turn of
the head out of it, and is then seen through ``M o P``, noise and motion blur; the first frame stays
clean. Turning the head takes its depth, so clips with F are drawn by the sample generator
(:mod:`training.generator.scene` has its steps of yaw and pitch). Here stills are moved in the plane,
and both kinds of clips are made noisy and blurred, all of a batch at once.
"""

import torch
from mien.core.model.params import CROP_SIZE
from torch import Tensor
from torch.nn import functional

from ..generator.neighbouring_frames import FRAMES, ROLL_STEP, SCALE_STEP, SHIFT_STEP
from .augment import ClipRandom, Similarity

NOISE = 0.04
"""Largest standard deviation of the noise, where black to white is 2; the paper names none."""
BLUR = 5.0
"""Longest motion blur in pixels of the crop; the paper names none."""
_REACH = 3
"""Pixels to each side of a kernel that holds the longest blur."""


def stills_to_clips(
    clip: Tensor, dice: ClipRandom, chance: float
) -> tuple[Tensor, Similarity, Tensor]:
    """Choose stills to make clips of, and their way through the plane.

    Args:
        clip: ``(B,)`` true for frames that are part of a drawn clip already; runs of eight.
        dice: random numbers.
        chance: how many of the runs of stills become clips.

    Returns:
        Which sample ``(B,)`` each frame shows, how it is moved, and which frames are now part of a
        clip.
    """
    count = len(clip)
    uniform = torch.rand((count // FRAMES, FRAMES, 5), generator=dice.generator, device=clip.device)
    chosen = (uniform[:, 0, 4] < chance) & ~clip[::FRAMES]
    step = uniform[:, :, :4] * 2 - 1
    step = step * chosen[:, None, None]
    step[:, 0] = 0
    motion = _walk(step)
    chosen = chosen.repeat_interleave(FRAMES)
    index = torch.arange(count, device=clip.device)
    return torch.where(chosen, index - index % FRAMES, index), motion, clip | chosen


def turned_alone(clip: Tensor, generator: torch.Generator, chance: float) -> Similarity:
    """ "rnd." of table 4: pictures move as frames of clips do, each by itself, without neighbours in the batch.

    Turns out of the plane come with the drawn frames of clips, taken one by one; these are those in the plane.
    A moved picture is as far on its way as a frame of a clip is, one to seven steps, neither noisy nor blurred.

    Args:
        clip: ``(B,)`` of a batch of single pictures.
        generator: of random numbers, on the same device.
        chance: how many of them are moved.
    """
    count = len(clip)
    uniform = torch.rand((count, FRAMES, 5), generator=generator, device=clip.device)
    steps = (uniform[:, 0, 4] * (FRAMES - 1)).long() + 1
    step = uniform[:, :, :4] * 2 - 1
    step[:, 0] = 0
    ways = _walk(step * (uniform[:, 1, 4] < chance)[:, None, None])
    at = torch.arange(count, device=clip.device) * FRAMES + steps
    return Similarity(*(part[at] for part in ways))


def _walk(step: Tensor) -> Similarity:
    """Steps ``(runs, frames, 4)`` of scale, roll and shift in shares of their ranges, one after the other."""
    frames: list[Similarity] = []
    for scaled, roll, *shift in step.permute(1, 2, 0):
        scale = 1 + scaled * SCALE_STEP
        # Equation 8 multiplies the translation by the scale too.
        change = Similarity(
            roll * (ROLL_STEP * torch.pi / 180),
            scale,
            scale[:, None] * torch.stack(shift, dim=1) * SHIFT_STEP,
        )
        frames.append(frames[-1].then(change) if frames else change)
    parts = zip(*frames, strict=True)
    return Similarity(*(torch.stack(part, dim=1).flatten(0, 1) for part in parts))


def degrade_clip(crop: Tensor, clip: Tensor, generator: torch.Generator) -> Tensor:
    """``M(P(x))`` of every frame of a clip but its first: noise, then motion blur.

    Args:
        crop: ``(B, 3, n, n)`` normalised; ``clip``: ``(B,)`` true for frames of clips.
        generator: of random numbers, on the same device.
    """
    count, _, size, _ = crop.shape
    later = torch.arange(count, device=crop.device) % FRAMES > 0
    here = (clip & later).to(crop.dtype)
    uniform = torch.rand((3, count), generator=generator, device=crop.device)
    sigma = uniform[0] * NOISE * here
    noise = torch.randn(crop.shape, generator=generator, device=crop.device)
    crop = crop + noise * sigma[:, None, None, None]
    length = uniform[1] ** 2 * (BLUR * size / CROP_SIZE) * here
    angle = uniform[2] * torch.pi
    return blur(crop, torch.stack([angle.cos(), angle.sin()], dim=1) * length[:, None])


def blur(crop: Tensor, way: Tensor) -> Tensor:
    """Convolve every crop with a line of its own (K of section 2.4).

    Args:
        crop: ``(B, 3, n, n)``.
        way: ``(B, 2)`` from one end of the line to the other in pixels, x and y; at most six long.
    """
    line = torch.arange(-_REACH, _REACH + 1, device=crop.device, dtype=crop.dtype)
    at = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1)
    half = way[:, None, None] / 2
    along = (at * half).sum(dim=-1) / half.square().sum(dim=-1).clamp(min=1e-6)
    away = (at - along.clamp(-1, 1)[..., None] * half).norm(dim=-1)
    kernel = (1 - away).clamp(min=0)
    kernel = kernel / kernel.sum(dim=(1, 2), keepdim=True)
    count, channels = crop.shape[:2]
    padded = functional.pad(crop, [_REACH] * 4, mode="replicate")
    kernels = kernel.repeat_interleave(channels, dim=0)[:, None]
    flat = functional.conv2d(padded.flatten(0, 1)[None], kernels, groups=count * channels)
    return flat.reshape(crop.shape)
