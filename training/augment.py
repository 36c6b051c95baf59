# SPDX-License-Identifier: GPL-3.0-or-later
"""Cheap variation on the training device: similarity in the plane, colour, noise, hidden patches."""

import torch
from mien.core.params import N_POSE
from torch import Tensor
from torch.nn import functional

MAX_ROLL = 0.2
LOG_SCALE = 0.05
SHIFT = 0.02
NOISE = 0.03
PATCH_CHANCE = 0.2
GREY_CHANCE = 0.05


def in_plane(
    crop: Tensor, params: Tensor, roll: Tensor, scale: Tensor, shift: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """Turn, scale and shift crops, and their T with them (equation 8).

    Args:
        crop: ``(B, 3, n, n)``.
        params: ``(B, 62)`` raw.
        roll: ``(B,)`` radians, counter-clockwise in crop space; scale: ``(B,)``; shift: ``(B, 2)`` in
            crop pixels, y up.
        size: side of the crops returned; the parameters stay in pixels of the full crop.

    Returns:
        The crops resampled, and the parameters of the same faces in them.
    """
    full = crop.shape[-1]
    cosine, sine = roll.cos(), roll.sin()
    # The face's T is multiplied by s R and moved; every output pixel looks back through its inverse.
    back = (
        torch.stack([torch.stack([cosine, sine], -1), torch.stack([-sine, cosine], -1)], 1)
        / scale[:, None, None]
    )
    half = shift * (2 / full)
    offset = -(back @ half[:, :, None])
    flip = torch.tensor([1.0, -1.0], device=crop.device)  # grids count y down
    matrix = torch.cat([back * flip[:, None] * flip, offset * flip[:, None]], dim=2)
    grid = functional.affine_grid(matrix, [len(crop), 3, size, size], align_corners=False)
    moved = functional.grid_sample(
        crop, grid.to(crop.dtype), padding_mode="border", align_corners=False
    )
    transform = params[:, :N_POSE].reshape(-1, 3, 4)
    zero, one = torch.zeros_like(cosine), torch.ones_like(cosine)
    turn = torch.stack(
        [
            torch.stack([cosine, -sine, zero], -1),
            torch.stack([sine, cosine, zero], -1),
            torch.stack([zero, zero, one], -1),
        ],
        1,
    )
    transform = scale[:, None, None] * (turn @ transform)
    transform[:, :2, 3] += shift
    return moved, torch.cat([transform.reshape(-1, N_POSE), params[:, N_POSE:]], dim=1)


def augment(crop: Tensor, params: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Vary normalised crops ``(B, 3, n, n)`` and their raw parameters ``(B, 62)`` at random.

    Returns:
        Crops ``(B, 3, size, size)``, and the parameters of the same faces, still in pixels of the
        full crop.
    """
    count, device, full = len(crop), crop.device, crop.shape[-1]

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, device=device)

    roll = (normal(count) * MAX_ROLL / 2).clamp(-MAX_ROLL, MAX_ROLL)
    scale = (normal(count) * LOG_SCALE).exp()
    shift = normal(count, 2) * (SHIFT * full)
    crop, params = in_plane(crop, params, roll, scale, shift, size)
    contrast = (normal(count, 1, 1, 1) * 0.12).exp()
    tint = normal(count, 3, 1, 1) * 0.05 + normal(count, 1, 1, 1) * 0.08
    crop = crop * contrast + tint
    grey = (torch.rand(count, 1, 1, 1, device=device) < GREY_CHANCE).to(crop.dtype)
    crop = crop + grey * (crop.mean(dim=1, keepdim=True) - crop)
    crop = crop + normal(*crop.shape) * (torch.rand(count, 1, 1, 1, device=device) ** 2 * NOISE * 2)
    crop = _hide(crop).clamp(-1, 1)
    return crop.contiguous(memory_format=torch.channels_last), params


def _hide(crop: Tensor) -> Tensor:
    """Put a rectangle of one colour over some of the crops."""
    count, _, size, _ = crop.shape
    device = crop.device
    place = torch.rand(count, 2, device=device) * size
    reach = torch.rand(count, 2, device=device) * (size * 0.18) + size * 0.04
    reach = reach * (torch.rand(count, 1, device=device) < PATCH_CHANCE)
    line = torch.arange(size, device=device)
    down = (line - place[:, :1]).abs() < reach[:, :1]
    across = (line - place[:, 1:]).abs() < reach[:, 1:]
    mask = (down[:, None, :, None] & across[:, None, None, :]).to(crop.dtype)
    colour = torch.rand(count, 3, 1, 1, device=device) * 2 - 1
    return crop + mask * (colour - crop)
