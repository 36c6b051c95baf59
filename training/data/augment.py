# SPDX-License-Identifier: GPL-3.0-or-later
"""Cheap variation on the training device: similarity in the plane, colour, softness, noise, patches.

There is no mirror among them: the head's bases are mirror images of themselves only to about half a
millimetre, so labels would not follow exactly. The sample generator mirrors photos instead.
"""

from typing import NamedTuple

import torch
from mien.core.model.params import CROP_SIZE, N_POSE
from torch import Tensor
from torch.nn import functional

ROLL = 0.1
"""Standard deviation in radians; twice as much is the most."""
LOG_SCALE = 0.03
"""Less than the frames of the samples themselves vary by: the two add up."""
SHIFT = 0.02
"""Standard deviation as a share of the crop's side."""
CONTRAST, TINT, BRIGHTNESS = 0.12, 0.05, 0.08
"""Standard deviations of contrast (logarithm), of each channel and of all three, black to white being 2 (chosen
by eye)."""
GREY_CHANCE = 0.05
"""Share of crops without colour,"""
SOFT_CHANCE = 0.2
"""and of those that lose fine detail."""
NOISE = 0.06
"""Largest standard deviation of the noise, black to white being 2."""
PATCH_CHANCE = 0.2
"""Share of crops of which a rectangle hides a part; these four chosen by eye."""


class ClipRandom:
    """Random numbers for a batch, drawn on the training device.

    Args:
        generator: on that device.
        clip: ``(B,)`` true for frames of clips. Clips come in runs of ``length`` and share what is
            drawn once for a picture, so that a clip stays a clip.
        length: frames in a clip; 1 if there are none, else a divisor of B.
    """

    def __init__(self, generator: torch.Generator, clip: Tensor, length: int) -> None:
        self.generator, self.clip, self.length = generator, clip, length

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers ``(B, *shape)``."""
        return self._share(self.noise((len(self.clip), *shape)))

    def uniform(self, *shape: int) -> Tensor:
        """Numbers ``(B, *shape)`` between 0 and 1."""
        size = (len(self.clip), *shape)
        return self._share(torch.rand(size, generator=self.generator, device=self.clip.device))

    def noise(self, size: tuple[int, ...]) -> Tensor:
        """Standard normal numbers of that size, each frame its own."""
        return torch.randn(size, generator=self.generator, device=self.clip.device)

    def _share(self, own: Tensor) -> Tensor:
        first = own[:: self.length].repeat_interleave(self.length, dim=0)
        return torch.where(self.clip.reshape(-1, *[1] * (own.ndim - 1)), first, own)


class Similarity(NamedTuple):
    """Turns, scales and moves in the plane of the crop: ``p -> scale R(roll) p + shift``.

    Attributes:
        roll: ``(B,)`` radians, counter-clockwise in crop space.
        scale: ``(B,)``.
        shift: ``(B, 2)`` in pixels of the full crop, y up.
    """

    roll: Tensor
    scale: Tensor
    shift: Tensor

    def then(self, second: "Similarity") -> "Similarity":
        """This one, and the second after it."""
        cosine, sine = second.roll.cos(), second.roll.sin()
        x, y = self.shift.unbind(dim=1)
        turned = torch.stack([cosine * x - sine * y, sine * x + cosine * y], dim=1)
        return Similarity(
            self.roll + second.roll,
            self.scale * second.scale,
            second.scale[:, None] * turned + second.shift,
        )


def in_plane(
    crop: Tensor, params: Tensor, move: Similarity, size: int = CROP_SIZE
) -> tuple[Tensor, Tensor]:
    """Move what crops show, and their T with it.

    Args:
        crop: ``(B, 3, n, n)``.
        params: ``(B, 62)`` raw.
        move: of each.
        size: side of the crops returned; the parameters stay in pixels of the full crop.

    Returns:
        The crops resampled, ``(B, 3, size, size)``, and the parameters of the same faces in them.
    """
    roll, scale, shift = move
    cosine, sine = roll.cos(), roll.sin()
    zero, one = torch.zeros_like(roll), torch.ones_like(roll)
    turn = torch.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one], -1)
    turn = turn.reshape(-1, 3, 3)
    # Every output pixel looks back through the inverse; grids count y down.
    flip = torch.tensor([1.0, -1.0], device=crop.device)
    back = turn[:, :2, :2].transpose(1, 2) / scale[:, None, None]
    offset = -back @ (shift * (2 / CROP_SIZE))[:, :, None]
    matrix = torch.cat([back * flip[:, None] * flip, offset * flip[:, None]], dim=2)
    grid = functional.affine_grid(matrix, [len(crop), 3, size, size], align_corners=False)
    moved = functional.grid_sample(
        crop, grid.to(crop.dtype), padding_mode="border", align_corners=False
    )
    transform = scale[:, None, None] * (turn @ params[:, :N_POSE].reshape(-1, 3, 4))
    transform[:, :2, 3] += shift
    return moved, torch.cat([transform.flatten(1), params[:, N_POSE:]], dim=1)


def augment(
    crop: Tensor, params: Tensor, size: int, dice: ClipRandom, motion: Similarity | None = None
) -> tuple[Tensor, Tensor]:
    """Vary normalised crops ``(B, 3, n, n)`` and their raw parameters ``(B, 62)`` at random.

    Args:
        crop, params: what to vary.
        size: side of the crops returned.
        dice: random numbers.
        motion: applied before the random similarity, in the same resampling.

    Returns:
        Crops ``(B, 3, size, size)``, and the parameters of the same faces, still in pixels of the
        full crop.
    """
    jitter = Similarity(
        dice.normal().clamp(-2, 2) * ROLL,
        (dice.normal() * LOG_SCALE).exp(),
        dice.normal(2) * (SHIFT * CROP_SIZE),
    )
    crop, params = in_plane(crop, params, motion.then(jitter) if motion else jitter, size)
    crop = crop * (dice.normal(1, 1, 1) * CONTRAST).exp()
    crop = crop + dice.normal(3, 1, 1) * TINT + dice.normal(1, 1, 1) * BRIGHTNESS
    grey = (dice.uniform(1, 1, 1) < GREY_CHANCE).to(crop.dtype)
    crop = crop + grey * (crop.mean(dim=1, keepdim=True) - crop)
    crop = _soften(crop, dice)
    crop = crop + dice.noise(tuple(crop.shape)) * (dice.uniform(1, 1, 1) ** 2 * NOISE)
    return _hide(crop, dice).clamp(-1, 1), params


def _soften(crop: Tensor, dice: ClipRandom) -> Tensor:
    """Take fine detail from some of the crops, as small or squeezed pictures lack it."""
    small = functional.avg_pool2d(crop, 2, ceil_mode=True)
    soft = functional.interpolate(small, size=crop.shape[-1], mode="bilinear", align_corners=False)
    share = dice.uniform(1, 1, 1) * (dice.uniform(1, 1, 1) < SOFT_CHANCE)
    return crop + share * (soft - crop)


def _hide(crop: Tensor, dice: ClipRandom) -> Tensor:
    """Put a rectangle of one colour over some of the crops."""
    size = crop.shape[-1]
    place = dice.uniform(2) * size
    reach = (dice.uniform(2) * 0.18 + 0.04) * size * (dice.uniform(1) < PATCH_CHANCE)
    line = torch.arange(size, device=crop.device)
    down = (line - place[:, :1]).abs() < reach[:, :1]
    across = (line - place[:, 1:]).abs() < reach[:, 1:]
    mask = (down[:, None, :, None] & across[:, None, None, :]).to(crop.dtype)
    colour = dice.uniform(3, 1, 1) * 2 - 1
    return crop + mask * (colour - crop)
